"""JPEG pictures, decoded to 8-bit samples or kept as they are (ITU-T T.81)."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from imaging.pixels.streams import ARITHMETIC_FRAME, MAX_SCANS, START_OF_SCAN
from problems import Invalid, Unusable

SIGNATURE = b"\xff\xd8\xff"
_AFTER_CODED_DATA = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # a marker that is no restart (B.1.1.2, B.2.1)
_NO_SEGMENT = (0x00, 0x01, *range(0xD0, 0xD9), 0xFF)  # stuffing, TEM, restarts, SOI, fill bytes (B.1.1)
_BASELINE_FRAME, _SCAN, _END = 0xC0, 0xDA, 0xD9


def open_image(data: bytes) -> ImageFile:
    """Reads the header only. Image.open() is not used, as it warns of large pictures."""
    if data.count(START_OF_SCAN) > MAX_SCANS or ARITHMETIC_FRAME.search(data):
        why = f"The JPEG has arithmetic coding or more than {MAX_SCANS} scans; save it as a baseline JPEG."
        raise Invalid(why, fields={"image": why})
    return JpegImageFile(BytesIO(data))


def samples(image: ImageFile, _data: bytes) -> NDArray[Any]:
    """uint8, (rows, columns) for grayscale, else (rows, columns, 3) RGB, whatever the colours were coded in."""
    return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))


def baseline_stream(data: bytes) -> tuple[bytes, str]:
    """The JPEG without data after its end, such as a phone's video, and its photometric interpretation.

    `data` is a JPEG that can be decoded. Raises Unusable if it does not fit transfer syntax JPEG Baseline (Process 1).
    """
    frame, jfif, transform = b"", False, None
    for marker, content, end in _segments(data):
        if marker == _BASELINE_FRAME:
            frame = content
        elif marker == 0xE0 and content.startswith(b"JFIF\0"):
            jfif = True
        elif marker == 0xEE and content.startswith(b"Adobe") and len(content) >= 12:
            transform = content[11]
        elif marker == _END:
            data = data[:end]
    if not frame:
        raise Unusable("is no baseline JPEG")
    components = [frame[start : start + 3] for start in range(6, len(frame), 3)]
    if len(components) == 1:
        return data, "MONOCHROME2"
    if len(components) != 3:
        raise Unusable("is in CMYK")
    # The order in which libjpeg, and so most viewers, believe these marks.
    ids = bytes(component[0] for component in components)
    if not jfif and (ids == b"RGB" if transform is None else transform == 0):
        return data, "RGB"
    return data, "YBR_FULL_422"  # however it is sampled, which the stream says (PS3.3 A.8.5.4, PS3.5 8.2.1)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Each marker's last byte, its segment's content, and where that ends (B.1.1.3)."""
    at = 2
    while at + 1 < len(data):
        marker = data[at + 1]
        if data[at] != 0xFF or marker in _NO_SEGMENT:  # decoders skip what they do not expect here
            at += 1
            continue
        if marker == _END:
            yield marker, b"", at + 2
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        yield marker, data[at + 4 : end], end
        at = end
        if marker == _SCAN:
            found = _AFTER_CODED_DATA.search(data, end)
            at = found.start() if found else len(data)
