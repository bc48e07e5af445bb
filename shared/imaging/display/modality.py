"""The modality transformation: stored values to measured ones, such as Hounsfield units (PS3.3 C.11.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dataset.attributes import value
from imaging.dataset.functional_groups import frame_value
from imaging.display.lookup_table import sequence_table
from imaging.pixels.image_pixel import ImagePixel

# X-Ray Angiographic, Radiofluoroscopic, biplane (retired), Enhanced XA and Enhanced XRF Image Storage. Their modality
# transformation to X-ray intensities is for measuring, and not used for display (PS3.3 C.8.7.1.1.2; DCMTK leaves out
# rescale slope and intercept of the same module, too).
SHOWN_AS_STORED = (
    "1.2.840.10008.5.1.4.1.1.12.1",
    "1.2.840.10008.5.1.4.1.1.12.2",
    "1.2.840.10008.5.1.4.1.1.12.3",
    "1.2.840.10008.5.1.4.1.1.12.1.1",
    "1.2.840.10008.5.1.4.1.1.12.2.1",
)


@dataclass(frozen=True)
class Modality:
    """`apply`: stored values to modality values, arrays of any shape. `monotonic`: whether order is kept or reversed.

    `signed`: whether the values can be negative, which decides how a VOI LUT's first input is read (PS3.3 C.11.2.1.1).
    `whole`: whether whole numbers stay whole.
    """

    apply: Callable[[NDArray[Any]], NDArray[Any]]
    monotonic: bool
    signed: bool
    whole: bool


def modality(dataset: Dataset, index: int, image: ImagePixel, *, little_endian: bool) -> Modality:
    """The transformation of frame `index`: the Modality LUT Sequence, else rescale, else none."""
    if value(dataset, "SOPClassUID") in SHOWN_AS_STORED:
        return _rescale(1.0, 0.0, image)
    sequence = frame_value(dataset, index, "ModalityLUTSequence")
    table = sequence_table(sequence, signed_input=image.signed, little_endian=little_endian)
    if table is not None:
        return Modality(table.apply, monotonic=False, signed=False, whole=True)
    slope = _decimal(frame_value(dataset, index, "RescaleSlope"), 1.0) or 1.0
    return _rescale(slope, _decimal(frame_value(dataset, index, "RescaleIntercept"), 0.0), image)


def _rescale(slope: float, intercept: float, image: ImagePixel) -> Modality:
    lowest = -(1 << (image.bits_stored - 1)) if image.signed else 0
    highest = lowest + (1 << image.bits_stored) - 1
    return Modality(
        lambda values: np.asarray(values, np.float64) * slope + intercept,
        monotonic=True,
        signed=min(lowest * slope, highest * slope) + intercept < 0,
        whole=slope.is_integer() and intercept.is_integer(),
    )


def _decimal(found: Any, default: float) -> float:
    try:
        number = float(found)
    except (TypeError, ValueError):
        return default
    return number if np.isfinite(number) else default
