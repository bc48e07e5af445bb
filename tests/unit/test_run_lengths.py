"""RLE frames that break rules of PS3.5 G, and are complete all the same."""

import struct
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from tests.dicom_files import encapsulated_file
from tests.shown import shown, warnings

EIGHT = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
SIXTEEN = np.array([[0, 300, 65535], [7, 4096, 513]], np.uint16)
COLOUR = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 14
WINDOW = {"WindowCenter": 128, "WindowWidth": 256}
# Runs (PS3.5 G.3.1): after a head n below 128 come n + 1 bytes; after one above 128, a byte to be repeated.
LITERAL, REPEATED = bytes([2, 9, 9, 9]), bytes([254, 9])


def segment(octets: NDArray[Any]) -> bytes:
    return bytes([octets.size - 1]) + octets.astype(np.uint8).tobytes()


def frame(*segments: bytes, order: list[int] | None = None, count: int | None = None, more: int = 0) -> bytes:
    """An RLE stream. `order` is the order of its segments in the file, and `more` is added to each offset."""
    offsets = [0] * len(segments)
    body = b""
    for place in order or range(len(segments)):
        offsets[place] = 64 + len(body) + more
        body += segments[place]
    header = struct.pack("<16L", len(segments) if count is None else count, *offsets, *[0] * (15 - len(segments)))
    return header + body


def picture(pixels: NDArray[Any], stream: bytes, **attributes: Any) -> NDArray[Any]:
    return shown(encapsulated_file(pixels, [stream], RLELossless, **attributes))


def told(pixels: NDArray[Any], stream: bytes) -> list[str]:
    return warnings(encapsulated_file(pixels, [stream], RLELossless, **WINDOW))


@pytest.mark.parametrize(
    "tail",
    [
        b"\0",
        b"\0\0",
        b"\0" * 9,
        b"\x80",
        b"\x80\x80\x80",
        b"\7",
        b"\xff",
        LITERAL,
        REPEATED,
        REPEATED * 1000,
        b"\0\0\5",
    ],
)
def test_octets_after_the_last_pixel_do_not_matter(tail: bytes) -> None:
    assert picture(EIGHT, frame(segment(EIGHT) + tail), **WINDOW).tolist() == EIGHT.tolist()
    assert told(EIGHT, frame(segment(EIGHT) + tail)) == []
    planes = [segment(plane) + tail for plane in (SIXTEEN >> 8, SIXTEEN & 255)]
    full = {"WindowCenter": 32768, "WindowWidth": 65536}
    assert picture(SIXTEEN, frame(*planes), **full).tolist() == np.floor(SIXTEEN / 257 + 0.5).tolist()


@pytest.mark.parametrize(
    "runs",
    [
        segment(EIGHT)[:-1].replace(b"\5", b"\7", 1) + bytes([200, 1, 1]),  # a literal run beyond the last pixel
        bytes([4]) + EIGHT.tobytes()[:5] + bytes([250, 200]),  # a repeated one
        bytes([4]) + EIGHT.tobytes()[:5] + bytes([255, 200]),  # of two bytes, where one pixel is left
        b"\x80" + segment(EIGHT[0]) + b"\x80\x80" + segment(EIGHT[1]) + REPEATED,
    ],
)
def test_a_run_that_goes_beyond_the_last_pixel_is_cut_off(runs: bytes) -> None:
    assert picture(EIGHT, frame(runs), **WINDOW).tolist() == EIGHT.tolist()
    assert told(EIGHT, frame(runs)) == []


@pytest.mark.parametrize("runs", [bytes([5, 0, 40, 80]), bytes([2, 0, 40, 80, 5]), bytes([0, 0, 1, 40, 80, 200])])
def test_a_segment_that_ends_within_a_run_is_shown_so_far(runs: bytes) -> None:
    assert picture(EIGHT, frame(runs), **WINDOW).tolist() == [[0, 40, 80], [0, 0, 0]]
    assert "cut short" in told(EIGHT, frame(runs))[0]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_segments_in_another_order(order: tuple[int, ...]) -> None:
    planes = [segment(COLOUR[..., sample]) for sample in range(3)]
    assert picture(COLOUR, frame(*planes, order=[*order])).tolist() == COLOUR.tolist()
    assert told(COLOUR, frame(*planes, order=[*order])) == []


def test_more_segments_than_samples() -> None:
    stream = frame(segment(EIGHT), segment(255 - EIGHT))
    assert picture(EIGHT, stream, **WINDOW).tolist() == EIGHT.tolist()
    assert told(EIGHT, stream) == ["Frame 1: its RLE stream has 2 segments instead of 1."]


def test_fewer_segments_than_samples_need() -> None:
    assert told(SIXTEEN, frame(segment(EIGHT))) == [
        "Frame 1 can't be shown: its RLE stream has 1 segments instead of 2."
    ]


def test_a_segment_of_nothing_is_black() -> None:
    stream = struct.pack("<16L", 2, 64, 64 + len(segment(EIGHT)), *[0] * 13) + segment(EIGHT)
    content = encapsulated_file(SIXTEEN, [stream], RLELossless, WindowCenter=32768, WindowWidth=65536)
    assert shown(content).tolist() == np.floor(EIGHT.astype(int) * 256 / 257 + 0.5).tolist()
    assert "cut short" in warnings(content)[0]


@pytest.mark.parametrize(
    "stream",
    [
        frame(segment(EIGHT), more=-1),
        frame(segment(EIGHT), more=-64),
        frame(segment(EIGHT), more=100),
        frame(segment(EIGHT), count=16),
        frame(segment(EIGHT), count=0),
        frame(segment(EIGHT))[:62],
    ],
)
def test_a_header_that_is_none(stream: bytes) -> None:
    (warning,) = told(EIGHT, stream)
    assert warning.startswith("Frame 1 can't be shown: its ")
    assert "known here" in warning or "0 segments" in warning


def test_samples_of_other_than_whole_bytes() -> None:
    content = encapsulated_file(
        SIXTEEN, [frame(segment(EIGHT))], RLELossless, BitsAllocated=12, BitsStored=12, HighBit=11
    )
    assert warnings(content) == ["Frame 1 can't be shown: RLE frames of 12 bits are not supported."]


def test_thirty_two_bits() -> None:
    pixels = np.array([[0, 1 << 16, 3 << 30]], np.uint32)
    planes = [segment(pixels >> shift & 255) for shift in (24, 16, 8, 0)]
    assert picture(pixels, frame(*planes)).tolist() == [[0, 0, 255]]
