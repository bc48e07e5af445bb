"""End to end: our local server and Orthanc over HTTP, with files that fit into a direct upload."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from bench.inputs import Input
from bench.local_server import LARGEST_UPLOAD, LocalServer
from bench.orthanc import Orthanc
from bench.rounds import geometric_mean, measure, ratio


def over_http(files: list[Input], rounds: int) -> Iterator[str]:
    """The lines of a table."""
    yield f"{'over HTTP, ms':32}{'ours':>9}{'±':>5}{'Orthanc':>10}{'x':>6}"
    ratios = []
    with closing(LocalServer()) as ours, closing(Orthanc()) as orthanc:
        for file in files:
            if file.path.stat().st_size > LARGEST_UPLOAD:
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
