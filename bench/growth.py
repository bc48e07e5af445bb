"""How time and memory grow: with the number of frames in the function, and with a file's size over HTTP."""

import math
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench import pictures
from bench.dicom_files import ANGIOGRAPHY, dicom_file
from bench.encoders import SYNTAXES
from bench.inputs import Input, films_to_grow
from bench.local_server import LocalServer
from bench.processes import PEERS, Process
from dicom_api import Client

MEGABYTES = (1, 10, 100, 1000, 2000)  # the client sends the first at once and stages the others
MB = 1_000_000


class Point(NamedTuple):
    """What was measured at one size: seconds, and the peak of resident memory in bytes."""

    size: float
    seconds: float
    peak: int


class Line(NamedTuple):
    """A program's points, by rising size."""

    name: str
    points: list[Point]


def by_frames(lines: list[Line]) -> Iterator[str]:
    """The lines of a table; what they are made of is added to `lines`. Each file has a fresh process."""
    yield f"{'frames of 512x512':22}{'file MB':>9}{'answer MB':>11}{'ours s':>9}{'MB':>8}{'weekend s':>12}{'MB':>8}"
    ours, weekend = Line("this API's function", []), Line("pydicom + Pillow", [])
    for film in films_to_grow():
        answer, own = _weighed(Process("ours"), film)
        _, theirs = _weighed(Process("weekend", python=PEERS), film)
        ours.points.append(own)
        weekend.points.append(theirs)
        yield (
            f"{film.frames:<22}{film.path.stat().st_size / MB:9.1f}{answer / MB:11.1f}{own.seconds:9.2f}"
            f"{own.peak / MB:8.0f}{theirs.seconds:12.2f}{theirs.peak / MB:8.0f}"
        )
    yield from _slopes((ours, weekend), "frames")
    lines += [ours, weekend]


def by_size(lines: list[Line]) -> Iterator[str]:
    """The lines of a table; what they are made of is added to `lines`.

    Small pictures of all frames, from the client's call to its answer, and the peak of the largest worker.
    """
    yield f"{'MB, uncompressed':22}{'frames':>9}{'s':>9}{'MB/s':>8}{'worker MB':>12}"
    line = Line("a staged file, over HTTP", [])
    frame = np.tile(pictures.angiogram(0), (2, 2))
    with closing(LocalServer()) as server, tempfile.TemporaryDirectory() as folder:
        client, file = Client(server.key, server.url), Path(folder, "film.dcm")

        def read(size: int) -> tuple[int, float]:
            """The number of frames, and seconds."""
            frames = size * MB // frame.nbytes or 1
            file.write_bytes(dicom_file(ANGIOGRAPHY, [frame] * frames, SYNTAXES["raw"]))
            started = time.perf_counter()
            answer = client.read(file, fields="Modality", return_format="jpeg", viewport=(64, 64))
            assert len(answer["Images"]) == frames
            return frames, time.perf_counter() - started

        for size in MEGABYTES[:2]:
            read(size)  # the processes start
        for size in MEGABYTES:
            frames, seconds = read(size)
            line.points.append(Point(size, seconds, _peak_of_workers()))
            yield f"{size:<22}{frames:9}{seconds:9.2f}{size / seconds:8.1f}{line.points[-1].peak / MB:12.0f}"
    yield from _slopes([line], "MB")
    lines.append(line)


def _weighed(process: Process, film: Input) -> tuple[int, Point]:
    """Size of the answer in bytes, and what reading took."""
    with closing(process), tempfile.TemporaryDirectory() as folder:
        process.run(film.path)  # loads what it needs
        told = process.run(film.path, answer := Path(folder, "answer.json"))
        return answer.stat().st_size, Point(film.frames, told["milliseconds"] / 1000, told["peak"])


def _slopes(lines: Sequence[Line], what: str) -> Iterator[str]:
    """By how much time and memory grow with the last tenfold: 1 is in proportion, 0 not at all."""
    for name, points in lines:
        first = next(point for point in points if point.size >= points[-1].size / 10)
        last, growth = points[-1], math.log(points[-1].size / first.size)
        time_, memory = math.log(last.seconds / first.seconds), math.log(last.peak / first.peak)
        span = f"from {first.size:g} to {last.size:g} {what}"
        yield f"slope {span}: time {time_ / growth:.2f}, memory {memory / growth:.2f} ({name})"


def _peak_of_workers() -> int:
    """The peak of resident memory that a process of the functions that read has had, in bytes (proc(5))."""
    peaks = [0]
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(process / "cwd").endswith(("functions/upload_worker", "functions/read")):
                peaks.append(int((process / "status").read_text().partition("VmHWM:")[2].split()[0]) * 1024)
    return max(peaks)
