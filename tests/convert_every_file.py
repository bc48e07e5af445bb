"""Converts every file of the reference table to every transfer syntax and back, and compares the stored values.

DCMTK and GDCM decode what they can, too. Run it by hand; it takes some ten minutes, and needs Debian's dcmtk and
libgdcm-tools:

    python tests/convert_every_file.py
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom import dcmread

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from imaging.conversion.targets import TARGETS
from problems import Problem
from tests.converted import converted, difference, needs_loss, stored
from tests.unit.test_reference import PATHS

# The programs that turn a transfer syntax into an uncompressed one.
GDCM = ["gdcmconv", "--raw"]
DECODERS = {
    "implicit": [["dcmconv"], GDCM],
    "explicit": [["dcmconv"], GDCM],
    "big-endian": [["dcmconv"], GDCM],
    "deflated": [["dcmconv"], GDCM],
    "rle": [["dcmdrle"], GDCM],
    "jpeg-lossless": [["dcmdjpeg"], GDCM],
    "jpeg-ls": [["dcmdjpls"], GDCM],
    "j2k": [GDCM],
}
PYDICOM_READS = ("implicit", "explicit", "deflated", "rle")  # without further packages


def seen_by_others(content: bytes, name: str) -> Iterator[tuple[str, str]]:
    """Each program that reads it, and what it sees otherwise; "" if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file.dcm").write_bytes(content)
        for command in DECODERS.get(name, []):
            raw = Path(folder, f"{command[0]}.dcm")
            ended = subprocess.run([*command, f"{folder}/file.dcm", str(raw)], check=False, capture_output=True)
            if ended.returncode or not raw.exists():
                yield command[0], "does not read it"
            else:
                yield command[0], difference(content, raw.read_bytes())
    if name in PYDICOM_READS:
        yield "pydicom", seen_by_pydicom(content)


def seen_by_pydicom(content: bytes) -> str:
    """Bits beside the values are theirs to pydicom, and YBR_FULL becomes RGB."""
    dataset = dcmread(BytesIO(content))
    try:
        seen = dataset.pixel_array
    except Exception:
        return "does not read it"
    values, photometrics = zip(*stored(content), strict=True)
    if photometrics[0].startswith("YBR") or dataset.get("HighBit", 0) + 1 != dataset.get("BitsStored", 1):
        return ""
    own = np.squeeze(np.stack(values))
    if seen.dtype.kind == "f":
        return "" if np.array_equal(seen.squeeze(), own, equal_nan=True) else "other values"
    mask = (1 << dataset.BitsStored) - 1
    return "" if np.array_equal(seen.squeeze().astype(np.int64) & mask, own.astype(np.int64) & mask) else "other values"


def what_is_wrong(content: bytes, there: bytes, name: str, counts: Counter[str]) -> str:
    """What the converted file, and the file that was converted back from it, have that is not the same."""
    if needs_loss(TARGETS[name]):
        counts["with loss"] += 1
        return "" if len(list(stored(there))) == len(list(stored(content))) else "another number of frames"
    counts["without loss"] += 1
    for who, wrong in seen_by_others(there, name):
        counts[f"{who}: {wrong or 'the same'}"] += 1
        if wrong and wrong != "does not read it":
            print(f"{who} sees {name} otherwise: {wrong}")  # noqa: T201
    return difference(content, there) or difference(content, converted(there, TARGETS["explicit"]))


def main() -> int:
    counts: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    wrong = 0
    for path in PATHS.values():
        content = path.read_bytes()
        try:
            if not list(stored(content)):
                continue
        except Problem:
            counts["unreadable"] += 1
            continue
        print(path.name, flush=True)  # noqa: T201
        for name, uid in TARGETS.items():
            started = time.perf_counter()
            try:
                there = converted(content, uid)
                why = what_is_wrong(content, there, name, counts)
            except Problem as problem:
                refusals[f"{name}: {problem.message}"] += 1
                continue
            seconds[name] += round(time.perf_counter() - started)
            wrong += bool(why)
            if why:
                print(f"WRONG: {path.name} to {name}: {why}")  # noqa: T201
    for reason, count in refusals.most_common():
        print(count, reason)  # noqa: T201
    print(f"{dict(counts)}, {refusals.total()} refused, {wrong} wrong; seconds: {dict(seconds)}")  # noqa: T201
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
