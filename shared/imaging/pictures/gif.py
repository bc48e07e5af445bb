"""Pictures to GIF. Grey is exact; colours are reduced to 256."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode(picture: NDArray[np.uint8], _quality: int = 0, _icc_profile: bytes | None = None) -> bytes:
    """The picture as a GIF file, which has no place for a profile."""
    file = BytesIO()
    _image(picture).save(file, "GIF", optimize=False)
    return file.getvalue()


def animate(pictures: Iterable[NDArray[np.uint8]], milliseconds: list[float]) -> bytes:
    """One GIF that shows the pictures, all of one size, over and over, each for its time (to a hundredth second)."""
    first, *others = map(_image, pictures)
    file = BytesIO()
    first.save(
        file,
        "GIF",
        save_all=True,
        append_images=others,
        duration=[max(10, round(time, -1)) for time in milliseconds],
        loop=0,
        optimize=False,
        disposal=1,
    )
    return file.getvalue()


def _image(picture: NDArray[np.uint8]) -> Any:
    from PIL import Image

    image = Image.fromarray(picture)
    return image.quantize(256) if picture.ndim == 3 else image
