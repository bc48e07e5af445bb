"""Encapsulated pixel data in all forms that PS3.5 A.4 allows, and in some that it does not."""

import struct

import pytest

from imaging.budget import Budget
from imaging.pixels.fragments import split_frames


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def offsets(*numbers: int, form: str = "<L") -> bytes:
    return b"".join(struct.pack(form, number) for number in numbers)


def split(value: bytes, frames: int, extended: bytes | None = None) -> list[bytes]:
    fragments = split_frames(memoryview(value), frames, extended, Budget())
    return [b"".join(value[place] for place in places) for places in fragments]


JPEG_A, JPEG_B = b"\xff\xd8\xffAA\xff\xd9A", b"\xff\xd8\xffB\xff\xd9"
RLE = struct.pack("<16L", 2, 64, 66, *[0] * 13) + b"1234"
# A stream of each kind: JPEG and JPEG-LS, JPEG 2000 and HTJ2K as a codestream and as a file, JPEG XL likewise, RLE.
STREAMS = {
    "JPEG": JPEG_A,
    "JPEG 2000": b"\xff\x4f\xff\x51 stream",
    "JPEG 2000 file": b"\0\0\0\x0cjP  \r\n",
    "JPEG XL": b"\xff\x0astream",
    "JPEG XL file": b"\0\0\0\x0cJXL \r\n",
    "RLE": RLE,
}


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


# Offsets out of order, repeated, from another base, beyond the end; for one frame, for each fragment, for none.
@pytest.mark.parametrize(
    "table",
    [(0, 5), (4, 20), (20, 0), (0, 0), (0, 4000), (0, 16), (8, 36), (0,), (0, 16, 28), (0, 16, 28, 28), (7,) * 99],
)
@pytest.mark.parametrize("form", ["<L", "<Q"])
def test_a_wrong_table_gives_way_to_the_streams_own_starts(table: tuple[int, ...], form: str) -> None:
    basic, extended = (offsets(*table), None) if form == "<L" else (b"", offsets(*table, form=form))
    value = item(basic) + item(JPEG_A) + item(b"more") + item(JPEG_B)
    assert split(value, 2, extended) == [JPEG_A + b"more", JPEG_B]


def test_a_wrong_extended_table_gives_way_to_a_basic_one_that_fits() -> None:
    value = item(offsets(0, 20)) + item(b"ab") + item(b"cd") + item(b"ef")
    for wrong in ((0,), (0, 10, 20), (0, 9)):
        assert split(value, 2, offsets(*wrong, form="<Q")) == [b"abcd", b"ef"]


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_streams_of_every_kind_are_told_apart_by_what_they_begin_with(stream: bytes) -> None:
    # A table of one frame, and one with an entry for each fragment.
    for table in ((0,), (0, len(stream) + 8, len(stream) + 18, 2 * len(stream) + 26), ()):
        value = item(offsets(*table)) + 2 * (item(stream) + item(b"..")) + item(stream)
        assert split(value, 3) == [stream + b"..", stream + b"..", stream]
    assert split(item(offsets(0)) + item(stream) * 3, 1) == [stream] * 3


@pytest.mark.parametrize(
    "no_rle",
    [
        RLE[:60],
        bytes(64) + RLE,
        struct.pack("<16L", 16, *range(64, 79)),
        struct.pack("<16L", 0x101, *range(64, 79)),
        struct.pack("<16L", 0, 64, *[0] * 14),
        struct.pack("<16L", 2, 66, 68, *[0] * 13),
        struct.pack("<16L", 2, 64, 64, *[0] * 13),
        struct.pack("<16L", 2, 64, 66, 68, *[0] * 12),
    ],
)
def test_what_is_no_rle_header(no_rle: bytes) -> None:
    assert split(item(b"") + item(RLE) + item(no_rle), 3) == [RLE + no_rle]


def test_empty_fragments_and_padding_make_no_frames() -> None:
    value = item(offsets(0, 8)) + item(b"") + item(JPEG_A) + item(b"") + item(JPEG_B) + item(bytes(4)) + item(b"")
    assert split(value, 2) == [JPEG_A, JPEG_B + bytes(4)]
    assert split(item(b"") + item(b"ab") + item(b"") + item(b"cd"), 2) == [b"ab", b"cd"]


def test_an_empty_fragment_may_be_a_frame_that_is_missing() -> None:
    assert split(item(offsets(0, 16, 24)) + item(JPEG_A) + item(b"") + item(JPEG_B), 3) == [JPEG_A, b"", JPEG_B]


def test_fragments_that_go_on_after_an_end_marker() -> None:
    end = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    assert split(item(b"") + item(JPEG_A) + end + item(JPEG_B), 2) == [JPEG_A, JPEG_B]
    assert split(item(b"") + item(JPEG_A[:-1]) + end + item(JPEG_B) + b"junk and more", 2) == [JPEG_A[:-1], JPEG_B]


def test_a_bare_stream_is_one_fragment() -> None:
    assert split(JPEG_A, 1) == [JPEG_A]
    assert split(JPEG_B * 3, 3) == [JPEG_B] * 3
    assert split(RLE, 1) == [RLE]


def test_fewer_and_more_frames_than_said() -> None:
    value = item(b"") + item(JPEG_A) + item(JPEG_B)
    assert split(value, 3) == [JPEG_A, JPEG_B]
    assert split(item(b"") + item(b"rle1") + item(b"rle2"), 5) == [b"rle1", b"rle2"]


def test_a_last_fragment_cut_short_is_kept() -> None:
    value = (item(b"") + item(b"abcdef"))[:-2]
    assert split(value, 1) == [b"abcd"]
    assert split_frames(memoryview(value), 1, None, Budget()) == [[slice(16, 20)]]


def test_a_table_that_leaves_out_the_first_fragment_is_wrong() -> None:
    assert split(item(offsets(10, 20)) + item(b"ab") + item(b"cd") + item(b"ef"), 2) == [b"ab", b"cd", b"ef"]


def test_nothing() -> None:
    assert split(b"", 1) == []
    assert split(item(b""), 4) == []


def test_all_frames_in_one_fragment() -> None:
    assert split(item(b"") + item(JPEG_A + b"\xff\xd9\0" + JPEG_B), 2) == [JPEG_A + b"\xff\xd9\0", JPEG_B]
    joined = b"\xff\xd8\xffA\xff\xd9" + JPEG_B + JPEG_B
    assert split(item(b"") + item(joined), 3) == [b"\xff\xd8\xffA\xff\xd9", JPEG_B, JPEG_B]
    assert split(item(b"") + item(joined), 4) == [joined]
    assert split(item(b"") + item(joined) + item(bytes(6)), 3)[2] == JPEG_B + bytes(6)
    assert split(item(b"") + item(JPEG_B + JPEG_A[:5]) + item(JPEG_A[5:]), 2) == [JPEG_B, JPEG_A]


def test_odd_lengths_with_and_without_their_padding() -> None:
    padded = item(b"") + item(b"abc") + b"\0" + item(b"de")
    assert split(padded, 2) == [b"abc", b"de"]
    assert split(item(b"") + item(b"abc") + item(b"de"), 2) == [b"abc", b"de"]
