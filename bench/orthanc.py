"""Orthanc (Debian's package), over HTTP: a file uploaded, what is wanted of it fetched, and deleted."""

import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.processes import NotMeasured

START_SECONDS = 30
GDCM = Path("/usr/share/orthanc/plugins/libOrthancGdcm.so")  # the plugin for JPEG 2000, which Debian's Orthanc lacks


class Orthanc:
    """A new and empty server, started with the first file."""

    def __init__(self) -> None:
        self._program = shutil.which("Orthanc")
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None

    def milliseconds(self, file: Path) -> float:
        """A file's tags and every frame's picture. Raises NotMeasured."""

        def read(instance: str) -> None:
            json.loads(self._ask("GET", f"/instances/{instance}/simplified-tags"))
            for frame in json.loads(self._ask("GET", f"/instances/{instance}/frames")):
                self._ask("GET", f"/instances/{instance}/frames/{frame}/rendered")

        return self._flow(file, read)

    def anonymized(self, file: Path) -> float:
        """A file without who the patient is. Raises NotMeasured."""
        return self._flow(file, lambda instance: self._made(instance, "anonymize", {"Force": True}))

    def transcoded(self, file: Path, transfer_syntax: str) -> float:
        """A file in another transfer syntax. Raises NotMeasured."""
        wanted = {"Transcode": transfer_syntax, "Keep": ["SOPInstanceUID"], "Force": True}
        return self._flow(file, lambda instance: self._made(instance, "modify", wanted))

    def _made(self, instance: str, how: str, wanted: dict[str, Any]) -> None:
        self._ask("POST", f"/instances/{instance}/{how}", json.dumps(wanted).encode())

    def _flow(self, file: Path, work: Callable[[str], None]) -> float:
        if self._program is None:
            raise NotMeasured("not installed")
        if self._process is None:
            self._process, self._connection = self._start(self._program)
        content = file.read_bytes()
        # One connection for the whole flow. Orthanc closes a connection that waits for half a second.
        self._connection.close()
        self._connection.connect()
        started = time.perf_counter()
        try:
            instance = json.loads(self._ask("POST", "/instances", content))["ID"]
            try:
                work(instance)
            finally:
                self._ask("DELETE", f"/instances/{instance}")
        except (http.client.HTTPException, ConnectionError):
            self._end()
            raise NotMeasured("crashes") from None
        return (time.perf_counter() - started) * 1000

    @property
    def versions(self) -> list[str]:
        """The version that is installed."""
        if self._program is None:
            return []
        told = subprocess.run([self._program, "--version"], capture_output=True, check=True, text=True)  # noqa: S603
        return ["Orthanc " + told.stdout.split()[1]]

    def close(self) -> None:
        self._end()
        self._folder.cleanup()

    def _end(self) -> None:
        if self._process:
            self._connection.close()
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self._connection.request(method, path, body, {"Accept": "image/png"} if path.endswith("rendered") else {})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            self._connection.close()  # as Orthanc does, without saying so; the next request opens another
            raise NotMeasured("no decoder" if path.endswith("rendered") else f"{method} {answer.status}")
        return content

    def _start(self, program: str) -> tuple[subprocess.Popen[bytes], http.client.HTTPConnection]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {
            "StorageDirectory": self._folder.name,
            "IndexDirectory": self._folder.name,
            "HttpPort": port,
            "DicomServerEnabled": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "KeepAlive": True,
            "TcpNoDelay": True,
            "Plugins": [str(GDCM)] if GDCM.exists() else [],
            "Gdcm": {"RestrictTransferSyntaxes": ["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"]},
        }
        configuration = Path(self._folder.name, "orthanc.json")
        configuration.write_text(json.dumps(settings))
        process = subprocess.Popen(  # noqa: S603
            [program, str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection.connect()
            except ConnectionRefusedError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotMeasured("did not start") from None
                time.sleep(0.05)
            else:
                return process, connection
