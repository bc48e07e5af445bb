"""Overlays in planes of one or more frames, and in unused bits of the pixels (PS3.3 C.9.2)."""

import struct
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.tag import Tag
from pydicom.uid import RLELossless

from tests.dicom_files import encapsulated_file, picture_file
from tests.shown import pictures, shown, warnings

FAMILY = "1.2.840.10008.1.2.4"
TWELVE = {"BitsStored": 12, "HighBit": 11, "WindowCenter": 2048, "WindowWidth": 4096}
ROW, COLUMN = np.indices((8, 8))
VALUES = ((ROW * 8 + COLUMN) * 40).astype(np.uint16)
PLANE = (ROW + COLUMN) % 3 == 0
WORDS = VALUES | (PLANE.astype(np.uint16) << 12)
GREY = np.floor(VALUES / 4095 * 255 + 0.5)
BURNT = np.where(PLANE, 255, GREY)


def overlay(group: int = 0x6000, **more: Any) -> list[DataElement]:
    """An 8x8 overlay at the origin. Further elements are named by their numbers, such as x0102."""
    plane: dict[int, tuple[str, Any]] = {0x10: ("US", 8), 0x11: ("US", 8), 0x40: ("CS", "G"), 0x50: ("SS", [1, 1])}
    plane |= {int(name[1:], 16): value for name, value in more.items()}
    return [DataElement(Tag(group, number), vr, value) for number, (vr, value) in plane.items()]


def packed(*planes: NDArray[Any]) -> tuple[str, bytes]:
    return "OW", np.packbits(np.concatenate([plane.reshape(-1) for plane in planes]), bitorder="little").tobytes()


IN_BIT_12 = overlay(x0100=("US", 16), x0102=("US", 12))


def rle(words: NDArray[np.uint16]) -> bytes:
    planes = [bytes([63]) + plane.astype(np.uint8).tobytes() for plane in (words >> 8, words & 255)]
    return struct.pack("<16L", 2, 64, 64 + 65, *[0] * 13) + b"".join(planes)


def deflated(words: NDArray[np.uint16]) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(words.tobytes()) + compressor.flush()


STREAMS = {
    RLELossless: rle(WORDS),
    f"{FAMILY}.70": imagecodecs.jpeg8_encode(WORDS, lossless=True, predictor=1, bitspersample=16),
    f"{FAMILY}.80": imagecodecs.jpegls_encode(WORDS),
    f"{FAMILY}.90": imagecodecs.jpeg2k_encode(WORDS, level=0, reversible=True),
    f"{FAMILY}.201": imagecodecs.htj2k_encode(WORDS, reversible=True),
    f"{FAMILY}.110": imagecodecs.jpegxl_encode(WORDS, lossless=True),
    "1.2.840.10008.1.2.1.98": WORDS.tobytes(),
    "1.2.840.10008.1.2.8.1": deflated(WORDS),
}


@pytest.mark.parametrize("syntax", STREAMS)
def test_an_overlay_in_a_bit_of_compressed_pixels(syntax: str) -> None:
    content = encapsulated_file(WORDS, [bytes(STREAMS[syntax])], syntax, elements=IN_BIT_12, **TWELVE)
    assert shown(content).tolist() == GREY.tolist()
    assert shown(content, overlays="true").tolist() == BURNT.tolist()
    assert warnings(content, overlays="true") == []


def test_an_overlay_in_a_bit_of_a_signed_stream() -> None:
    stream = bytes(imagecodecs.jpeg2k_encode(WORDS.view(np.int16), level=0, reversible=True))
    attributes = {**TWELVE, "WindowCenter": 0}
    content = encapsulated_file(WORDS.view(np.int16), [stream], f"{FAMILY}.90", elements=IN_BIT_12, **attributes)
    picture = shown(content, overlays="true")
    assert (picture[PLANE] == 255).all()
    assert (picture[~PLANE] < 255).all()


@pytest.mark.parametrize(
    ("syntax", "stream"),
    [
        (f"{FAMILY}.91", imagecodecs.jpeg2k_encode(WORDS, level=30, reversible=False)),
        (f"{FAMILY}.81", imagecodecs.jpegls_encode(WORDS, level=1)),
        (f"{FAMILY}.90", imagecodecs.jpeg2k_encode(VALUES, level=0, reversible=True, bitspersample=12)),
    ],
)
def test_an_overlay_in_a_bit_that_loss_or_the_encoder_took_away_is_told_of(syntax: str, stream: bytes) -> None:
    content = encapsulated_file(WORDS, [bytes(stream)], syntax, elements=IN_BIT_12, **TWELVE)
    assert warnings(content, overlays="true") == [
        "Frame 1: the overlay of group 6000 should be in bits that its stream has not."
    ]
    assert warnings(content) == []


@pytest.mark.parametrize(
    "elements",
    [
        overlay(),
        overlay(x0100=("US", 16), x0102=("US", 11)),  # a bit that the pixels themselves use
        overlay(x0100=("US", 16), x0102=("US", 0)),
        overlay(x0100=("US", 16), x0102=("US", 16)),
        overlay(x0011=("US", 0), x0102=("US", 12)),
        overlay(x0010=("US", 0), x0102=("US", 12)),
    ],
)
def test_a_bit_that_can_be_no_overlay(elements: list[DataElement]) -> None:
    content = picture_file(WORDS, elements=elements, **TWELVE)
    assert shown(content, overlays="true").tolist() == GREY.tolist()
    assert warnings(content, overlays="true") == []


