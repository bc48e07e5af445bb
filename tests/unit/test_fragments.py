"""Encapsulated pixel data in all the ways that PS3.5 A.4 allows, and some that it does not."""

import struct

import pytest

from imaging.budget import Budget
from imaging.fragments import split_frames


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def offsets(*numbers: int, form: str = "<L") -> bytes:
    return b"".join(struct.pack(form, number) for number in numbers)


def split(value: bytes, frames: int, extended: bytes | None = None) -> list[bytes]:
    fragments = split_frames(memoryview(value), frames, extended, Budget())
    return [b"".join(value[place] for place in places) for places in fragments]


JPEG_A, JPEG_B = b"\xff\xd8\xffAA\xff\xd9A", b"\xff\xd8\xffB\xff\xd9"


def test_one_frame_of_several_fragments() -> None:
    assert split(item(b"") + item(b"ab") + item(b"cd") + item(b"ef"), 1) == [b"abcdef"]


def test_a_fragment_a_frame() -> None:
    assert split(item(b"") + item(b"ab") + item(b"cd"), 2) == [b"ab", b"cd"]


def test_the_basic_offset_table() -> None:
    value = item(offsets(0, 20)) + item(b"ab") + item(b"cd") + item(b"ef")
    assert split(value, 2) == [b"abcd", b"ef"]


def test_the_extended_offset_table_comes_first() -> None:
    value = item(offsets(0, 20)) + item(b"ab") + item(b"cd") + item(b"ef")
    assert split(value, 2, offsets(0, 10, form="<Q")) == [b"ab", b"cdef"]


@pytest.mark.parametrize("table", [(0, 5), (4, 20), (20, 0), (0, 0), (0, 4000)])
def test_a_wrong_table_gives_way_to_the_streams_own_starts(table: tuple[int, int]) -> None:
    value = item(offsets(*table)) + item(JPEG_A) + item(b"more") + item(JPEG_B)
    assert split(value, 2) == [JPEG_A + b"more", JPEG_B]


def test_fewer_and_more_frames_than_said() -> None:
    value = item(b"") + item(JPEG_A) + item(JPEG_B)
    assert split(value, 3) == [JPEG_A, JPEG_B]
    assert split(item(b"") + item(b"rle1") + item(b"rle2"), 5) == [b"rle1", b"rle2"]


def test_a_last_fragment_cut_short_is_kept() -> None:
    assert split((item(b"") + item(b"abcdef"))[:-2], 1) == [b"abcd"]


def test_nothing() -> None:
    assert split(b"", 1) == []
    assert split(item(b""), 4) == []


def test_all_frames_in_one_fragment() -> None:
    assert split(item(b"") + item(JPEG_A + b"\xff\xd9\0" + JPEG_B), 2) == [JPEG_A + b"\xff\xd9\0", JPEG_B]
    joined = b"\xff\xd8\xffA\xff\xd9" + JPEG_B + JPEG_B
    assert split(item(b"") + item(joined), 3) == [b"\xff\xd8\xffA\xff\xd9", JPEG_B, JPEG_B]
    assert split(item(b"") + item(joined), 4) == [joined]


def test_odd_lengths_with_and_without_their_padding() -> None:
    padded = item(b"") + item(b"abc") + b"\0" + item(b"de")
    assert split(padded, 2) == [b"abc", b"de"]
    assert split(item(b"") + item(b"abc") + item(b"de"), 2) == [b"abc", b"de"]
