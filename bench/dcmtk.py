"""DCMTK (Debian's package): dcmdump for the metadata, and the converter for the file's transfer syntax for its PNGs."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pydicom

from bench.processes import NotMeasured

CONVERTERS = {
    "1.2.840.10008.1.2.4.8": "dcml2pnm",
    "1.2.840.10008.1.2.4.5": "dcmj2pnm",
    "1.2.840.10008.1.2.4.7": "dcmj2pnm",
}


class Dcmtk:
    def milliseconds(self, file: Path) -> float:
        """Both commands, one after the other. Raises NotMeasured."""
        dataset = pydicom.dcmread(file, stop_before_pixels=True)
        converter = CONVERTERS.get(dataset.file_meta.TransferSyntaxUID[:21], "dcm2pnm")
        if not shutil.which(converter):
            raise NotMeasured("not installed")
        window = ["--use-window", "1"] if "WindowCenter" in dataset else []
        if not window and dataset.SamplesPerPixel == 1:
            window = ["--min-max-window"]
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            self._run(["dcmdump", str(file)])
            self._run([converter, "--write-png", "--all-frames", *window, str(file), f"{folder}/picture"])
            milliseconds = (time.perf_counter() - started) * 1000
            if len(list(Path(folder).iterdir())) != int(dataset.get("NumberOfFrames", 1)):
                raise NotMeasured("no decoder")
        return milliseconds

    @property
    def versions(self) -> list[str]:
        """The version that is installed."""
        return (
            [f"DCMTK {self._run(['dcmdump', '--version']).split()[2].decode().removeprefix('v')}"]
            if shutil.which("dcmdump")
            else []
        )

    def close(self) -> None:
        pass

    def _run(self, command: list[str]) -> bytes:
        ended = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        if ended.returncode:
            raise NotMeasured("no decoder")
        return ended.stdout