def test_an_overlay_in_the_lowest_bit_below_the_pixels() -> None:
    words = VALUES << 4 | PLANE.astype(np.uint16)
    attributes = {**TWELVE, "HighBit": 15}
    content = picture_file(words, elements=overlay(x0100=("US", 16), x0102=("US", 0)), **attributes)
    assert shown(content).tolist() == GREY.tolist()
    assert shown(content, overlays="true").tolist() == BURNT.tolist()


def test_no_overlay_in_bits_of_colours() -> None:
    pixels = np.full((8, 8, 3), 0x89, np.uint8)
    content = picture_file(pixels, elements=overlay(x0102=("US", 7)), BitsStored=7, HighBit=6)
    assert (shown(content, overlays="true") < 255).all()


@pytest.mark.parametrize(("group", "is_burnt"), [(0x6000, True), (0x6002, True), (0x601E, True), (0x6020, False)])
def test_groups_of_overlays(group: int, is_burnt: bool) -> None:
    elements = overlay(group, x0100=("US", 1), x0102=("US", 0), x3000=packed(PLANE))
    content = picture_file(VALUES, elements=elements, **TWELVE)
    assert shown(content, overlays="true").tolist() == (BURNT if is_burnt else GREY).tolist()


@pytest.mark.parametrize(
    ("more", "burnt"),
    [
        ({"x0015": ("IS", 2), "x0051": ("US", 2)}, [None, 0, 1, None]),
        ({"x0015": ("IS", 2), "x0051": ("US", 3)}, [None, None, 0, 1]),
        ({"x0015": ("IS", 2)}, [0, 1, None, None]),
        ({"x0015": ("IS", 2), "x0051": ("US", 4)}, [None, None, None, 0]),
        ({}, [0, 0, 0, 0]),
        ({"x0015": ("IS", 1), "x0051": ("US", 3)}, [0, 0, 0, 0]),  # an overlay without frames is drawn on all frames
    ],
)
def test_the_frames_that_an_overlay_lies_on(more: dict[str, Any], burnt: list[int | None]) -> None:
    # PS3.3 C.9.2.1.4
    planes = [PLANE, ~PLANE]
    elements = overlay(x0100=("US", 1), x0102=("US", 0), x3000=packed(*planes), **more)
    content = picture_file(np.vstack([VALUES] * 4), Rows=8, NumberOfFrames=4, elements=elements, **TWELVE)
    expected = [GREY if place is None else np.where(planes[place], 255, GREY) for place in burnt]
    assert [picture.tolist() for picture in pictures(content, overlays="true")] == [one.tolist() for one in expected]


def test_frames_of_an_overlay_that_begin_within_a_byte() -> None:
    planes = [np.eye(3, dtype=bool), ~np.eye(3, dtype=bool)]
    elements = overlay(x0010=("US", 3), x0011=("US", 3), x0015=("IS", 2), x3000=packed(*planes, np.zeros((2, 7), bool)))
    content = picture_file(
        np.full((6, 3), 9, np.uint8), Rows=3, NumberOfFrames=2, elements=elements, WindowCenter=128, WindowWidth=256
    )
    expected = [np.where(plane, 255, 9).tolist() for plane in planes]
    assert [picture.tolist() for picture in pictures(content, overlays="true")] == expected


def test_a_bit_beyond_those_that_are_allocated_is_no_overlay_of_a_stream_either() -> None:
    stream = bytes(imagecodecs.jpegls_encode(WORDS, level=1))
    elements = overlay(x0100=("US", 16), x0102=("US", 16))
    content = encapsulated_file(WORDS, [stream], f"{FAMILY}.81", elements=elements, **TWELVE)
    assert warnings(content, overlays="true") == []


@pytest.mark.parametrize("data", [("OB", b""), ("OW", b"\1\0")])
def test_an_overlay_that_is_broken_is_left_out(data: tuple[str, bytes]) -> None:
    content = picture_file(VALUES, elements=overlay(x3000=data), **TWELVE)
    assert shown(content, overlays="true").tolist() == GREY.tolist()


@pytest.mark.parametrize("origin", [[3], [1, 2, 3], []])
def test_an_origin_that_is_none_is_the_first_pixel(origin: list[int]) -> None:
    content = picture_file(VALUES, elements=overlay(x0050=("SS", origin), x3000=packed(PLANE)), **TWELVE)
    assert shown(content, overlays="true").tolist() == BURNT.tolist()


def test_an_overlay_on_colours() -> None:
    content = picture_file(np.full((8, 8, 3), 9, np.uint8), elements=overlay(x3000=packed(PLANE)))
    assert shown(content, overlays="true").tolist() == np.where(PLANE[..., None], 255, [9, 9, 9]).tolist()


def test_a_plane_in_big_endian_words() -> None:
    words = np.frombuffer(packed(PLANE)[1], "<u2").astype(">u2").tobytes()
    content = picture_file(
        np.full((8, 8), 9, np.uint8),
        transfer_syntax="1.2.840.10008.1.2.2",
        elements=overlay(x3000=("OW", words)),
        WindowCenter=128,
        WindowWidth=256,
    )
    assert shown(content, overlays="true").tolist() == np.where(PLANE, 255, 9).tolist()
