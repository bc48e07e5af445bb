"""The pixels of the made files, written out in numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.dicom_files import picture_file

ROWS, COLUMNS = 13, 11  # odd both, so that whatever is padded to words or blocks shows
Made = tuple[str, bytes, NDArray[Any] | None]  # name, file, stored values, if no loss makes them the encoder's affair


def grey(bits: int, *, signed: bool = False) -> NDArray[Any]:
    """A ramp with folds: the lowest and the highest value, neighbours far apart, and rows that differ."""
    row, column = np.indices((ROWS, COLUMNS))
    top = (1 << bits) - 1
    values = (row * 1237 + column * 3571 + row * column * 211) * (top // 4000 + 1) % (top + 1)
    values[0, 0], values[0, 1] = 0, top
    container = 8 if bits <= 8 else 16 if bits <= 16 else 32
    return (values - (top + 1 >> 1)).astype(f"i{container // 8}") if signed else values.astype(f"u{container // 8}")


def smooth(bits: int) -> NDArray[Any]:
    """Slow waves from nearly the lowest value to nearly the highest, as encoders with loss like them."""
    row, column = np.indices((41, 43))
    waves = np.sin(row / 9) * np.cos(column / 11) * 0.5 + 0.5
    return np.floor(waves * ((1 << bits) - 1) + 0.5).astype(np.uint8 if bits <= 8 else np.uint16)


def colour() -> NDArray[np.uint8]:
    """Three samples a pixel that are unlike each other."""
    first = grey(8)
    return np.stack([first, first[::-1], first[:, ::-1]], axis=-1)


def bits_stored(bits: int) -> dict[str, int]:
    """The attributes that say so."""
    return {"BitsStored": bits, "HighBit": bits - 1}


def by_plane(pixels: NDArray[Any], **attributes: Any) -> bytes:
    """A file of colours plane by plane (PS3.3 C.7.6.3.1.3)."""
    planes = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    return picture_file(pixels, PlanarConfiguration=1, PixelData=planes.tobytes(), **attributes)
