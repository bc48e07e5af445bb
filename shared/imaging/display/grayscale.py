"""Frames of one sample per pixel to 8-bit grey: modality, VOI and presentation, in that order (PS3.4 N.2)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.attributes import several, value, whole_number
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.functional_groups import frame_value
from imaging.display.colour import Palette, read_palette, refuse_large
from imaging.display.lookup_table import LookupTable, sequence_table
from imaging.display.modality import Modality, modality
from imaging.display.pointwise import pointwise
from imaging.display.voi import FUNCTIONS, WHITE, Window, range_window
from imaging.pixels.frames import Frame
from imaging.pixels.image_pixel import ImagePixel

Display = Callable[[NDArray[Any]], NDArray[np.float64]]

LOSS = 0.02  # how far lossy compression may move a value, as a share of the frame's range


def render(file: DicomFile, image: ImagePixel, frame: Frame, index: int, window: Window | None) -> NDArray[np.uint8]:
    """The frame, (rows, columns) of stored values, as 8-bit grey of the same shape, or RGB, (rows, columns, 3).

    `window` replaces the file's own. Without either, the frame's own range is shown. RGB is the result of a
    supplemental palette; Unusable is raised if the frame is too large for that.
    """
    samples: NDArray[Any] = frame.samples
    palette = _supplemental_palette(file, image, index)
    padding = _padding(file, image, samples)
    to_modality = modality(file.dataset, index, image, little_endian=file.little_endian)
    is_whole = samples.dtype.kind != "f" and to_modality.whole
    inverted = _is_inverted(file, frame)
    voi = window.apply if window else _voi(file, index, to_modality, is_whole=is_whole)
    if voi is None:
        voi = _own_range(frame, to_modality, image, padding, palette, inverted=inverted).apply

    def display(stored: NDArray[Any]) -> NDArray[np.uint8]:
        with np.errstate(all="ignore"):  # numbers of a hostile file that are too large to calculate with
            shown = np.floor(voi(to_modality.apply(stored)) + 0.5)
            if inverted:
                shown = WHITE - shown
            if padding and not frame.lossy:
                shown[padding.holds(stored)] = 0
            return np.nan_to_num(shown).astype(np.uint8)

    if palette is None:
        return pointwise(display, samples)

    def display_colours(stored: NDArray[Any]) -> NDArray[np.uint8]:
        grey = display(stored)[..., np.newaxis]
        return np.where((stored >= palette.first)[..., np.newaxis], palette.apply(stored), grey)

    refuse_large(frame)
    return pointwise(display_colours, samples, channels=(3,))


def _supplemental_palette(file: DicomFile, image: ImagePixel, index: int) -> Palette | None:
    """The supplemental palette for high values, while lower ones are grey (PS3.3 C.7.6.19); None if all are grey."""
    if value(file.dataset, "RedPaletteColorLookupTableDescriptor") is None:
        return None
    presentation = str(frame_value(file.dataset, index, "PixelPresentation") or "").strip().upper()
    if presentation == "MONOCHROME":
        return None
    palette = read_palette(file, image) if presentation == "COLOR" else None
    if palette is None:
        file.warnings.append("The palette that colours a part of the values is not applied; the pictures are grey.")
    return palette


def _is_inverted(file: DicomFile, frame: Frame) -> bool:
    """Whether the lowest value is white: by MONOCHROME1 (PS3.3 C.7.6.3.1.2), or by the Presentation LUT Shape.

    If these contradict each other (C.8.11.3.1.2), the shape counts, as in other viewers.
    """
    inverted = frame.photometric == "MONOCHROME1"
    shape = str(value(file.dataset, "PresentationLUTShape") or "").strip().upper()
    if shape not in ("IDENTITY", "INVERSE") or inverted == (shape == "INVERSE"):
        return inverted
    file.warnings.append(
        f"The Presentation LUT Shape, {shape}, contradicts {frame.photometric}; the pictures are shown by the shape."
    )
    return not inverted


def _voi(file: DicomFile, index: int, to_modality: Modality, *, is_whole: bool) -> Display | None:
    """The file's own transformation: the first VOI LUT, else the first window (PS3.3 C.11.2.1); None if neither is
    usable.

    `is_whole`: modality values are whole numbers.
    """
    sequence = frame_value(file.dataset, index, "VOILUTSequence")
    table = sequence_table(sequence, signed_input=to_modality.signed, little_endian=file.little_endian)
    if table is not None:
        scale = WHITE / _highest_entry(file, table)
        return lambda values: np.multiply(table.apply(values), scale, dtype=np.float64)
    centers, widths = (_decimals(frame_value(file.dataset, index, word)) for word in ("WindowCenter", "WindowWidth"))
    function = str(frame_value(file.dataset, index, "VOILUTFunction") or "LINEAR").strip().upper()
    if centers and widths:
        function = function if function in FUNCTIONS else "LINEAR"
        if function == "LINEAR" and not is_whole and 0 < widths[0] <= 1:
            # For whole numbers, such a window would be a threshold or invalid, so it can only mean LINEAR_EXACT.
            function = "LINEAR_EXACT"
        window = Window(centers[0], widths[0], function)
        if window.valid:
            return window.apply
        file.warnings.append(
            f"The window {window.center:g}\\{window.width:g} is not one; the frame's own range is shown."
        )
    return None


def _highest_entry(file: DicomFile, table: LookupTable) -> int:
    """The entry of a VOI LUT that is white: the highest for its bits (PS3.3 C.11.2.1.1), unless these are wrong.

    They are wrong if an entry needs more, or if they are 16, the size of a word, and no entry reaches half of the
    range: no table is made to leave out the brighter half.
    """
    by_bits, highest = (1 << table.bits) - 1, int(table.entries.max())
    if highest <= by_bits and (table.bits < 16 or highest > by_bits // 2 or highest == 0):
        return by_bits
    file.warnings.append(
        f"The VOI LUT says that its entries have {table.bits} bits, which they have not; {highest} is shown as white."
    )
    return highest


def _decimals(found: Any) -> list[float]:
    if found is None:
        return []
    try:
        return [float(number) for number in several(found)]
    except (TypeError, ValueError):
        return []


class Padding(NamedTuple):
    """The range of stored values that are padding around the picture."""

    low: float
    high: float

    def holds(self, stored: NDArray[Any], tolerance: float = 0.0) -> NDArray[np.bool_]:
        """Which values are in the range, or next to it."""
        return (stored >= self.low - tolerance) & (stored <= self.high + tolerance)


def _padding(file: DicomFile, image: ImagePixel, samples: NDArray[Any]) -> Padding | None:
    """PS3.3 C.7.5.1.1.2; C.7.6.24 and C.7.6.25 of floats; None if there is none."""
    if samples.dtype.kind == "f":
        kind = "Double" if samples.dtype.itemsize == 8 else ""
        words = (f"{kind}FloatPixelPaddingValue", f"{kind}FloatPixelPaddingRangeLimit")
        ends = [number for word in words for number in _decimals(value(file.dataset, word))[:1]]
    else:
        words = ("PixelPaddingValue", "PixelPaddingRangeLimit")
        ends = [end for end in (_stored(value(file.dataset, word), image) for word in words) if end is not None]
    if value(file.dataset, words[0]) is None or not ends:
        return None
    return Padding(min(ends), max(ends))


def _stored(found: Any, image: ImagePixel) -> int | None:
    """A US or SS value, read with the sign of the pixels, which decides between both VRs."""
    number = whole_number(found)
    if number is None:
        return None
    number %= 65536
    return number - 65536 if image.signed and number >= 32768 else number


def _own_range(  # noqa: PLR0913 - all that takes a part in it
    frame: Frame,
    to_modality: Modality,
    image: ImagePixel,
    padding: Padding | None,
    palette: Palette | None,
    *,
    inverted: bool,
) -> Window:
    """The frame's range: from its lowest to its highest value, without padding and coloured values."""
    if image.ends is not None:
        return range_window(*image.ends)
    samples: NDArray[Any] = frame.samples
    kept = samples[np.isfinite(samples)] if samples.dtype.kind == "f" else samples.reshape(-1)
    if padding and kept.size:
        # Lossy compression moves padding to neighbouring values (C.7.5.1.1.2 assumes exact ones).
        tolerance = LOSS * (float(kept.max()) - float(kept.min())) if frame.lossy else 0.0
        kept = kept[~padding.holds(kept, tolerance)]
    if palette:
        kept = kept[kept < palette.first]
    if kept.size == 0:
        return range_window(0, 0)
    ends = np.array([kept.min(), kept.max()]) if to_modality.monotonic else np.unique(kept)
    with np.errstate(all="ignore"):
        values = to_modality.apply(ends)
    low, high = float(values.min()), float(values.max())
    if low == high and kept.size < samples.size and not inverted:
        return range_window(low - 1, low)  # white, so that it differs from padding
    return range_window(low, high)
