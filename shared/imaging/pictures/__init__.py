"""8-bit pictures, (rows, columns) grey or (rows, columns, 3) RGB, to PNG, JPEG, GIF or WebP files.

What a format needs is loaded when it is first asked for: a function that makes PNGs starts without the others.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FORMATS = ("png", "jpeg", "gif", "webp")
ANIMATED = ("gif", "webp")


def encode(picture: NDArray[np.uint8], picture_format: str, quality: int, icc_profile: bytes | None) -> bytes:
    """The picture as a file. `quality`, 1 to 100, is JPEG's; `icc_profile` says what its colours are (GIF has none).

    Raises Unusable if the format has no place for a picture of this size.
    """
    if picture_format == "png":
        from imaging.pictures import png

        return png.encode(picture, icc_profile)
    if picture_format == "jpeg":
        from imaging.pictures import jpeg

        return jpeg.encode(picture, quality, icc_profile)
    if picture_format == "webp":
        from imaging.pictures import webp

        return webp.encode(picture, icc_profile)
    from imaging.pictures import gif

    return gif.encode(picture)


def animate(pictures: Iterable[NDArray[np.uint8]], picture_format: str, milliseconds: list[float]) -> bytes:
    """One file of a format in ANIMATED that shows the pictures, all of one size, over and over, each for its time."""
    if picture_format == "webp":
        from imaging.pictures import webp

        return webp.animate(pictures, milliseconds)
    from imaging.pictures import gif

    return gif.animate(pictures, milliseconds)
