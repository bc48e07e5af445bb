"""DICOM's lookup tables: modality, VOI and palette (PS3.3 C.11.1.1.1, C.11.2.1.1, C.7.6.3.1.5, C.7.9.2)."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.image_pixel import several, value, whole_numbers

MAX_ENTRIES = 1 << 16
MAX_SEGMENT_WORDS = 4 * MAX_ENTRIES  # the longest segment of one entry has four


@dataclass(frozen=True)
class LookupTable:
    """`entries[i]` is what the input `first + i` maps to; inputs beyond the ends map to those. `bits`: of an entry."""

    first: int
    entries: NDArray[np.uint16]
    bits: int

    def apply(self, inputs: NDArray[Any]) -> NDArray[np.uint16]:
        """Maps an array of integers or floats (rounded), of any shape."""
        indices: NDArray[np.intp] = np.clip(np.rint(inputs) - self.first, 0, len(self.entries) - 1).astype(np.intp)
        return self.entries[indices]


def sequence_table(sequence: Any, *, signed_input: bool, little_endian: bool) -> LookupTable | None:
    """The table in the first item of a Modality or VOI LUT Sequence; None if there is none, or it is broken."""
    if not isinstance(sequence, Sequence):
        return None
    descriptor = _descriptor(sequence[0], "LUTDescriptor", signed_input=signed_input)
    return _table(descriptor, value(sequence[0], "LUTData"), little_endian)


def palette_table(dataset: Dataset, colour: str, *, signed_input: bool, little_endian: bool) -> LookupTable | None:
    """The table of one colour ("Red", "Green", "Blue"), segmented or not; None if it is absent or broken."""
    descriptor = _descriptor(dataset, f"{colour}PaletteColorLookupTableDescriptor", signed_input=signed_input)
    data = value(dataset, f"{colour}PaletteColorLookupTableData")
    segments = value(dataset, f"Segmented{colour}PaletteColorLookupTableData")
    if data is None and segments is not None and descriptor is not None:
        return _table(descriptor, _expand(_words(segments, little_endian, MAX_SEGMENT_WORDS)), little_endian)
    return _table(descriptor, data, little_endian)


class Descriptor(NamedTuple):
    """How many entries a table has, which input its first one is for, and of how many bits they are."""

    entries: int
    first: int
    bits: int


def _descriptor(dataset: Dataset, keyword: str, *, signed_input: bool) -> Descriptor | None:
    numbers = whole_numbers(value(dataset, keyword))
    if len(numbers) != 3 or None in numbers:
        return None
    count, first, bits = (number or 0 for number in numbers)
    # 0 stands for 65536, which 16 bits can't hold (PS3.3 C.11.1.1). Read as signed, a count can come out negative.
    count = count % 65536 or 65536
    first %= 65536
    # Entries are words, whatever a wrong descriptor says of them.
    bits = bits if 0 < bits <= 16 else 16
    return Descriptor(count, first - 65536 if signed_input and first >= 32768 else first, bits)


def _table(descriptor: Descriptor | None, data: Any, little_endian: bool) -> LookupTable | None:
    if descriptor is None:
        return None
    if descriptor.bits <= 8 and isinstance(data, bytes) and len(data) < 2 * descriptor.entries:
        # Entries of 8 bits may be packed two to a word (PS3.3 C.7.6.3.1.6).
        words = np.frombuffer(data[: descriptor.entries], np.uint8).astype(np.uint16)
    else:
        words = _words(data, little_endian, descriptor.entries)
    entries = words[: descriptor.entries]
    return LookupTable(descriptor.first, entries, descriptor.bits) if len(entries) else None


def _words(data: Any, little_endian: bool, most: int) -> NDArray[np.uint16]:
    """The first `most` 16-bit words of bytes in the file's order, or of the numbers that pydicom made of them."""
    if data is None:
        return np.empty(0, np.uint16)
    if isinstance(data, bytes):
        order = "<u2" if little_endian else ">u2"
        return np.frombuffer(data[: min(len(data) // 2, most) * 2], order).astype(np.uint16)
    return np.array([(number or 0) % 65536 for number in whole_numbers(several(data)[:most])], np.uint16)


def _expand(words: NDArray[np.uint16]) -> list[int]:
    """Segments to entries (PS3.3 C.7.9.2). What is broken ends the table."""
    entries: list[int] = []
    _expand_segments(words.tolist(), 0, len(words), len(words), entries, nested=False)
    return entries


def _expand_segments(  # noqa: PLR0913
    words: list[int], position: int, end: int, segments: int, entries: list[int], *, nested: bool
) -> None:
    """Adds the entries of so many segments of the words from `position` up to `end`."""
    while segments > 0 and position + 2 < end and len(entries) < MAX_ENTRIES:
        opcode, length, before = words[position], words[position + 1], len(entries)
        if opcode == 0:  # discrete: the entries themselves (C.7.9.2.1)
            entries.extend(words[position + 2 : min(position + 2 + length, end)])
            position += 2 + length
        elif opcode == 1 and entries:  # linear: in even steps from the last entry to this one (C.7.9.2.2)
            steps = np.linspace(entries[-1], words[position + 2], length + 1)[1:]
            entries.extend(np.floor(steps + 0.5).astype(int).tolist())
            position += 3
        elif opcode == 2 and position + 3 < end and not nested:  # indirect: segments from an earlier place again
            place = (words[position + 2] | words[position + 3] << 16) // 2  # given in bytes (C.7.9.2.3)
            _expand_segments(words, place, position, length, entries, nested=True)
            position += 4
        if len(entries) == before:  # unknown, or of nothing, of which a file may hold very many
            return
        segments -= 1
