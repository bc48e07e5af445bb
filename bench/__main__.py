"""Prints what one read costs, file by file: ours, and the weekend program's where its decoders can read the file."""

import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from bench import weekend
from bench.inputs import inputs
from imaging.options import ReadOptions
from imaging.read import read

ROUNDS = 5


def ours(content: bytes) -> bytes:
    return orjson.dumps(read("file.dcm", content, ReadOptions()))


def milliseconds(program: Callable[[bytes], bytes], content: bytes) -> float:
    gc.collect()
    started = time.perf_counter()
    program(content)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    ratios = []
    print(f"{'':40} {'ours ms':>9} {'weekend ms':>11} {'ratio':>7} {'PNG bytes':>10}")
    for name, content in inputs().items():
        answer = json.loads(ours(content))
        size = sum(len(image) for image in answer["Images"]) * 3 // 4
        assert all(answer["Images"])
        try:
            weekend.read(content)
        except RuntimeError:  # pydicom has no decoder for it here
            own = statistics.median(milliseconds(ours, content) for _ in range(ROUNDS))
            print(f"{name:40} {own:9.1f} {'no decoder':>11} {'':7} {size:10}")
            continue
        # In turn, so that both see the machine as it is at the moment.
        pairs = [(milliseconds(ours, content), milliseconds(weekend.read, content)) for _ in range(ROUNDS)]
        own, other = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratios.append(statistics.median(theirs / mine for mine, theirs in pairs))
        print(f"{name:40} {own:9.1f} {other:11.1f} {ratios[-1]:7.1f} {size:10}")
    print(f"geometric mean of the ratios: {math.exp(statistics.fmean(map(math.log, ratios))):.1f}")


if __name__ == "__main__":
    main()
