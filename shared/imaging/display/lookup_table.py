"""DICOM's lookup tables: modality, VOI and palette (PS3.3 C.11.1.1.1, C.11.2.1.1, C.7.6.3.1.5, C.7.9.2)."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.dataset.attributes import several, value, whole_numbers

MAX_ENTRIES = 1 << 16
MAX_SEGMENT_WORDS = 4 * MAX_ENTRIES  # the longest segment of one entry has four


@dataclass(frozen=True)
class LookupTable:
    """`entries[i]` is the output for input `first + i`; inputs beyond an end get that end's. `bits`: of an entry."""

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
    return None if descriptor is None else _table(descriptor, sequence[0], "LUTData", little_endian)


def palette_table(dataset: Dataset, colour: str, *, signed_input: bool, little_endian: bool) -> LookupTable | None:
    """The table of one colour ("Red", "Green", "Blue"), segmented or not; None if it is absent or broken."""
    descriptor = _descriptor(dataset, f"{colour}PaletteColorLookupTableDescriptor", signed_input=signed_input)
    data, segments = f"{colour}PaletteColorLookupTableData", f"Segmented{colour}PaletteColorLookupTableData"
    if descriptor is None:
        return None
    if value(dataset, data) is None:
        return _segmented_table(descriptor, _words(dataset, segments, little_endian, MAX_SEGMENT_WORDS))
    return _table(descriptor, dataset, data, little_endian)


class Descriptor(NamedTuple):
    """The number of entries, the input of the first one, and the bits of an entry."""

    entries: int
    first: int
    bits: int


def _descriptor(dataset: Dataset, keyword: str, *, signed_input: bool) -> Descriptor | None:
    numbers = whole_numbers(value(dataset, keyword))
    if len(numbers) != 3 or None in numbers:
        return None
    count, first, bits = (number or 0 for number in numbers)
    # 0 stands for 65536, which 16 bits can't hold (PS3.3 C.11.1.1). Read as signed, a count can come out negative.
    count = count % MAX_ENTRIES or MAX_ENTRIES
    first %= 65536
    # Entries are words, whatever a wrong descriptor says.
    bits = bits if 0 < bits <= 16 else 16
    return Descriptor(count, first - 65536 if signed_input and first >= 32768 else first, bits)


def _table(descriptor: Descriptor, dataset: Dataset, keyword: str, little_endian: bool) -> LookupTable | None:
    words = _words(dataset, keyword, little_endian, descriptor.entries)
    # Some descriptors say 16 bits for 8-bit entries. Then there are half as many words.
    if len(words) < descriptor.entries and (descriptor.bits <= 8 or len(words) == (descriptor.entries + 1) // 2):
        words = _bytes(words)
    return _lookup_table(descriptor, words)


def _lookup_table(descriptor: Descriptor, entries: NDArray[np.uint16]) -> LookupTable | None:
    used = entries[: descriptor.entries]
    return LookupTable(descriptor.first, used, descriptor.bits) if len(used) else None


def _words(dataset: Dataset, keyword: str, little_endian: bool, most: int) -> NDArray[np.uint16]:
    """The first `most` 16-bit words of an element: of its bytes in the file's byte order, or of its numbers."""
    data = value(dataset, keyword)
    if data is None:
        return np.empty(0, np.uint16)
    if isinstance(data, bytes):
        used = data[: 2 * most]
        order = "<u2" if little_endian or dataset[keyword].VR == "OB" else ">u2"  # bytes have no byte order
        return np.frombuffer(used + b"\0" * (len(used) % 2), order).astype(np.uint16)
    return np.array([(number or 0) % 65536 for number in whole_numbers(several(data)[:most])], np.uint16)


def _bytes(words: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Entries of 8 bits, packed two to a word, the first one in its lower byte (PS3.3 C.7.6.3.1.6, PS3.5 8.1)."""
    return np.stack([words & 255, words >> 8], axis=-1).reshape(-1)


def _segmented_table(descriptor: Descriptor, words: NDArray[np.uint16]) -> LookupTable | None:
    """A table in segments, whose opcodes and lengths are of 8 bits, as its entries are, or of 16 (PS3.3 C.7.9.2)."""
    expanded = [_expand(words)]
    if descriptor.bits <= 8:
        expanded.insert(0, _expand(_bytes(words), octets=True))
    entries = max(expanded, key=lambda found: min(len(found), descriptor.entries))  # the first one of equals
    return _lookup_table(descriptor, np.array(entries, np.uint16))


def _expand(units: NDArray[np.uint16], *, octets: bool = False) -> list[int]:
    """Segments to entries. What is broken ends the table. `octets`: units are of 8 bits, not of 16."""
    entries: list[int] = []
    _expand_segments(units.tolist(), slice(0, len(units)), len(units), entries, octets=octets, nested=False)
    return entries


def _expand_segments(  # noqa: PLR0913
    units: list[int], place: slice, segments: int, entries: list[int], *, octets: bool, nested: bool
) -> None:
    """Adds the entries of the segments from here on. Each adds at least one, so this ends."""
    width = 4 if octets else 2  # units of an offset, which has 32 bits
    position, before = place.start, -1
    while segments > 0 and position + 2 < place.stop and before < len(entries) < MAX_ENTRIES:
        before = len(entries)
        opcode, length = units[position], units[position + 1]
        if opcode == 0:  # discrete: the entries themselves (C.7.9.2.1)
            entries.extend(units[position + 2 : min(position + 2 + length, place.stop)])
            position += 2 + length
        elif opcode == 1 and entries:  # linear: in even steps from the last entry to this one (C.7.9.2.2)
            steps = np.linspace(entries[-1], units[position + 2], length + 1)[1:]
            entries.extend(np.floor(steps + 0.5).astype(int).tolist())
            position += 3
        elif opcode == 2 and not nested and position + 2 + width <= place.stop:
            # Indirect: segments from an earlier place, given in bytes, again (C.7.9.2.3).
            offset = units[position + 2 : position + 2 + width]
            start = int.from_bytes(offset, "little") if octets else (offset[0] | offset[1] << 16) // 2
            _expand_segments(units, slice(start, position), length, entries, octets=octets, nested=True)
            position += 2 + width
        else:
            return
        segments -= 1
