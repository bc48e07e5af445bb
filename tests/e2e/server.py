"""Where the API is served, and the local server as a user starts it: `python -m local`, a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 120  # it takes five; a machine under load is not a failure
END_SECONDS = 20


class Server:
    """An address where the API is served. `facts` are what is known of it: url, aws_endpoint_url, …

    Those of a deployed stack also have `names` (its resources', by what the template calls them) and `parameters`.
    """

    def __init__(self, ready_file: Path) -> None:
        self.facts: dict[str, Any] = json.loads(ready_file.read_text())
        self.url: str = self.facts["url"]


def find_names_of_this_machine() -> None:
    """*.localhost is this machine (RFC 6761), but not every resolver says so; a stack's address may be such a name."""
    find = socket.getaddrinfo

    def find_here(host: Any, *others: Any, **named: Any) -> Any:
        return find("localhost" if str(host).endswith(".localhost") else host, *others, **named)

    socket.getaddrinfo = find_here


class LocalServer(Server):
    """A running server. `facts` are what it told when it was ready: url, email, password, api_key, sample, …

    `directory` is where it may write these, `arguments` are for `python -m local`, `terminal` is its standard input.
    """

    def __init__(
        self, directory: Path, *arguments: str, environment: dict[str, str] | None = None, terminal: int | None = None
    ) -> None:
        ready_file = directory / "ready.json"
        self._lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "--port", "0", "--ready-file", str(ready_file), *arguments],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail("The server did not start:\n" + self.log())
            time.sleep(0.02)
        super().__init__(ready_file)

    def log(self) -> str:
        """All that the server has written so far."""
        return "".join(self._lines)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ends the server and gives its exit code, once every process that it started is gone as well."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(END_SECONDS)
        self._wait_for_all()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._wait_for_all()

    def _wait_for_all(self) -> None:
        # Its workers write into the same pipe, which ends when the last of them has.
        self._reader.join(END_SECONDS)
        assert not self._reader.is_alive(), "a worker is left behind"

    def _read_log(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self._lines.append(line)
