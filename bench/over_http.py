"""End to end: our local server and Orthanc over HTTP, with files that fit into a direct upload."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from multiprocessing import SimpleQueue
from pathlib import Path

import pydicom
from pydicom.uid import UID

from bench.inputs import Input
from bench.local_server import LocalServer
from bench.orthanc import Orthanc
from bench.processes import NotMeasured, Program
from bench.rounds import geometric_mean, measure, ratio
from local import limits

CLIENTS = (1, 2, 4, 8)
SECONDS = 5  # of requests, for each number of clients


def over_http(files: list[Input], rounds: int) -> Iterator[str]:
    """The lines of a table."""
    yield f"{'over HTTP, ms':32}{'ours':>9}{'±':>5}{'Orthanc':>10}{'x':>6}"
    ratios = []
    with closing(LocalServer()) as ours, closing(Orthanc()) as orthanc:
        for file in files:
            if file.path.stat().st_size > limits.DIRECT_FILE:
                continue
            ours.milliseconds(file.path)  # the function's process starts, as a cold start would
            runs = {
                "ours": partial(ours.milliseconds, file.path),
                "Orthanc": partial(orthanc.milliseconds, file.path),
            }
            times = measure(runs, rounds)
            line = f"{file.name:32}{times['ours'].median:9.1f}{times['ours'].spread / 2:5.0%}"
            if times["Orthanc"].rounds:
                ratios.append(ratio(times["Orthanc"], times["ours"]))
                line += f"{times['Orthanc'].median:10.1f}{ratios[-1]:6.2f}"
            else:
                line += f"{times['Orthanc'].why:>16}"
            yield line
    if ratios:
        yield f"{'geometric mean':56}{geometric_mean(ratios):6.2f}"


def throughput(files: list[Input]) -> Iterator[str]:
    """The lines of a table: files in a second, with several clients at once, each a process of its own."""
    yield f"{'files in a second':32}" + "".join(f"{f'{clients} clients':>12}" for clients in CLIENTS)
    with closing(LocalServer()) as ours, closing(Orthanc()) as orthanc, tempfile.TemporaryDirectory() as folder:
        for file in files:
            copies = _copies(file.path, Path(folder))
            for name, server in (("ours", ours), ("Orthanc", orthanc)):
                try:
                    server.milliseconds(file.path)
                except NotMeasured:
                    continue
                rates = [_rate(server, copies[:clients]) for clients in CLIENTS]
                yield f"{f'{file.name}: {name}':32}" + "".join(f"{rate:12.1f}" for rate in rates)


def _copies(file: Path, folder: Path) -> list[Path]:
    """One file per client, each an instance of its own, because Orthanc stores an instance only once."""
    dataset, copies = pydicom.dcmread(file), []
    for number in range(max(CLIENTS)):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.{100 + number}")
        copies.append(folder / f"{number}.dcm")
        dataset.save_as(copies[-1])
    return copies


def _rate(server: Program, files: Sequence[Path]) -> float:
    """Files in a second, with a client for each of `files`."""
    context = multiprocessing.get_context("fork")
    done = context.SimpleQueue()
    clients = [context.Process(target=_ask, args=(server, file, done)) for file in files]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    rates: list[float] = [done.get() for _ in clients]
    return sum(rates)


def _ask(server: Program, file: Path, done: "SimpleQueue[float]") -> None:
    """Puts the files per second that this client read."""
    started, times = time.monotonic(), 0
    while time.monotonic() < started + SECONDS:
        server.milliseconds(file)
        times += 1
    done.put(times / (time.monotonic() - started))
