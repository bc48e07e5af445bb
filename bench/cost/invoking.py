"""A built function, invoked under the processor that a memory size buys."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cost.processor import UNLIMITED, Processor
from bench.processes import ROOT


class Invoked:
    """One execution environment: initialised with the whole machine, as Lambda does, then limited."""

    def __init__(self, python: str, environment: dict[str, str]) -> None:
        self._processor = Processor()
        self._folder = tempfile.TemporaryDirectory()
        started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            [python, "-P", "-m", "bench.cost.invoked"],
            env=environment,
            cwd=self._folder.name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n", "the function could not be loaded, see above"
        self.init_milliseconds = (time.perf_counter() - started) * 1000
        self._processor.take(self._process.pid)

    def invoke(self, event: dict[str, Any], memory: int = UNLIMITED) -> tuple[dict[str, Any], dict[str, Any]]:
        """The function's answer, and what it took (see invoked.py)."""
        path = Path(self._folder.name, "event.json")
        path.write_text(json.dumps(event))
        self._processor.limit(memory)
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the function ended, see above"
        took = json.loads(line)
        return json.loads(path.with_suffix(".answer").read_bytes()), took

    def close(self) -> None:
        self._processor.limit(UNLIMITED)
        self._process.communicate()
        self._processor.close()
        self._folder.cleanup()


def environment(variables: dict[str, str], function: Path, layers: list[Path]) -> dict[str, str]:
    """`variables`, with what leads Python to the built function and its layers."""
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(map(str, (function, *layers, ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
