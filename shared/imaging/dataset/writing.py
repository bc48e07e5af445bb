"""A data set that was read, with changes, to a DICOM file again: the counterpart of `elements` (PS3.5 7, PS3.10 7).

What was not changed is copied from the file, odd and broken elements included, as long as the encoding stays the same.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence as ItemSequence
from pydicom.tag import BaseTag

from imaging.dataset.attributes import value
from imaging.dataset.deflate import deflate
from imaging.dataset.dicom_file import DEFLATED, DicomFile, encoding_of
from imaging.dataset.elements import (
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED_LENGTH,
    Encoding,
    Item,
    PixelElement,
    Place,
)
from imaging.dataset.file_meta import file_start
from imaging.dataset.odd_headers import LONG_VRS, VRS

Chunk = bytes | memoryview
Written = RawDataElement | DataElement

SOP_CLASS_UID, SOP_INSTANCE_UID = BaseTag(0x00080016), BaseTag(0x00080018)
NO_DATA = (0x0000, 0x0002)  # groups: of commands (PS3.7 6.3.1), and of the file meta (PS3.10 7.1)
# The bytes of values that have a byte order (PS3.5 7.3). An AT has two words.
NUMBER_BYTES = {
    **dict.fromkeys(("AT", "OW", "SS", "US"), 2),
    **dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4),
    **dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8),
}
PADDED_BY_ZERO = (*NUMBER_BYTES, "OB", "UI", "UN")  # to an even length; others by a space (PS3.5 6.2)
MAX_SHORT_LENGTH = 0xFFFF


@dataclass(frozen=True)
class PixelValue:
    """The value of the pixel data of a new file, in parts: in that file's byte order, or fragments in their items.

    The delimiter at the end of the fragments is not part of it.
    """

    vr: str
    parts: Sequence[Chunk]
    encapsulated: bool


@dataclass(frozen=True)
class Rewritten:
    """A new Part 10 file in parts, its SOP Instance UID, and a report, which can be JSON, of what was changed."""

    parts: Sequence[Chunk]
    sop_instance_uid: str
    report: Mapping[str, Any]


def element(tag: int, vr: str, content: bytes) -> RawDataElement:
    """An element with this little endian value. It gets the byte that makes its length even."""
    content += (b"\0" if vr in PADDED_BY_ZERO else b" ") * (len(content) % 2)
    return RawDataElement(BaseTag(tag), vr, len(content), content, 0, False, True)


def sequence(tag: int, items: Iterable[Item]) -> DataElement:
    """A sequence of items: new ones, or those of the file."""
    return DataElement(BaseTag(tag), "SQ", ItemSequence(items))


def new_item(elements: Iterable[Written]) -> Item:
    """An item that was in no file."""
    item = Item({made.tag: made for made in elements})
    item.changes = {made.tag: made for made in elements}
    return item


def put(item: Item, made: Written) -> None:
    """Has the item written with this element, and without another of its tag."""
    item.changes = {**item.changes, made.tag: made}


def remove(item: Item, tag: int) -> None:
    """Has the item written without this element."""
    item.changes = {**item.changes, BaseTag(tag): None}


def write_file(
    file: DicomFile, transfer_syntax: str | None = None, pixels: PixelValue | None = None, *, copies: bool = True
) -> list[Chunk]:
    """The parts of a DICOM file: a new file meta, and the data set with its changes, encoded for its transfer syntax.

    `file` was parsed with `keep_places`. `transfer_syntax`: by default its own. `pixels`: by default its own, as they
    are. `copies`: what was not changed is copied; otherwise it is encoded from what was read of it, and nothing else of
    the file gets into the new one. Left out are commands, all but the last of elements with the same tag, what could
    not be read, and the lengths of groups that change (PS3.5 7.2).
    """
    syntax = transfer_syntax or file.transfer_syntax
    parts = list(_joined(_Writer(file, encoding_of(syntax), pixels, copies).item(file.dataset), file.body))
    if syntax in DEFLATED:
        parts = [deflate(parts)]
    sop_class, sop_instance = (written_uid(file.dataset, tag) for tag in (SOP_CLASS_UID, SOP_INSTANCE_UID))
    return [file_start(sop_class, sop_instance, syntax), *parts]


def written_uid(item: Item, number: int) -> str:
    """The UID with this tag that a file of the data set will have; "" if it has none."""
    tag = BaseTag(number)
    made = item.changes[tag] if tag in item.changes else item.get_item(tag, keep_deferred=True) if tag in item else None
    content = made.value if made else b""
    text = content.decode("ascii", "replace") if isinstance(content, bytes) else str(content or "")
    return text.strip(" \0")


def _joined(chunks: Iterator[Chunk | slice], body: memoryview) -> Iterator[Chunk]:
    """The chunks, with those of `body` that follow each other as one."""
    run = slice(0, 0)
    for chunk in chunks:
        if isinstance(chunk, slice) and chunk.start == run.stop:
            run = slice(run.start, chunk.stop)
            continue
        if run.stop > run.start:
            yield body[run]
        run = chunk if isinstance(chunk, slice) else slice(0, 0)
        if not isinstance(chunk, slice):
            yield chunk
    if run.stop > run.start:
        yield body[run]


class _Writer:
    """Encodes the items of one file: to bytes, and to places in its body that are to be copied."""

    def __init__(self, file: DicomFile, target: Encoding, pixels: PixelValue | None, copies: bool) -> None:
        self.file = file
        self.target = target
        self.pixels = pixels
        self.copies = copies and target.little_endian == file.little_endian
        self.pack = partial(struct.pack, "<HHL" if target.little_endian else ">HHL")
        self.signed = value(file.dataset, "PixelRepresentation") == 1

    def item(self, item: Item) -> Iterator[Chunk | slice]:
        """An item, or the data set."""
        top = item is self.file.dataset
        copies = self.copies and item.implicit == self.target.implicit
        kept = {place.tag: place for place in item.places if not (top and place.tag.group in NO_DATA)}
        copied = {tag for tag, place in kept.items() if copies and self._is_untouched(item, place)}
        changed = {tag.group for tag in (*item.changes, *kept) if tag not in copied}
        for tag in self._order(item, kept):
            if tag.element == 0 and tag.group in changed:
                continue
            if tag in copied:
                yield slice(kept[tag].start, kept[tag].stop)
                continue
            made = item.changes[tag] if tag in item.changes else kept[tag].element
            if made is not None:
                yield from self._element(made)
            elif self.file.pixels and tag == self.file.pixels.tag:
                yield from self._pixel_data(tag, self.pixels or self._own_pixels(self.file.pixels))

    def _order(self, item: Item, kept: dict[BaseTag, Place]) -> Iterator[BaseTag]:
        """The tags of what is written, as the file has them, with new ones before the first that is higher."""
        removed = {tag for tag, made in item.changes.items() if made is None}
        added = sorted(tag for tag in item.changes if tag not in kept and tag not in removed)
        for tag in sorted(kept, key=lambda tag: kept[tag].start):
            while added and added[0] < tag:
                yield added.pop(0)
            if tag not in removed:
                yield tag
        yield from added

    def _is_untouched(self, item: Item, place: Place) -> bool:
        if place.tag in item.changes:
            return False
        if place.element is None:
            return self.pixels is None
        return not isinstance(place.element, DataElement) or all(map(self._is_whole, place.element.value))

    def _is_whole(self, item: Item) -> bool:
        """Whether nothing has changed in an item, nor in what is nested in it."""
        return not item.changes and all(self._is_untouched(item, place) for place in item.places)

    def _element(self, made: Written) -> Iterator[Chunk | slice]:
        if isinstance(made, DataElement):
            yield self._header(made.tag, "SQ", UNDEFINED_LENGTH)
            for item in made.value:
                yield self.pack(*divmod(ITEM, 1 << 16), UNDEFINED_LENGTH)
                yield from self.item(item)
                yield self.pack(*divmod(ITEM_END, 1 << 16), 0)
            yield self.pack(*divmod(SEQUENCE_END, 1 << 16), 0)
            return
        vr = self._vr(made)
        content = made.value or b""
        if made.length == UNDEFINED_LENGTH:  # the fragments of an icon that is compressed (PS3.3 F.7)
            yield from self._fragments(made.tag, [content])
            return
        if vr in NUMBER_BYTES and made.is_little_endian != self.target.little_endian:
            content = _swapped(content, vr)
        yield self._header(made.tag, vr, len(content))
        yield content

    def _pixel_data(self, tag: BaseTag, made: PixelValue) -> Iterator[Chunk]:
        if made.encapsulated:
            yield from self._fragments(tag, made.parts)
            return
        length = sum(memoryview(part).nbytes for part in made.parts)
        yield self._header(tag, made.vr, length + length % 2)
        yield from made.parts
        yield bytes(length % 2)

    def _fragments(self, tag: BaseTag, parts: Iterable[Chunk]) -> Iterator[Chunk]:
        yield self._header(tag, "OB", UNDEFINED_LENGTH)
        yield from parts
        yield self.pack(*divmod(SEQUENCE_END, 1 << 16), 0)

    def _own_pixels(self, own: PixelElement) -> PixelValue:
        swaps = not own.encapsulated and own.vr in NUMBER_BYTES and own.little_endian != self.target.little_endian
        return PixelValue(own.vr, [_swapped(own.value, own.vr) if swaps else own.value], own.encapsulated)

    def _header(self, tag: BaseTag, vr: str, length: int) -> bytes:
        """PS3.5 7.1.2, 7.1.3. A value too long for its VR is UN (PS3.5 6.2.2)."""
        if self.target.implicit:
            return self.pack(tag.group, tag.element, length)
        order = "<" if self.target.little_endian else ">"
        if vr.encode() not in LONG_VRS and length <= MAX_SHORT_LENGTH:
            return struct.pack(f"{order}HH2sH", tag.group, tag.element, vr.encode(), length)
        long_vr = vr if vr.encode() in LONG_VRS else "UN"
        return struct.pack(f"{order}HH2s2xL", tag.group, tag.element, long_vr.encode(), length)

    def _vr(self, raw: RawDataElement) -> str:
        """Its own VR, or that of the dictionary; UN for one that is not known (PS3.5 6.2.2)."""
        if raw.VR and raw.VR.encode() in VRS:
            return str(raw.VR)
        if raw.tag.is_private_creator:
            return "LO"
        if raw.tag.element == 0:
            return "UL"  # the length of a group (PS3.5 7.2)
        try:
            known = str(dictionary_VR(raw.tag))
        except KeyError:
            return "UN"
        if known in ("US or SS", "US or SS or OW"):
            return "SS" if self.signed else "US"
        return "OW" if "OW" in known else known if known.encode() in VRS else "UN"


def _swapped(content: Chunk, vr: str) -> bytes:
    """A value in the other byte order. What follows its last whole number stays."""
    size = NUMBER_BYTES.get(vr, 1)
    whole = len(content) // size * size
    return np.frombuffer(content[:whole], f"u{size}").byteswap().tobytes() + bytes(content[whole:])
