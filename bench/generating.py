"""Generating: functions/generate compared with only decoding the picture and base64."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pydicom

from bench.inputs import pictures_to_generate
from bench.processes import Process
from bench.rounds import measure, ratio


def generating(rounds: int) -> Iterator[str]:
    """The lines of a table."""
    yield f"{'generate, ms':32}{'ours':>9}{'±':>5}{'floor':>10}{'x':>6}{'file kB':>9}"
    with closing(Process("ours", "generate")) as ours, closing(Process("floor", "generate")) as floor:
        for file in pictures_to_generate():
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder, "made.dcm")
                told = ours.run(file.path, made)
                assert told["calls"][:2] == ["GetItem", "UpdateItem"], told["calls"]
                assert pydicom.dcmread(made).pixel_array.size
                size = made.stat().st_size
            floor.milliseconds(file.path)
            runs = {"ours": partial(ours.milliseconds, file.path), "floor": partial(floor.milliseconds, file.path)}
            times = measure(runs, rounds)
            yield (
                f"{file.name:32}{times['ours'].median:9.2f}{times['ours'].spread / 2:5.0%}"
                f"{times['floor'].median:10.2f}{ratio(times['ours'], times['floor']):6.2f}{size / 1000:9.0f}"
            )
