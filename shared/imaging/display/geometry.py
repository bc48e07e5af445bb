"""The shape of pixels, and pictures fitted into a viewport (PS3.3 10.7, C.7.6.3.1.7; PS3.18 8.3.5.1.3)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dataset.attributes import value
from imaging.dataset.functional_groups import frame_value

# Each is the vertical size of a pixel, then the horizontal one.
SPACINGS = ("ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")


def pixel_aspect(dataset: Dataset, index: int) -> float:
    """Height over width of the pixels of frame `index` (from 0); 1 if the file does not say."""
    for found in (frame_value(dataset, index, "PixelSpacing"), *(value(dataset, keyword) for keyword in SPACINGS)):
        aspect = _aspect(found)
        if aspect is not None:
            return aspect
    return 1.0


def _aspect(found: Any) -> float | None:
    try:
        vertical, horizontal = (float(number) for number in found)
        aspect = vertical / horizontal
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return aspect if 0.01 <= aspect <= 100 else None


def fit(picture: NDArray[np.uint8], columns: int, rows: int, aspect: float) -> NDArray[np.uint8]:
    """The picture scaled to the largest size that fits in columns by rows and keeps its proportions.

    `aspect`: height over width of the picture's pixels; those of the result are square.
    """
    from PIL import Image  # slow to load, and rarely needed

    width, height = picture.shape[1], picture.shape[0] * aspect
    scale = min(columns / width, rows / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
