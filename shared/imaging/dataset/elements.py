"""The elements of an encoded data set (PS3.5 7), as far as they can be read.

pydicom holds and converts them. Its own reader is not used, as it recurses as deep as the file says, and gives up at
the first malformed sequence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as ItemSequence
from pydicom.tag import BaseTag

from imaging.budget import Budget
from imaging.dataset.odd_headers import DELIMITER_GROUP, LONG_VRS, PADDING, VRS, is_vr_like, odd_header
from problems import Invalid, TooLarge

PIXEL_DATA_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)  # float, double float, integer samples
PIXEL_REPRESENTATION = 0x00280103
UNDEFINED_LENGTH = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD  # PS3.5 7.5
ITEM_TAG = b"\xfe\xff\x00\xe0"  # in little endian, which fragments are always in
FRAGMENT_GROUP = (b"\xfe\xff", b"\xff\xfe")  # the group of items and delimiters, in both byte orders
MAX_PADDING = 1 << 20  # bytes of padding that are looked at
COMMANDS = 0x0000
NO_GROUPS = (COMMANDS, 0xFFFF)  # of commands, and never used (PS3.5 7.8.1): no data set begins with them
NOT_ORDINARY = (COMMANDS, DELIMITER_GROUP, 0xFFFF)
MAX_NESTING = 64  # sequences within sequences; structured reports have been seen with some twenty


@dataclass(frozen=True)
class Encoding:
    """How a data set is encoded, by its transfer syntax or by its content."""

    implicit: bool
    little_endian: bool


@dataclass(frozen=True)
class PixelElement:
    """The value of the pixel data element, as a view of the file.

    `place`: where the element with its value is in the data set; `start`: where its value begins.
    """

    tag: int
    vr: str
    value: memoryview
    little_endian: bool
    encapsulated: bool  # of undefined length: a sequence of fragments (PS3.5 A.4)
    place: slice
    start: int


Elements = dict[BaseTag, RawDataElement | DataElement]


class Place(NamedTuple):
    """Where an element is in the encoded data set, from its header to the end of its value, and what was read there.

    `element` is None for the pixel data. pydicom replaces an element in the data set when it converts its value.
    """

    tag: BaseTag
    start: int
    stop: int
    element: RawDataElement | DataElement | None


class Item(Dataset):
    """A data set whose elements are set all at once, and not by keyword.

    `places`: those of its elements in the order of the file, if the reader keeps them; `implicit`: whether it was
    encoded without VRs. `changes`: elements that `writing` puts into it, and None for those that it leaves out.

    pydicom checks every attribute for a keyword, which would take most of the time of an empty item.
    """

    places: Sequence[Place] = ()
    implicit = False
    changes: Mapping[BaseTag, RawDataElement | DataElement | None] = MappingProxyType({})

    __setattr__ = object.__setattr__  # type: ignore[assignment]


class ElementReader:
    """Reads one data set. `pixels` is its pixel data, which is left out of the data set. Faults go to `warnings`.

    Elements and items are spent from `budget`. `commands`: where the commands before the data set end, if there are
    any. `keep_places`: items keep the places of their elements, which `writing` needs.
    """

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        body: memoryview,
        encoding: Encoding,
        warnings: list[str],
        budget: Budget,
        commands: int = 0,
        keep_places: bool = False,
    ) -> None:
        self.body = body
        self.encoding = encoding
        self.warnings = warnings
        self.pixels: PixelElement | None = None
        self.budget = budget
        self.commands = commands
        self.keep_places = keep_places
        self.held = 0
        self.signed = False
        self.cut = False
        self.strays = False
        self.order = order = "<" if encoding.little_endian else ">"
        self.short_header = Struct(f"{order}HH2sH").unpack_from
        self.long_header = Struct(f"{order}HHL").unpack_from
        self.long = Struct(f"{order}L").unpack_from
        self.sequence_end = re.compile(re.escape(Struct(f"{order}HHL").pack(0xFFFE, 0xE0DD, 0)))

    def read(self) -> Item:
        """The data set in tag order. Raises Invalid or TooLarge if it is larger or deeper than any real one."""
        dataset, _ = self._dataset(0, len(self.body), self.encoding.implicit, 0)
        self.budget.spend_bytes(self.held)
        dataset.set_original_encoding(self.encoding.implicit, self.encoding.little_endian)
        return dataset

    def _dataset(self, position: int, end: int, implicit: bool, depth: int) -> tuple[Item, int]:
        """The data set from `position`, and its end: `end`, or an earlier delimiter or item."""
        elements: Elements = {}
        places: list[Place] = []
        last = 0
        in_order = True
        while end - position >= 8:
            group, number, _ = self.long_header(self.body, position)
            tag = group << 16 | number
            implicit_here = implicit
            if group in NOT_ORDINARY:
                if group == DELIMITER_GROUP and depth:
                    position += 8 if tag == ITEM_END else 0
                    break
                if group == DELIMITER_GROUP:
                    self._stray(position)
                    position += 8
                    continue
                if not depth and position >= self.commands:
                    break
                # Commands may be in another form than the data set (PS3.7 6.3.1).
                implicit_here = implicit if depth else not is_vr_like(bytes(self.body[position + 4 : position + 6]))
            self.budget.spend_item()
            in_order = in_order and tag > last
            last = tag
            start = position
            position = self._element(elements, tag, position, end, implicit_here, depth)
            if self.keep_places:
                key = BaseTag(tag)
                places.append(Place(key, start, position, elements.get(key)))
        else:
            self._leftover(position, end)
            position = end
        if position < end and not depth:
            self._leftover(position, end)
        item = Item(elements if in_order else dict(sorted(elements.items(), key=lambda item: int(item[0]))))
        if self.keep_places:
            item.places, item.implicit = places, implicit
        return item, position

    def _stray(self, position: int) -> None:
        self.budget.spend_item()
        if not self.strays:
            self.warnings.append(f"A delimiter without a sequence, at byte {position} of the data set, is left out.")
        self.strays = True

    def _leftover(self, position: int, end: int) -> None:
        if bytes(self.body[position : min(end, position + MAX_PADDING)]).strip(PADDING):
            self.warnings.append(f"The file can't be read beyond byte {position} of its data set.")

    def _element(  # noqa: PLR0913, PLR0917 - the state of the walk, a call for each of very many elements
        self, elements: Elements, number: int, position: int, end: int, implicit: bool, depth: int
    ) -> int:
        """Adds the element at `position`, and returns where the next one begins."""
        vr, length, start = self._header(position, end, implicit)
        tag = BaseTag(number)
        if not depth and number in PIXEL_DATA_TAGS:
            return self._pixel_data(tag, vr or "OW", length, position, start)
        if tag in elements:
            self.warnings.append(f"{tag} occurs twice; the last one is given.")
        if self._is_sequence(tag, vr, length):
            sequence, after = self._sequence(tag, start, end, length, vr is None, depth)
            elements[tag] = DataElement(tag, "SQ", sequence, is_undefined_length=length == UNDEFINED_LENGTH)
            return after
        if length == UNDEFINED_LENGTH:
            stop, after = self._fragments_end(tag, start, end)
        else:
            stop = after = self._within(tag, start + length, end)
        self.held += stop - start
        if self.held > self.budget.limits.file_bytes:
            most = self.budget.limits.file_bytes
            raise TooLarge(f"The data set holds more than {most} bytes besides its pixel data: leave some of it out.")
        value = bytes(self.body[start:stop])
        if number == PIXEL_REPRESENTATION:
            self.signed = b"\1" in value
        elif depth and vr is None:
            vr = self._nested_vr(tag)
        size = length if length == UNDEFINED_LENGTH else len(value)
        elements[tag] = RawDataElement(tag, vr, size, value, start, vr is None, self.encoding.little_endian)
        return after

    def _header(self, position: int, end: int, implicit: bool) -> tuple[str | None, int, int]:
        """VR (None where it is implicit), length and start of the value (PS3.5 7.1.2, 7.1.3)."""
        group, number, vr, length = self.short_header(self.body, position)
        if implicit:
            (length,) = self.long(self.body, position + 4)
            return None, length, position + 8
        if vr not in VRS:  # some writers turn to the implicit form within the explicit one
            odd = odd_header(self.body, position, end, self.order)
            if odd.explicit and not is_vr_like(vr):
                tag = BaseTag(group << 16 | number)
                self.warnings.append(f"{tag} has a VR that does not exist; it was read as the dictionary has it.")
            return vr.decode() if is_vr_like(vr) else None, odd.length, odd.start
        if vr in LONG_VRS:
            (length,) = self.long(self.body, position + 8) if end - position >= 12 else (0,)
            return vr.decode(), length, min(position + 12, end)
        return vr.decode(), length, position + 8

    def _within(self, tag: BaseTag, stop: int, end: int) -> int:
        if stop > end and end < len(self.body):
            self.warnings.append(f"The value of {tag} is longer than the item that holds it.")
        elif stop > end and not self.cut:  # the sequence has a warning, so what is in it needs none
            self.cut = True
            self.warnings.append(f"The file ends within the value of {tag}.")
        return min(stop, end)

    def _is_sequence(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        if vr not in (None, "UN"):
            return vr == "SQ"
        try:
            known = dictionary_VR(tag)
        except KeyError:
            known = ""
        # UN of undefined length is a sequence (PS3.5 6.2.2), and so are unknown elements: only pixel data has
        # fragments.
        return known == "SQ" or (length == UNDEFINED_LENGTH and (vr == "UN" or not known))

    def _nested_vr(self, tag: BaseTag) -> str | None:
        """SS or US, where that depends on a Pixel Representation outside of the item (PS3.5 A.1)."""
        try:
            return ("SS" if self.signed else "US") if dictionary_VR(tag) == "US or SS" else None
        except KeyError:
            return None

    def _sequence(  # noqa: PLR0913, PLR0917
        self, tag: BaseTag, start: int, outer_end: int, length: int, implicit: bool, depth: int
    ) -> tuple[ItemSequence, int]:
        """The items of a sequence, and where the element after it begins (PS3.5 7.5)."""
        if depth == MAX_NESTING:
            raise Invalid(f"The data set has sequences nested deeper than {MAX_NESTING} levels.")
        defined = length != UNDEFINED_LENGTH
        end = self._within(tag, start + length, outer_end) if defined else outer_end
        items: list[Dataset] = []
        position = start
        while end - position >= 8:
            group, number, item_length = self.long_header(self.body, position)
            found = group << 16 | number
            if found == SEQUENCE_END:
                return ItemSequence(items), end if defined else position + 8
            if found == ITEM_END:  # after an item of given length, which needs none
                position += 8
                continue
            if found != ITEM:
                self.warnings.append(f"The items of {tag} do not end as they should; those before are given.")
                return ItemSequence(items), end if defined else self._resume(position, end)
            self.budget.spend_item()
            position += 8
            item_end = end if item_length == UNDEFINED_LENGTH else self._within(tag, position + item_length, end)
            implicit_item = implicit or self._is_implicit(position, item_end)
            item, position = self._dataset(position, item_end, implicit_item, depth + 1)
            items.append(item)
        if not defined:
            self.warnings.append(f"The items of {tag} have no end marker.")
        return ItemSequence(items), end

    def _is_implicit(self, position: int, end: int) -> bool:
        """Whether the first element of an item is in the implicit form, and so is the item."""
        vr = bytes(self.body[position + 4 : position + 6])
        return not is_vr_like(vr) and not (
            end - position >= 8 and odd_header(self.body, position, end, self.order).explicit
        )

    def _resume(self, position: int, end: int) -> int:
        """Where elements continue after a sequence without end marker: here, or behind the next marker."""
        group, _, vr, _ = self.short_header(self.body, position)
        if group not in NO_GROUPS and (vr in VRS or self.encoding.implicit):
            return position
        _, after = self._marker(position, end)
        return after

    def _marker(self, position: int, end: int) -> tuple[int, int]:
        """Where the next end marker of a sequence begins and ends, or the end."""
        marker = self.sequence_end.search(self.body, position, end)
        return marker.span() if marker else (end, end)

    def _pixel_data(self, tag: BaseTag, vr: str, length: int, position: int, start: int) -> int:
        end = len(self.body)
        encapsulated = length == UNDEFINED_LENGTH
        stop, after = self._fragments_end(tag, start, end) if encapsulated else (start + length, start + length)
        if stop > end:
            self.warnings.append("The file ends within its pixel data.")
        place = slice(position, min(after, end))
        value = self.body[start:stop]
        self.pixels = PixelElement(int(tag), vr, value, self.encoding.little_endian, encapsulated, place, start)
        return place.stop

    def _fragments_end(self, tag: BaseTag, start: int, end: int) -> tuple[int, int]:
        """Where fragments end, and where what follows them begins (PS3.5 A.4: items, then a delimiter).

        Only the lengths of the fragments lead there, as a compressed frame may contain the delimiter's bytes.
        """
        what = "pixel data" if tag in PIXEL_DATA_TAGS else f"element {tag}"
        position = start
        while position + 8 <= end:
            group, number, length = self.long_header(self.body, position)
            found = group << 16 | number
            if found == SEQUENCE_END:
                if not self._is_item(position + 8, end):
                    return position, position + 8
                self.warnings.append(f"The fragments of the {what} go on after their end marker.")
                position += 8
                continue
            if found != ITEM:
                break
            self.budget.spend_item()
            position += 8 + length
            if length % 2 and self.body[position : position + 2] not in FRAGMENT_GROUP:
                position += 1  # an odd length that leaves out the byte that makes it even
        self.warnings.append(f"The fragments of the {what} have no end marker.")
        if end - position < 8:
            return min(position, end), min(position, end)
        if position == start and tag in PIXEL_DATA_TAGS:  # a stream without items around it
            return self._marker(position, end)
        return position, self._resume(position, end)

    def _is_item(self, position: int, end: int) -> bool:
        if end - position < 8:
            return False
        group, number, _ = self.long_header(self.body, position)
        return bool(group << 16 | number == ITEM)
