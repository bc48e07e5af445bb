"""Ours over HTTP: `make run`'s server, with a client that follows redirects to large answers."""

import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from urllib3 import encode_multipart_formdata

from bench.processes import ROOT

START_SECONDS = 120


class LocalServer:
    """A new server on a free port."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            ready = Path(folder, "ready.json")
            command = [sys.executable, "-m", "local", "--port", "0", "--ready-file", str(ready)]
            command += ["--parameter", "MonthlyQuota=1000000"]
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            deadline = time.monotonic() + START_SECONDS
            while not ready.exists():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise RuntimeError("the local server did not start: see what `make run` says")
                time.sleep(0.05)
            facts = json.loads(ready.read_text())
        self.url, self.key = str(facts["url"]), str(facts["api_key"])
        self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)

    def milliseconds(self, file: Path) -> float:
        """From the file to the whole answer."""
        content = file.read_bytes()
        started = time.perf_counter()
        body, content_type = encode_multipart_formdata({"file": (file.name, content, "application/dicom")})
        headers = {"Authorization": f"ApiKey {self.key}", "Content-Type": content_type}
        self._connection.request("POST", "/api/dicom/read/file/", body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status == 303:
            text = _fetch(str(answer.headers["Location"]))
        images = json.loads(text).get("Images")
        if not images or not all(images):
            raise RuntimeError(f"{file.name}: {answer.status} {text[:200]!r}")
        return (time.perf_counter() - started) * 1000

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def _fetch(url: str) -> bytes:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=120)
    connection.request("GET", f"{address.path}?{address.query}")
    content = connection.getresponse().read()
    connection.close()
    return content
