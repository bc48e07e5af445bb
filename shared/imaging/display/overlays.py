"""Overlays burnt into pictures: the bit planes of groups 6000 to 601E (PS3.3 C.9.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from imaging.dataset.attributes import whole_number, whole_numbers
from imaging.dataset.dicom_file import DicomFile
from imaging.pixels import native
from imaging.pixels.frames import Frame
from imaging.pixels.image_pixel import ImagePixel

GROUPS = range(0x6000, 0x6020, 2)
WHITE = 255


def burn_in(
    file: DicomFile, image: ImagePixel, frame: Frame, picture: NDArray[np.uint8], index: int
) -> NDArray[np.uint8]:
    """A copy of the picture of frame `index` (from 0), grey or RGB, with the pixels of its overlays white."""
    burnt = picture.copy()
    for group in GROUPS:
        plane = _plane(file, image, frame, group, index)
        if plane is not None:
            # The origin is where the overlay's first pixel lies, row and column from 1, and may be outside.
            row, column = _origin(file.dataset, group)
            seen = plane[max(0, -row) :, max(0, -column) :]
            target = burnt[max(0, row) :, max(0, column) :]
            rows, columns = min(len(seen), len(target)), min(seen.shape[1], target.shape[1])
            target[:rows, :columns][seen[:rows, :columns]] = WHITE
    return burnt


def _origin(dataset: Dataset, group: int) -> tuple[int, int]:
    """Row and column from 0; (0, 0) if the file does not say."""
    origin = whole_numbers(_value(dataset, group, 0x0050))
    row, column = origin if len(origin) == 2 else (None, None)
    return (0, 0) if row is None or column is None else (row - 1, column - 1)


def _plane(file: DicomFile, image: ImagePixel, frame: Frame, group: int, index: int) -> NDArray[np.bool_] | None:
    """(rows, columns) of the overlay for one frame; None if it has none, or is broken."""
    dataset = file.dataset
    try:
        rows, columns = _number(dataset, group, 0x0010, 0), _number(dataset, group, 0x0011, 0)
        data = _value(dataset, group, 0x3000)
        if rows <= 0 or columns <= 0:
            return None
        if data is None:
            return _plane_in_pixels(file, image, frame, group, index)
        frames = _number(dataset, group, 0x0015, 1)
        # The overlay's first frame belongs to this frame of the image; an overlay without frames belongs to all.
        place = index + 1 - _number(dataset, group, 0x0051, 1) if frames > 1 else 0
        if not 0 <= place < frames:
            return None
        if not file.little_endian and dataset[Tag(group, 0x3000)].VR == "OW":
            data = native.swapped_words(data)
        start, end = place * rows * columns, (place + 1) * rows * columns
        packed = np.frombuffer(data[start // 8 : (end + 7) // 8], np.uint8)
        bits = np.unpackbits(packed, bitorder="little")[start % 8 :][: end - start]
        return bits.reshape(rows, columns).astype(bool)
    except (TypeError, ValueError):
        return None


def _plane_in_pixels(
    file: DicomFile, image: ImagePixel, frame: Frame, group: int, index: int
) -> NDArray[np.bool_] | None:
    """An overlay in an unused bit of the pixel data, a retired way to store it (PS3.3-2004 C.9.2)."""
    bit = whole_number(_value(file.dataset, group, 0x0102))
    if bit is None or image.samples != 1 or not 0 <= bit < image.bits_allocated:
        return None
    if image.high_bit - image.bits_stored < bit <= image.high_bit:
        return None
    if frame.words is None:
        file.warnings.append(
            f"Frame {index + 1}: the overlay of group {group:04X} should be in bits that its stream has not."
        )
        return None
    words: NDArray[Any] = frame.words
    plane: NDArray[np.bool_] = (words >> bit & 1).astype(bool)
    return plane


def _number(dataset: Dataset, group: int, element: int, default: int) -> int:
    return whole_number(_value(dataset, group, element)) or default


def _value(dataset: Dataset, group: int, element: int) -> Any:
    tag = Tag(group, element)
    try:
        return dataset[tag].value if tag in dataset else None
    except Exception:  # pydicom raises anything on a broken element, which then counts as absent
        return None
