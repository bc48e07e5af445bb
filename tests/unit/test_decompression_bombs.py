"""Small files with huge pictures: each fits into a function's memory or is refused."""

import os
import random
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO

import pytest

from imaging.answers.options import read_options
from imaging.answers.read import read_model
from problems import TooLarge
from tests.dicom_bytes import SEQUENCE_END, UNDEFINED, element, file_of, item
from tests.read_answer import read

MEMORY = 1769 * 1024 * 1024  # template.yaml: MemorySize of the function that reads

READ = """
import sys
from imaging.answers.options import read_options
from tests.read_answer import read
answer = read("a.dcm", sys.stdin.buffer.read(), read_options({"return_format": sys.argv[1]}))
assert any(answer["Images"]) or answer["Warnings"]
"""


def _us(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}H", *numbers)


def _file(side: int, bits: int, samples: int = 1, photometric: bytes = b"MONOCHROME2 ", rle: bytes = b"") -> bytes:
    palette = [element(0x00281101 + colour, "US", _us(2, 0, 16)) for colour in range(3)]
    palette += [element(0x00281201 + colour, "OW", _us(0, 65535)) for colour in range(3)]
    pixels = element(0x7FE00010, "OW", b"\1" * 1000)
    if rle:
        pixels = element(0x7FE00010, "OB", item(b"") + item(rle) + SEQUENCE_END, UNDEFINED)
    return file_of(
        element(0x00280002, "US", _us(samples)),
        element(0x00280004, "CS", photometric),
        element(0x00280010, "US", _us(side)),
        element(0x00280011, "US", _us(side)),
        element(0x00280100, "US", _us(bits)),
        element(0x00280101, "US", _us(bits)),
        element(0x00280102, "US", _us(bits - 1)),
        element(0x00280103, "US", _us(0)),
        *palette,
        pixels,
        syntax="1.2.840.10008.1.2.5" if rle else "1.2.840.10008.1.2.1",
    )


BOMBS = {
    "bits": _file(46000, 1),
    "bits, as large as may be": _file(16000, 1),
    "twelve bits": _file(13000, 12),
    "twelve bits, as large as may be": _file(11500, 12),
    "palette": _file(16000, 8, photometric=b"PALETTE COLOR "),
    "palette, as large as may be": _file(9400, 8, photometric=b"PALETTE COLOR "),
    "colour": _file(9400, 8, samples=3, photometric=b"RGB "),
    "RLE of bits": _file(46000, 1, rle=struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\1" * 1000),
}


@pytest.mark.parametrize(
    ("bomb", "picture_format"),
    [*((bomb, "png") for bomb in BOMBS), ("bits, as large as may be", "gif")],
)
def test_memory_is_bounded(bomb: str, picture_format: str) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    command = [sys.executable, "-c", READ, picture_format]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, input=BOMBS[bomb], env=environment, check=True, preexec_fn=limit)


def _deflated(head: bytes, megabytes: int) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(head) + b"".join(deflate.compress(bytes(1 << 20)) for _ in range(megabytes))
    return file_of(body + deflate.flush(), syntax="1.2.840.10008.1.2.1.99")


@pytest.mark.parametrize(("tag", "vr"), [(0x00091010, "OB"), (0x00091010, "UT"), (0x00091010, "UV")])
def test_values_beyond_memory_are_refused(tag: int, vr: str) -> None:
    content = _deflated(element(tag, vr, length=100 << 20), 100)
    with pytest.raises(TooLarge, match="besides its pixel data"):
        read("a.dcm", content, read_options({}))


def test_pixel_data_as_text_beyond_memory_is_refused() -> None:
    content = _deflated(element(0x7FE00010, "OB", length=100 << 20), 100)
    with pytest.raises(TooLarge, match="leave it out of fields"):
        read("a.dcm", content, read_options({"fields": "PixelData"}))
    with pytest.raises(TooLarge, match="leave it out of fields"):
        read_model("a.dcm", content, frozenset({"PixelData"}))


def test_an_archive_of_values_beyond_memory_is_refused() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(8):
            file.writestr(f"{number}.dcm", file_of(element(0x00091010, "OB", bytes(15 << 20))))
        file.writestr("filler", random.Random(1).randbytes(1 << 20))  # noqa: S311
    with pytest.raises(TooLarge, match="too many at once"):
        read("a.zip", archive.getvalue(), read_options({"fields": "(0009,1010)"}))
