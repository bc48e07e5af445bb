"""Frames of one sample a pixel to 8-bit grey: modality, VOI and presentation, in that order (PS3.4 N.2)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dicom_file import DicomFile
from imaging.frames import Frame
from imaging.functional_groups import frame_value
from imaging.image_pixel import ImagePixel, several, value, whole_number
from imaging.lookup_table import sequence_table
from imaging.modality import Modality, modality
from imaging.pointwise import pointwise
from imaging.voi import FUNCTIONS, WHITE, Window, range_window

Display = Callable[[NDArray[Any]], NDArray[np.float64]]


def render(file: DicomFile, image: ImagePixel, frame: Frame, index: int, window: Window | None) -> NDArray[np.uint8]:
    """The frame, (rows, columns) of stored values, as 8-bit grey of the same shape.

    `window` takes the place of what the file says. Without either, the frame's own range is shown.
    """
    if value(file.dataset, "RedPaletteColorLookupTableDescriptor"):  # supplemental (PS3.3 C.7.6.19)
        file.warnings.append("The palette that colours a part of the values is not applied; the pictures are grey.")
    samples: NDArray[Any] = frame.samples
    is_padding = _padding(file, image)
    to_modality = modality(file.dataset, index, signed=image.signed, little_endian=file.little_endian)
    voi = window.apply if window else _voi(file, index, to_modality)
    if voi is None:
        voi = _own_range(samples, to_modality, is_padding, image).apply

    def display(stored: NDArray[Any]) -> NDArray[np.uint8]:
        with np.errstate(all="ignore"):  # of numbers too large to calculate with, which a hostile file has
            shown = np.floor(voi(to_modality.apply(stored)) + 0.5)
            if frame.photometric == "MONOCHROME1":  # the lowest value is white (PS3.3 C.7.6.3.1.2)
                shown = WHITE - shown
            if is_padding:
                shown[is_padding(stored)] = 0
            return np.nan_to_num(shown).astype(np.uint8)

    return pointwise(display, samples)


def _voi(file: DicomFile, index: int, to_modality: Modality) -> Display | None:
    """What the file says: the first VOI LUT, else the first window (PS3.3 C.11.2.1); None if neither is usable."""
    sequence = frame_value(file.dataset, index, "VOILUTSequence")
    table = sequence_table(sequence, signed_input=to_modality.signed, little_endian=file.little_endian)
    if table is not None:
        scale = WHITE / ((1 << table.bits) - 1)
        return lambda values: np.multiply(table.apply(values), scale, dtype=np.float64)
    centers, widths = (_decimals(frame_value(file.dataset, index, word)) for word in ("WindowCenter", "WindowWidth"))
    function = str(frame_value(file.dataset, index, "VOILUTFunction") or "LINEAR").strip().upper()
    if centers and widths:
        window = Window(centers[0], widths[0], function if function in FUNCTIONS else "LINEAR")
        if window.valid:
            return window.apply
        file.warnings.append(
            f"The window {window.center:g}\\{window.width:g} is not one; the frame's own range is shown."
        )
    return None


def _decimals(found: Any) -> list[float]:
    if found is None:
        return []
    try:
        return [float(number) for number in several(found)]
    except (TypeError, ValueError):
        return []


def _padding(file: DicomFile, image: ImagePixel) -> Callable[[NDArray[Any]], NDArray[np.bool_]] | None:
    """Which stored values are no picture but padding around it (PS3.3 C.7.5.1.1.2); None if there is none."""
    first = _stored(value(file.dataset, "PixelPaddingValue"), image)
    if first is None:
        return None
    limit = _stored(value(file.dataset, "PixelPaddingRangeLimit"), image)
    low, high = sorted((first, first if limit is None else limit))
    return lambda stored: (stored >= low) & (stored <= high)


def _stored(found: Any, image: ImagePixel) -> int | None:
    """A US or SS value with the sign that the pixels have, which is what tells the two VRs apart."""
    number = whole_number(found)
    if number is None:
        return None
    number %= 65536
    return number - 65536 if image.signed and number >= 32768 else number


def _own_range(samples: NDArray[Any], to_modality: Modality, is_padding: Any, image: ImagePixel) -> Window:
    if image.bits_stored == 1:
        return range_window(0, 1)
    kept = samples[~is_padding(samples)] if is_padding else samples
    kept = kept[np.isfinite(kept)] if kept.dtype.kind == "f" else kept
    if kept.size == 0:
        return range_window(0, 0)
    ends = np.array([kept.min(), kept.max()]) if to_modality.monotonic else np.unique(kept)
    with np.errstate(all="ignore"):
        values = to_modality.apply(ends)
    return range_window(float(values.min()), float(values.max()))
