"""JPEG pictures to 8-bit samples (ITU-T T.81)."""

import re
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from problems import Invalid

SIGNATURE = b"\xff\xd8\xff"
_START_OF_SCAN = b"\xff\xda"  # coded data cannot hold it: FF is followed by 00 there (B.1.1.5)
_MAX_SCANS = 100  # encoders write about 10; each, however short, is a pass over the whole picture
_ARITHMETIC_FRAME = re.compile(rb"\xff[\xc9-\xcb]\x00[\x0b\x11\x14]\x08")  # B.2.2; decodes too slowly for scans of it


def open_image(data: bytes) -> ImageFile:
    """The header is read, nothing is decoded. Not by Image.open(), which would warn of what is too large for us."""
    if data.count(_START_OF_SCAN) > _MAX_SCANS or _ARITHMETIC_FRAME.search(data):
        why = f"The JPEG has arithmetic coding or more than {_MAX_SCANS} scans; save it as a baseline JPEG."
        raise Invalid(why, fields={"image": why})
    return JpegImageFile(BytesIO(data))


def samples(image: ImageFile, _data: bytes) -> NDArray[Any]:
    """uint8, (rows, columns) for grayscale, else (rows, columns, 3) RGB, whatever the colours were coded in."""
    return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
