"""The frames in encapsulated pixel data (PS3.5 A.4): fragments, and tables that may say where frames begin."""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from imaging.budget import Budget
from imaging.dataset.elements import ITEM_TAG
from imaging.pixels.codecs import begins_stream

DELIMITER_TAGS = (b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0")  # of an item, and of the sequence

# The end of one JPEG or JPEG 2000 stream, and where the next begins.
STREAM_BOUNDARY = re.compile(rb"\xff\xd9\x00*(?=\xff\xd8\xff|\xff\x4f\xff\x51)")


class Fragment(NamedTuple):
    """One item of the sequence. `offset` is where the item begins, counted from the first fragment's."""

    offset: int
    content: slice


def split_frames(value: memoryview, frames: int, extended_offsets: bytes | None, budget: Budget) -> list[list[slice]]:
    """Where in `value` the fragments of each frame are, in order. Each fragment and stream is spent from `budget`.

    `value`: the items, the basic offset table first, or a bare stream. `frames`: as many as the data set says there
    are. `extended_offsets`: the value of the Extended Offset Table (PS3.3 C.7.6.3.1.8), if the data set has one.
    The list is shorter or longer than `frames` if the pixel data is.
    """
    basic_offsets, fragments = _items(value, budget)
    contents = [fragment.content for fragment in fragments]
    streams = _by_stream_starts(value, contents)
    if frames == 1:
        return streams if len(streams) > 1 else [contents] if contents else []
    for table, form in ((extended_offsets or b"", "<Q"), (basic_offsets, "<L")):
        grouped = _by_offsets(fragments, table, form) if len(table) // struct.calcsize(form) == frames else []
        if grouped and (not streams or all(begins_stream(value[first]) for first, *_ in grouped)):
            return grouped
    if len(streams) == frames:
        return streams
    if joined := _within_fragments(value, streams, frames, budget):
        return joined
    each = [[content] for content in contents]  # one fragment per frame, as most writers have it
    return each if len(each) == frames else streams or [[content] for content in contents if _size(content)]


def _size(content: slice) -> int:
    return int(content.stop - content.start)


def _within_fragments(value: memoryview, streams: list[list[slice]], frames: int, budget: Budget) -> list[list[slice]]:
    """Streams that share a fragment, separated at their markers; nothing if their number is not `frames`."""
    told_apart: list[list[slice]] = []
    for stream in streams:
        told_apart.append([])
        for content in stream:
            ends = []
            for found in STREAM_BOUNDARY.finditer(value[content]):
                budget.spend_item()
                ends.append(content.start + found.end())
            first, *others = (slice(start, end) for start, end in pairwise([content.start, *ends, content.stop]))
            told_apart[-1].append(first)
            told_apart += [[other] for other in others]
    return told_apart if len(told_apart) == frames else []


def _items(value: memoryview, budget: Budget) -> tuple[memoryview, list[Fragment]]:
    """The basic offset table's value, and the fragments. The last one may be cut short."""
    if value[:4] != ITEM_TAG:
        return value[:0], [Fragment(0, slice(0, len(value)))] if len(value) else []
    items = list(_walk(value, budget))
    table, first = value[items[0].content], items[1].offset if len(items) > 1 else 0
    return table, [Fragment(item.offset - first, item.content) for item in items[1:]]


def _walk(value: memoryview, budget: Budget) -> Iterator[Fragment]:
    """Every item, the first one included; `offset` is counted from where it begins."""
    position = 0
    while position + 8 <= len(value):
        budget.spend_item()
        if value[position : position + 4] in DELIMITER_TAGS:  # of fragments that go on after their end marker
            position += 8
            continue
        if value[position : position + 4] != ITEM_TAG:
            break
        (length,) = struct.unpack_from("<L", value, position + 4)
        yield Fragment(position, slice(position + 8, min(position + 8 + length, len(value))))
        position += 8 + length
        if length % 2 and value[position : position + 2] != ITEM_TAG[:2]:
            position += 1  # an odd length, which PS3.5 A.4 forbids, without its padding byte


def _by_offsets(fragments: list[Fragment], table: bytes | memoryview, form: str) -> list[list[slice]]:
    """Fragments grouped by a table of offsets; nothing if the table does not fit them."""
    count = len(table) // struct.calcsize(form)
    if count > len(fragments):
        return []
    offsets = [offset for (offset,) in struct.iter_unpack(form, table[: count * struct.calcsize(form)])]
    starts = {fragment.offset: index for index, fragment in enumerate(fragments)}
    if offsets[0] != 0 or any(offset not in starts for offset in offsets):
        return []
    bounds = [starts[offset] for offset in offsets] + [len(fragments)]
    if any(start >= end for start, end in pairwise(bounds)):
        return []
    return [[fragment.content for fragment in fragments[start:end]] for start, end in pairwise(bounds)]


def _by_stream_starts(value: memoryview, contents: list[slice]) -> list[list[slice]]:
    """Fragments grouped by the beginnings of streams; nothing if the first one begins no known stream."""
    grouped: list[list[slice]] = []
    for content in filter(_size, contents):
        if begins_stream(value[content]):
            grouped.append([])
        elif not grouped:
            return []
        grouped[-1].append(content)
    return grouped
