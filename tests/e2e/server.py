"""Servers of the API, such as the local one, started like a user's as `python -m local`."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCAL = (sys.executable, "-m", "local")
SECONDS = 120  # usually five to start, one to end; a slow machine must not fail a test


class Server:
    """An address where the API is served. `facts` describe it: url, aws_endpoint_url, …

    The facts of a deployed stack also have `names` (physical by logical id) and `parameters`.
    """

    def __init__(self, ready_file: Path) -> None:
        self.facts: dict[str, Any] = json.loads(ready_file.read_text())
        self.url: str = self.facts["url"]


def find_names_of_this_machine() -> None:
    """Resolves *.localhost to this machine (RFC 6761), which not every resolver does. Stacks have such names."""
    find = socket.getaddrinfo

    def find_here(host: Any, *others: Any, **named: Any) -> Any:
        return find("localhost" if str(host).endswith(".localhost") else host, *others, **named)

    socket.getaddrinfo = find_here


class Program:
    """A running command and its output. With `own_group`, signals to the tests do not reach it."""

    def __init__(self, *command: object, own_group: bool = False, **options: Any) -> None:
        self._kill = os.killpg if own_group else os.kill
        self._lines: list[str] = []
        self.process = subprocess.Popen(
            [*map(str, command)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0 if own_group else None,
            **options,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def log(self) -> str:
        """The output so far."""
        return "".join(self._lines)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not happened():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail("It did not come to what was waited for:\n" + self.log())
            time.sleep(0.02)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ends it, waits for all processes that it has started, and returns its exit code."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._wait_for_all()
        return code

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._wait_for_all()

    def _wait_for_all(self) -> None:
        # Its children write into the same pipe, which closes when the last of them ends.
        self._reader.join(SECONDS)
        assert not self._reader.is_alive(), "a worker is left behind"

    def _read_log(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self._lines.append(line)


class LocalServer(Program, Server):
    """A running server. `facts` are those of its ready file: url, email, password, api_key, sample, …

    `directory` is for the ready file, `arguments` are for `python -m local`, `terminal` is its standard input.
    """

    def __init__(
        self, directory: Path, *arguments: str, environment: dict[str, str] | None = None, terminal: int | None = None
    ) -> None:
        ready_file = directory / "ready.json"
        command = (*LOCAL, "--port", "0", "--ready-file", ready_file, *arguments)
        Program.__init__(self, *command, env=os.environ | (environment or {}), stdin=terminal)
        self.wait_until(ready_file.exists)
        Server.__init__(self, ready_file)


def children(process: int) -> Iterator[int]:
    """The ids of all descendants of this process."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        # A process may end meanwhile. Its name, in parentheses, may contain any characters.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    started = [process]
    for parent in started:
        own = [child for child, its_parent in parents.items() if its_parent == parent]
        started += own
        yield from own
