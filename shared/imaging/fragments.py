"""Frames out of encapsulated pixel data (PS3.5 A.4): fragments, and tables that may say where frames begin."""

import re
import struct
from itertools import pairwise
from typing import NamedTuple

from imaging.budget import Budget

ITEM_TAG = b"\xfe\xff\x00\xe0"

# What streams begin with: JPEG and JPEG-LS, JPEG 2000 codestream and file, JPEG XL codestream and file.
STREAM_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")


# The end of one JPEG or JPEG 2000 stream, and where the next begins.
STREAM_BOUNDARY = re.compile(rb"\xff\xd9\x00*(?=\xff\xd8\xff|\xff\x4f\xff\x51)")


class Fragment(NamedTuple):
    """One item of the sequence. `offset` is where the item begins, counted from the first fragment's."""

    offset: int
    content: slice


def split_frames(value: memoryview, frames: int, extended_offsets: bytes | None, budget: Budget) -> list[list[slice]]:
    """Where in `value` the fragments of each frame are, in order. Each fragment and stream is spent from `budget`.

    `value`: the items, the basic offset table first. `frames`: as many as the data set says there are.
    `extended_offsets`: the value of the Extended Offset Table (PS3.3 C.7.6.3.1.8), if the data set has one.
    The list may be shorter or longer than `frames`, if the stream is.
    """
    basic_offsets, fragments = _items(value, budget)
    if frames == 1:
        return [[fragment.content for fragment in fragments]] if fragments else []
    for table, form in ((extended_offsets or b"", "<Q"), (basic_offsets, "<L")):
        if grouped := _by_offsets(fragments, table, form):
            return grouped
    contents = [fragment.content for fragment in fragments]
    if len(contents) == frames:
        return [[content] for content in contents]
    grouped = _by_stream_starts(value, contents)
    return grouped if len(grouped) >= frames else _within_fragments(value, contents, frames, budget) or grouped


def _within_fragments(value: memoryview, contents: list[slice], frames: int, budget: Budget) -> list[list[slice]]:
    """Streams one after the other in one fragment, told apart by their markers; nothing if they are not `frames`."""
    streams: list[list[slice]] = [[]]
    for content in contents:
        ends = []
        for found in STREAM_BOUNDARY.finditer(value[content]):
            budget.spend_item()
            ends.append(content.start + found.end())
        for place, (start, end) in enumerate(pairwise([content.start, *ends, content.stop])):
            if place > 0 or _begins(value, content):
                streams.append([])
            streams[-1].append(slice(start, end))
    streams = [stream for stream in streams if stream]
    return streams if len(streams) == frames else []


def _begins(value: memoryview, content: slice) -> bool:
    """Whether a fragment begins with a stream."""
    return bytes(value[content][:12]).startswith(STREAM_STARTS)


def _items(value: memoryview, budget: Budget) -> tuple[memoryview, list[Fragment]]:
    """The basic offset table's value and the fragments. A last one that the file cuts short is given as it is."""
    table = value[:0]
    fragments: list[Fragment] = []
    position = first = 0
    while position + 8 <= len(value):
        budget.spend_item()
        (length,) = struct.unpack_from("<L", value, position + 4)
        content = slice(position + 8, min(position + 8 + length, len(value)))
        if position == 0:
            table, first = value[content], 8 + length
        else:
            fragments.append(Fragment(position - first, content))
        position += 8 + length
        if length % 2 and value[position : position + 4] != ITEM_TAG:
            position += 1  # an odd length (which PS3.5 A.4 forbids) that leaves out the byte that makes it even
    return table, fragments


def _by_offsets(fragments: list[Fragment], table: bytes | memoryview, form: str) -> list[list[slice]]:
    """Fragments grouped by a table of offsets; nothing if the table does not fit them."""
    count = len(table) // struct.calcsize(form)
    if count > len(fragments):
        return []
    offsets = [offset for (offset,) in struct.iter_unpack(form, table[: count * struct.calcsize(form)])]
    starts = {fragment.offset: index for index, fragment in enumerate(fragments)}
    if not offsets or offsets[0] != 0 or any(offset not in starts for offset in offsets):
        return []
    bounds = [starts[offset] for offset in offsets] + [len(fragments)]
    if any(start >= end for start, end in pairwise(bounds)):
        return []
    return [[fragment.content for fragment in fragments[start:end]] for start, end in pairwise(bounds)]


def _by_stream_starts(value: memoryview, contents: list[slice]) -> list[list[slice]]:
    """Fragments grouped by where a new stream begins. Without such a start (RLE) each is a frame (PS3.5 A.4.2)."""
    grouped: list[list[slice]] = []
    known = bool(contents) and _begins(value, contents[0])
    for content in contents:
        if not known or not grouped or _begins(value, content):
            grouped.append([])
        grouped[-1].append(content)
    return grouped
