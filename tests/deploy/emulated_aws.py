"""MiniStack, an emulated AWS, in a process of its own. It runs functions in further processes."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests

from local import aws_endpoint

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".venv-ministack"  # by the Makefile
SECONDS = 120  # usually one; a slow machine must not fail a test


class MiniStack:
    """MiniStack, served at `url` with AWS's permissions and TLS. It writes only into `directory`."""

    def __init__(self, directory: Path) -> None:
        self._log = directory / "ministack.log"
        (temporary := directory / "tmp").mkdir()
        self._certificate = temporary / "ministack-tls" / "server.crt"  # its own
        port = _free_port()
        self.url = f"https://127.0.0.1:{port}"
        python = _bare_python(directory / "python")
        (packages,) = INSTALLED.glob("lib/python*/site-packages")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-P", Path(__file__).with_name("ministack_changes.py"), packages],
                env={
                    "PATH": os.environ["PATH"],
                    "TMPDIR": str(temporary),
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(port),
                    "USE_SSL": "1",
                    "AUTH": "true",
                    "IOT_MTLS_ENABLED": "0",  # it would take a fixed port
                    # Credentials that may do everything.
                    **{name: value for name, value in aws_endpoint.environment(self.url).items() if "KEY" in name},
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it ends together with all that it starts
            )
        self._wait()

    def environment(self) -> dict[str, str]:
        """The environment variables that lead this process and its children to this AWS."""
        trusting = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        return aws_endpoint.environment(self.url) | dict.fromkeys(trusting, str(self._certificate))

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(SECONDS)

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("MiniStack did not start:\n" + self.log(), pytrace=False)
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/_ministack/health", verify=str(self._certificate), timeout=SECONDS).ok
        except OSError:  # there is no certificate yet, or nothing listens
            return False


def _bare_python(directory: Path) -> Path:
    """MiniStack's Python version, without packages."""
    subprocess.run([INSTALLED / "bin" / "python", "-m", "venv", "--without-pip", directory], check=True)
    return directory / "bin" / "python"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
