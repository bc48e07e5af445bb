"""8-bit pictures, (rows, columns) grey or (rows, columns, 3) RGB, to PNG, JPEG or GIF files.

What a format needs is loaded when it is first asked for: a function that makes PNGs starts without the others.
"""

import numpy as np
from numpy.typing import NDArray

FORMATS = ("png", "jpeg", "gif")


def encode(picture: NDArray[np.uint8], picture_format: str, quality: int, icc_profile: bytes | None) -> bytes:
    """The picture as a file. `quality`, 1 to 100, is JPEG's; `icc_profile` says what its colours are (GIF has none)."""
    if picture_format == "png":
        from imaging.pictures import png

        return png.encode(picture, icc_profile)
    if picture_format == "jpeg":
        from imaging.pictures import jpeg

        return jpeg.encode(picture, quality, icc_profile)
    from imaging.pictures import gif

    return gif.encode(picture)
