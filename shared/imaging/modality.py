"""The modality transformation: stored values to what was measured, Hounsfield units or others (PS3.3 C.11.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.functional_groups import frame_value
from imaging.lookup_table import sequence_table


@dataclass(frozen=True)
class Modality:
    """`apply`: stored values to modality values, arrays of any shape. `monotonic`: whether order is kept or reversed.

    `signed`: whether the values can be negative, which decides how a VOI LUT's first input is read (PS3.3 C.11.2.1.1).
    """

    apply: Callable[[NDArray[Any]], NDArray[Any]]
    monotonic: bool
    signed: bool


def modality(dataset: Dataset, index: int, *, signed: bool, little_endian: bool) -> Modality:
    """The transformation of frame `index`: the Modality LUT Sequence, else rescale, else none."""
    sequence = frame_value(dataset, index, "ModalityLUTSequence")
    table = sequence_table(sequence, signed_input=signed, little_endian=little_endian)
    if table is not None:
        return Modality(table.apply, monotonic=False, signed=False)
    slope = _decimal(frame_value(dataset, index, "RescaleSlope"), 1.0) or 1.0
    intercept = _decimal(frame_value(dataset, index, "RescaleIntercept"), 0.0)
    return Modality(
        lambda values: np.asarray(values, np.float64) * slope + intercept,
        monotonic=True,
        signed=signed or intercept < 0 or slope < 0,
    )


def _decimal(found: Any, default: float) -> float:
    try:
        number = float(found)
    except (TypeError, ValueError):
        return default
    return number if np.isfinite(number) else default
