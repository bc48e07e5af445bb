"""The local server as a user starts it: `python -m local`, a process of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 120  # it takes five; a machine under load is not a failure
END_SECONDS = 20


class Server:
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
        self.facts: dict[str, str] = json.loads(ready_file.read_text())
        self.url = self.facts["url"]

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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The project's own template, on one server for all tests."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    assert running.end() == 0
    assert "Traceback" not in running.log()


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """`start_server(MonthlyQuota=5)` starts one more, with other parameters of the template, for one test."""
    running = []

    def start(**parameters: object) -> Server:
        given = [f"--parameter={name}={value}" for name, value in parameters.items()]
        running.append(Server(tmp_path_factory.mktemp("server"), *given))
        return running[-1]

    yield start
    for server in running:
        server.kill()


@pytest.fixture(scope="session")
def small_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of small_api/, whose functions do what tests of the local server ask of them."""
    return shutil.copytree(Path(__file__).parent / "small_api", tmp_path_factory.mktemp("small") / "api")


@pytest.fixture(scope="session")
def outside() -> Iterator[socket.socket]:
    """A place outside the server, which nothing of it has a reason to call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="session")
def small_server(small_api: Path, outside: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serves `small_api`, where a user has set up AWS, a proxy and SAM CLI's telemetry."""
    address = "http://{}:{}".format(*outside.getsockname())
    home = tmp_path_factory.mktemp("home")
    running = Server(
        tmp_path_factory.mktemp("server"),
        f"--template={small_api / 'template.yaml'}",
        "--parameter=Colour=blue",
        environment={
            "HOME": str(home),
            "AWS_PROFILE": "production",
            "AWS_ACCESS_KEY_ID": "AKIAREAL",
            "MY_SECRET": "real",
            "HTTP_PROXY": address,
            "http_proxy": address,
            "SAM_CLI_TELEMETRY": "1",
            "__SAM_CLI_TELEMETRY_ENDPOINT_URL": address,
        },
    )
    yield running
    assert running.end() == 0
    assert list(home.iterdir()) == []
