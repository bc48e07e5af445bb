"""Starts programs with bench.served, and talks to them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers/bin/python"


class Program(Protocol):
    """What is measured."""

    def milliseconds(self, file: Path) -> float:
        """One run. Raises NotMeasured."""

    def close(self) -> None:
        """Ends the program."""


class NotMeasured(Exception):
    """The program can't do this file, or is not installed. The message says which, in a word or two."""


class Process:
    """One program, which is started at its first use, and again after it has failed."""

    def __init__(self, module: str, *work: str, python: Path = Path(sys.executable)) -> None:
        """`work`: what it does, "read" by default, and more arguments for that."""
        self._command = [str(python), "-m", "bench.served", module, *(work or ("read",))]
        self._process: subprocess.Popen[str] | None = None

    def milliseconds(self, file: Path) -> float:
        """One run. Raises NotMeasured."""
        return float(self.run(file)["milliseconds"])

    def run(self, file: Path, answer: Path | None = None) -> dict[str, Any]:
        """One run: `milliseconds`, and what else the program tells. Its answer goes into the file `answer`."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{file} > {answer}\n" if answer else f"{file}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            _, error = self._process.communicate()
            self._process = None
            last = error.strip().rpartition("\n")[2]
            if not last.startswith("NotImplementedError"):  # pydicom raises this for a missing decoder
                raise RuntimeError(f"{' '.join(self._command)} ended:\n{error}")
            raise NotMeasured("no decoder")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        if self._process:
            self._process.communicate()
            self._process = None
