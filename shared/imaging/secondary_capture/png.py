"""PNG pictures to samples of full depth, with transparency on white (W3C PNG, third edition)."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from imaging.parallel import each_strip
from imaging.strips import strips

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def open_image(data: bytes) -> ImageFile:
    """Every chunk's CRC is checked, nothing is decoded. An animation's default image stands for it."""
    image = PngImageFile(BytesIO(data))
    image.verify()
    return PngImageFile(BytesIO(data))


def samples(image: ImageFile, data: bytes) -> NDArray[Any]:
    """uint8 or uint16 (rows, columns) for grayscale, else uint8 (rows, columns, 3) RGB.

    Depths below 8 bits are scaled to 8, and 16-bit colours rounded to it: a Secondary Capture Image in RGB has no more
    (PS3.3 A.8.1.4). Transparency is composited over white, as on the paper that a viewer shows; DICOM has no alpha.
    """
    # Not with Pillow, which gives only the high bytes of 16-bit colours, and leaves missing rows black.
    from imagecodecs import png_decode

    image.load_prepare()
    image.load_end()  # the orientation may follow the image data
    stored = png_decode(data)  # transparency of one colour or of a palette is an alpha band here
    bands = stored.shape[2] if stored.ndim == 3 else 1
    if bands == 1 or (bands == 3 and stored.dtype == np.uint8):
        return stored
    flat = np.empty((*stored.shape[:2], 1 if bands == 2 else 3), np.uint8 if bands > 2 else stored.dtype)

    def flatten(strip: slice) -> None:
        values = stored[strip]
        if bands != 3:
            values = _over_white(values)
        flat[strip] = _rounded(values) if values.dtype != flat.dtype else values

    each_strip(flatten, strips(stored.shape))
    return flat[..., 0] if bands == 2 else flat


def _over_white(values: NDArray[Any]) -> NDArray[Any]:
    """The picture without its alpha, the last of two or four bands."""
    white = np.iinfo(values.dtype).max
    alpha = values[..., -1:].astype(np.uint32)
    return ((values[..., :-1] * alpha + white * (white - alpha) + white // 2) // white).astype(values.dtype)


def _rounded(values: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """16 bits to 8: 65535 is 255 * 257."""
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
