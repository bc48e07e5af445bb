"""Decompresses generated files with DCMTK, GDCM and pydicom, and compares them with the uncompressed file.

Run it by hand; it takes ten seconds and needs Debian's dcmtk and libgdcm-tools:

    python tests/read_back_with_dcmtk_and_gdcm.py

DCMTK and Debian's GDCM do not know HTJ2K, so the unit tests decode that.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from imaging.secondary_capture import generate

DCMTK = {"none": "dcmconv", "jpeg": "dcmdjpeg", "jpeg-ls": "dcmdjpls", "rle": "dcmdrle"}


def image(pixels: NDArray[Any], file_format: str, **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, file_format, **options)
    return file.getvalue()


def files() -> Iterator[tuple[str, list[bytes]]]:
    rows, columns = np.mgrid[0:33, 0:47]
    frames = [np.stack([rows * 7, columns * 5, rows * number], axis=-1).astype(np.uint8) for number in range(3)]
    noise = np.random.default_rng(0).integers(0, 65536, (3, 33, 47, 3))
    yield "gray", [image(frame[..., 0], "PNG") for frame in frames]
    yield "16 bits", [image(frame[..., 0].astype(np.uint16), "PNG") for frame in noise]
    yield "colour", [image(frame.astype(np.uint8), "PNG") for frame in noise]
    yield "gray JPEG", [image(frame[..., 1], "JPEG") for frame in frames]
    yield "RGB JPEG", [image(frames[0], "JPEG", keep_rgb=True)]
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        yield f"{subsampling} JPEG", [image(frame, "JPEG", subsampling=subsampling) for frame in frames]


def samples(command: list[str]) -> NDArray[Any]:
    with tempfile.TemporaryDirectory() as folder:
        raw = f"{folder}/raw.dcm"
        subprocess.run([*command, raw], check=True)
        return dcmread(raw).pixel_array


def main() -> int:
    compared = different = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, images in files():
            for some in (images[:1], images):
                plain = dcmread(BytesIO(generate(some, {}))).pixel_array
                for compression, dcmtk in DCMTK.items():
                    if compression == "jpeg" and "JPEG" not in kind:
                        continue
                    path = f"{folder}/file.dcm"
                    Path(path).write_bytes(generate(some, {}, compression))
                    found = {"DCMTK": samples([dcmtk, path]), "GDCM": samples(["gdcmconv", "--raw", path])}
                    if compression in (
                        "none",
                        "rle",
                    ):  # the rest of the program needs packages that are not installed here
                        found["pydicom"] = dcmread(path).pixel_array
                    for who, pixels in found.items():
                        compared += 1
                        rounding = compression == "jpeg"  # ITU-T T.83 allows a decoder this difference
                        if not np.allclose(pixels.astype(int), plain.astype(int), rtol=0, atol=rounding):
                            different += 1
                            print(f"{who}: {kind}, {len(some)} frames, {compression}")  # noqa: T201
    print(f"{compared} compared, {different} different")  # noqa: T201
    return different > 0


if __name__ == "__main__":
    sys.exit(main())
