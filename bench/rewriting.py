"""De-identifying and converting: our functions beside Orthanc, DCMTK's and GDCM's programs, and the bare codecs."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

import pydicom

from bench.inputs import Input
from bench.orthanc import Orthanc
from bench.processes import NotMeasured, Process
from bench.rounds import Times, measure, ratio

SAFE = ("CT, raw", "CT, JPEG-LS", "Mammogram, raw", "Ultrasound, JPEG")
SHAPES = ("CT, raw", "Mammogram, raw", "Angiogram, raw", "Ultrasound, raw")
# By target: its UID, and DCMTK's and GDCM's programs for it, where they have one.
TARGETS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "jpeg-lossless": ("1.2.840.10008.1.2.4.70", ("dcmcjpeg", "+e1"), ("gdcmconv", "--jpeg")),
    "jpeg-ls": ("1.2.840.10008.1.2.4.80", ("dcmcjpls", "+el"), ("gdcmconv", "--jpegls")),
    "j2k": ("1.2.840.10008.1.2.4.90", (), ("gdcmconv", "--j2k")),
    "htj2k": ("1.2.840.10008.1.2.4.201", (), ()),
}


def deidentifying(files: list[Input], rounds: int) -> Iterator[str]:
    """The lines of a table."""
    yield f"{'de-identify, ms':29}{'ours':>9}{'±':>5}{'Orthanc':>10}{'x':>6}"
    with closing(Process("ours", "deidentify")) as ours, closing(Orthanc()) as orthanc:
        for file in (file for file in files if file.name in SAFE):
            _check(ours, file)
            runs = {"ours": partial(ours.milliseconds, file.path), "Orthanc": partial(orthanc.anonymized, file.path)}
            times = measure(runs, rounds)
            yield f"{file.name:29}{_ours(times)}{_peer(times, 'Orthanc')}"


def converting(files: list[Input], rounds: int) -> Iterator[str]:
    """The lines of a table. `of raw`: the size of the new file beside the uncompressed one's."""
    yield (
        f"{'convert, ms':29}{'ours':>9}{'±':>5}{'floor':>10}{'x':>6}{'Orthanc':>10}{'x':>6}{'DCMTK':>10}{'x':>6}"
        f"{'GDCM':>10}{'x':>6}{'of raw':>8}"
    )
    for target, (uid, dcmtk, gdcm) in TARGETS.items():
        with (
            closing(Process("ours", "convert", target)) as ours,
            closing(Process("floor", "convert", target)) as floor,
            closing(Orthanc()) as orthanc,
        ):
            for file in (file for file in files if file.name in SHAPES):
                size = _check(ours, file, uid)
                floor.milliseconds(file.path)
                runs = {
                    "ours": partial(ours.milliseconds, file.path),
                    "floor": partial(floor.milliseconds, file.path),
                    "Orthanc": partial(orthanc.transcoded, file.path, uid),
                    "DCMTK": partial(_program, dcmtk, file.path),
                    "GDCM": partial(_program, gdcm, file.path),
                }
                times = measure(runs, rounds)
                of_raw = size / file.path.stat().st_size
                peers = "".join(_peer(times, name) for name in ("Orthanc", "DCMTK", "GDCM"))
                name = f"{file.name.removesuffix(', raw')} to {target}"
                floor_ratio = f"{times['floor'].median:10.1f}{ratio(times['ours'], times['floor']):6.2f}"
                yield f"{name:29}{_ours(times)}{floor_ratio}{peers}{of_raw:8.0%}"


def _check(ours: Process, file: Input, transfer_syntax: str = "") -> int:
    """Has the file made once, and looks at it. Returns its size."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.dcm")
        ours.run(file.path, made)
        dataset = pydicom.dcmread(made, stop_before_pixels=True)
        assert transfer_syntax in ("", dataset.file_meta.TransferSyntaxUID)
        return made.stat().st_size


def _program(command: tuple[str, ...], file: Path) -> float:
    """A program's whole run, of which its start is some 10 ms."""
    if not command:
        raise NotMeasured("none")
    if not shutil.which(command[0]):
        raise NotMeasured("not installed")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run = subprocess.run([*command, str(file), f"{folder}/made.dcm"], capture_output=True, check=False)  # noqa: S603
        milliseconds = (time.perf_counter() - started) * 1000
    if run.returncode:
        raise NotMeasured("refuses")
    return milliseconds


def _ours(times: Mapping[str, Times]) -> str:
    return f"{times['ours'].median:9.1f}{times['ours'].spread / 2:5.0%}"


def _peer(times: Mapping[str, Times], name: str) -> str:
    theirs = times[name]
    if not theirs.rounds:
        return f"{theirs.why[:9]:>10}{'':6}"
    return f"{theirs.median:10.1f}{ratio(theirs, times['ours']):6.2f}"
