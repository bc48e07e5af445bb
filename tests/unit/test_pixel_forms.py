"""Uncompressed pixel data in forms that are retired, or that the standard never had."""

import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, JPEGBaseline8Bit, RLELossless

from imaging.answers.options import ReadOptions
from imaging.pixels.encapsulation import COMPRESSED
from tests.dicom_bytes import element, file_of
from tests.dicom_files import encapsulated_file, picture_file
from tests.read_answer import read
from tests.reference.pixels import smooth
from tests.shown import pictures, shown, warnings

WINDOW = {"WindowCenter": 128, "WindowWidth": 256}
EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def big_endian(pixels: NDArray[Any], content: bytes, **attributes: Any) -> bytes:
    words = [DataElement(Tag("PixelData"), "OW", content)]
    return picture_file(pixels, elements=words, transfer_syntax=ExplicitVRBigEndian, **attributes)


def lower_word_first(pixels: NDArray[Any]) -> bytes:
    return pixels.astype(f"<{pixels.dtype.str[1:]}").view("<u2").astype(">u2").tobytes()


WIDE = smooth(16).astype(np.uint32) * 70001 + 12345


@pytest.mark.parametrize(
    "pixels", [WIDE, (WIDE.astype(np.int64) - (1 << 31)).astype(np.int32), smooth(16) - np.int32(7)]
)
def test_wide_values_in_big_endian_words_are_read_as_they_are_smooth(pixels: NDArray[Any]) -> None:
    plain = big_endian(pixels, pixels.astype(f">{pixels.dtype.str[1:]}").tobytes())
    swapped = big_endian(pixels, lower_word_first(pixels))
    expected = shown(picture_file(pixels))
    assert np.array_equal(shown(plain), expected)
    assert np.array_equal(shown(swapped), expected)
    assert warnings(plain) == []
    assert warnings(swapped) == ["Frame 1: its 16-bit words are swapped, as the lower one seems to come first."]


def test_values_around_zero_are_smooth_by_their_sign() -> None:
    pixels = np.where(np.indices((4, 4)).sum(0) % 2, 1, -1).astype(np.int32)
    content = big_endian(pixels, pixels.astype(">i4").tobytes())
    assert shown(content).tolist() == np.where(pixels > 0, 255, 0).tolist()
    assert warnings(content) == []


def test_words_whose_order_is_known_are_left_in_it() -> None:
    # However rough the picture: little endian has the lower word first, and bytes (OB) have no word order.
    rough = WIDE >> 16 | WIDE << 16
    little = picture_file(rough)
    words = DataElement(Tag("PixelData"), "OB", rough.astype(">u4").tobytes())
    octets = picture_file(rough, elements=[words], transfer_syntax=ExplicitVRBigEndian)
    for content in (little, octets):
        assert np.array_equal(shown(content), range_of(rough))
        assert warnings(content) == []


def range_of(pixels: NDArray[Any]) -> NDArray[Any]:
    low, high = float(pixels.min()), float(pixels.max())
    return np.floor((pixels - low) / (high - low) * 255 + 0.5)


def test_wide_values_in_big_endian_words_of_64_bits() -> None:
    pixels = WIDE.astype(np.uint64) << 16
    assert np.array_equal(shown(big_endian(pixels, lower_word_first(pixels))), shown(picture_file(pixels)))


def test_what_is_as_smooth_either_way_is_read_in_plain_order() -> None:
    pixels = np.full((4, 4), 7 << 16, np.uint32)
    content = big_endian(pixels, pixels.astype(">u4").tobytes(), WindowCenter=1 << 18, WindowWidth=1 << 19)
    assert (shown(content) == round((7 << 16) / ((1 << 19) - 1) * 255)).all()
    assert warnings(content) == []


def test_each_frame_by_itself() -> None:
    frames = np.vstack([WIDE, np.zeros_like(WIDE)])
    content = big_endian(WIDE, lower_word_first(frames), NumberOfFrames=2)
    assert np.array_equal(pictures(content)[0], shown(picture_file(WIDE)))
    assert warnings(content) == ["Frame 1: its 16-bit words are swapped, as the lower one seems to come first."]


# Y Y Cb Cr of red, green, blue and white.
PAIRS = np.array([(76, 76, 85, 255), (150, 150, 44, 21), (29, 29, 255, 107), (255, 255, 128, 128)], np.uint8)
RGB = np.array([(254, 0, 0), (0, 255, 1), (0, 0, 254), (255, 255, 255)])


def chroma_file(
    pairs: NDArray[Any], rows: int, columns: int, frames: int = 1, photometric: str = "YBR_FULL_422"
) -> bytes:
    return picture_file(
        np.zeros((rows, columns, 3), np.uint8),
        PhotometricInterpretation=photometric,
        PixelData=pairs.tobytes(),
        NumberOfFrames=frames,
    )


@pytest.mark.parametrize(("rows", "columns"), [(2, 5), (3, 5), (3, 3)])
@pytest.mark.parametrize("frames", [1, 3])
def test_rows_that_end_within_a_pair_are_filled_up_to_it(rows: int, columns: int, frames: int) -> None:
    numbers = np.arange(frames * rows * ((columns + 1) // 2)).reshape(frames, rows, -1) % 4
    content = chroma_file(PAIRS[numbers], rows, columns, frames)
    expected = np.repeat(RGB[numbers], 2, axis=2)[:, :, :columns]
    for picture, colours in zip(pictures(content), expected, strict=True):
        assert np.abs(picture.astype(int) - colours).max() <= 1
    assert warnings(content) == [
        f"Frame {number + 1}: YBR_FULL_422 has pairs of pixels, and its rows of {columns} end within one."
        for number in range(frames)
    ]


def test_rows_that_end_within_a_pair_that_goes_on_in_the_next() -> None:
    # Long enough for pairs across rows, but too short for rows that are filled up.
    numbers = np.arange(5)
    content = chroma_file(PAIRS[numbers % 4], 2, 5)
    assert np.abs(shown(content).astype(int).reshape(-1, 3) - np.repeat(RGB[numbers % 4], 2, axis=0)).max() <= 1
    odd = chroma_file(PAIRS[np.arange(5) % 4], 3, 3)  # nine pixels take five pairs
    assert np.abs(shown(odd).astype(int).reshape(-1, 3) - np.repeat(RGB[numbers % 4], 2, axis=0)[:9]).max() <= 1
    assert "end within one" in warnings(content)[0]


@pytest.mark.parametrize("columns", [4, 5])
def test_chroma_at_every_pixel_whatever_is_said(columns: int) -> None:
    # As programs that decompress leave it.
    pixels = PAIRS[np.arange(2 * columns) % 4][:, [0, 2, 3]]
    content = chroma_file(pixels, 2, columns)
    expected = RGB[np.arange(2 * columns) % 4]
    assert np.abs(shown(content).astype(int).reshape(-1, 3) - expected).max() <= 1
    assert warnings(content) == []


def test_even_columns_are_as_they_should_be() -> None:
    content = chroma_file(PAIRS[np.arange(6) % 4].reshape(3, 2, 4), 3, 4)
    assert np.abs(shown(content).astype(int).reshape(-1, 3) - np.repeat(RGB[np.arange(6) % 4], 2, axis=0)).max() <= 1
    assert warnings(content) == []


def test_chroma_of_a_part_of_the_range() -> None:
    # PS3.3 C.7.6.3.1.2: Y of 16 is black and of 235 white; red is Y 81, Cb 90, Cr 240.
    pairs = np.array([(16, 235, 128, 128), (81, 81, 90, 240)], np.uint8)
    picture = shown(chroma_file(pairs, 1, 4, photometric="YBR_PARTIAL_422"))
    assert np.abs(picture.astype(int) - [[(0, 0, 0), (255, 255, 255), (254, 0, 0), (254, 0, 0)]]).max() <= 1


@pytest.mark.parametrize("bits", [4, 7])
def test_colours_of_fewer_bits_are_spread_over_eight(bits: int) -> None:
    top = (1 << bits) - 1
    pixels = np.array([[(0, 1, top), (top // 2, top, 0)]], np.uint8)
    content = picture_file(pixels, BitsStored=bits, HighBit=bits - 1)
    assert shown(content).tolist() == np.floor(pixels.astype(int) * 255 / top + 0.5).tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_colours_have_no_sign(dtype: type[np.generic], photometric: str) -> None:
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (4, 4, 3), dtype, endpoint=True)
    unsigned = picture_file(pixels, PhotometricInterpretation=photometric)
    signed = picture_file(pixels, PhotometricInterpretation=photometric, PixelRepresentation=1)
    assert np.array_equal(shown(signed), shown(unsigned))


def test_more_frames_than_said() -> None:
    for attributes in ({}, {"NumberOfFrames": 1}):
        content = picture_file(np.vstack([EVERY] * 3), Rows=16, **attributes, **WINDOW)
        assert len(pictures(content)) == 1
        assert warnings(content) == ["The data set says 1 frame; its pixel data holds 3. The others are left out."]
    streams = [bytes(imagecodecs.jpegls_encode(EVERY))] * 3
    content = encapsulated_file(EVERY, streams, "1.2.840.10008.1.2.4.80", NumberOfFrames=2)
    assert warnings(content) == ["The data set says 2 frames; its pixel data holds 3. The others are left out."]


def test_bytes_after_the_last_frame_that_are_no_frame() -> None:
    content = picture_file(EVERY, PixelData=EVERY.tobytes() + bytes(254), **WINDOW)
    assert np.array_equal(shown(content), EVERY)
    assert warnings(content) == []


def bits_file(octets: bytes) -> bytes:
    return picture_file(
        np.zeros((4, 5), np.uint8), BitsAllocated=1, BitsStored=1, HighBit=0, NumberOfFrames=3, PixelData=octets
    )


def test_frames_of_bits_that_are_missing() -> None:
    # Frames of 20 bits: 6 bytes hold two and a part of the third; 4 bytes hold one and a part of the second.
    assert len(pictures(bits_file(b"\xff" * 6))) == 3
    assert len(pictures(bits_file(b"\xff" * 4))) == 2
    whole = picture_file(
        np.zeros((3, 3), np.uint8), BitsAllocated=1, BitsStored=1, HighBit=0, NumberOfFrames=3, PixelData=b"\xff" * 2
    )
    # Frames of 9 bits: 2 bytes hold one, and 7 bits that may or may not belong to a second.
    assert len(pictures(whole)) == 1


NOISE = np.random.default_rng(1).integers(0, 256, (16, 16), np.uint8)


@pytest.mark.parametrize(
    "stream",
    [imagecodecs.jpeg8_encode(NOISE, lossless=True), imagecodecs.jpeg2k_encode(NOISE, level=0, codecformat="j2k")],
)
def test_a_stream_that_is_longer_than_the_pixels_is_still_no_pixels(stream: bytes) -> None:
    assert len(stream) > NOISE.size
    for frames in (1, 2):
        content = picture_file(NOISE, PixelData=bytes(stream) * frames, NumberOfFrames=frames, **WINDOW)
        assert [picture.tolist() for picture in pictures(content)] == [NOISE.tolist()] * frames
        assert warnings(content) == [COMPRESSED]


def test_a_stream_in_the_fragment_of_an_uncompressed_frame() -> None:
    stream = bytes(imagecodecs.jpeg8_encode(EVERY))
    content = encapsulated_file(EVERY, [stream], "1.2.840.10008.1.2.1.98", **WINDOW)
    assert np.abs(shown(content).astype(int) - EVERY).max() < 10
    pixels = EVERY.copy()
    pixels[0, :3] = (0xFF, 0xD8, 0xFF)
    assert np.array_equal(
        shown(encapsulated_file(pixels, [pixels.tobytes()], "1.2.840.10008.1.2.1.98", **WINDOW)), pixels
    )


def test_pixels_that_begin_like_a_stream_and_fill_their_frame() -> None:
    pixels = EVERY.copy()
    pixels[0, :3] = (0xFF, 0xD8, 0xFF)
    assert np.array_equal(shown(picture_file(pixels, **WINDOW)), pixels)
    pixels[0, :2] = (0xFF, 0x0A)  # as JPEG XL's codestreams do
    content = picture_file(pixels, PixelData=pixels.tobytes() + bytes(4), **WINDOW)
    assert np.array_equal(shown(content), pixels)


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, RLELossless, "1.2.840.10008.1.2.4.90"])
def test_one_uncompressed_frame_in_place_of_a_stream(syntax: str) -> None:
    content = encapsulated_file(EVERY, [EVERY.tobytes()] * 2, syntax, NumberOfFrames=2, **WINDOW)
    assert [picture.tolist() for picture in pictures(content)] == [EVERY.tolist()] * 2
    assert warnings(content) == [
        f"Frame {number}: it is shown as if it was not compressed, as its length fits that." for number in (1, 2)
    ]


@pytest.mark.parametrize(
    "content", [EVERY.tobytes() + b"\1\2", EVERY.tobytes()[:-2], b"\xff\xd8\xff" + EVERY.tobytes()[3:]]
)
def test_what_is_neither_a_stream_nor_a_frame(content: bytes) -> None:
    answer = read("a.dcm", encapsulated_file(EVERY, [content], JPEGBaseline8Bit, **WINDOW), ReadOptions())
    assert answer["Images"] == [""]


def test_an_uncompressed_frame_of_odd_length() -> None:
    pixels = np.arange(15, dtype=np.uint8).reshape(3, 5)
    assert np.array_equal(shown(encapsulated_file(pixels, [pixels.tobytes()], JPEGBaseline8Bit, **WINDOW)), pixels)


def test_empty_pixel_data_is_told_of() -> None:
    answer = read("a.dcm", picture_file(EVERY, PixelData=b""), ReadOptions())
    assert (answer["Images"], answer["Warnings"]) == ([], ["The pixel data is empty, so there are no pictures."])


def us(number: int) -> bytes:
    return struct.pack("<H", number)


@pytest.mark.parametrize(
    ("rows", "columns", "why"),
    [
        (element(0x00280010, "US", b"32768\0"), us(16), "Rows is not one whole number above 0"),
        (element(0x00280010, "US", us(0)), us(16), "Rows is not one whole number above 0"),
        (element(0x00280010, "SS", us(65535)), us(16), "Rows is not one whole number above 0"),
        (element(0x00280010, "LO", b"many"), us(16), "Rows is not one whole number above 0"),
        (element(0x00280010, "US", b""), us(16), "Rows is missing"),
        (b"", us(16), "Rows is missing"),
        (element(0x00280010, "US", us(16)), b"", "Columns is missing"),
        (element(0x00280010, "US", us(16)), us(0), "Columns is not one whole number above 0"),
    ],
)
def test_sizes_that_are_none(rows: bytes, columns: bytes, why: str) -> None:
    content = file_of(rows, element(0x00280011, "US", columns), element(0x7FE00010, "OW", bytes(256)))
    assert warnings(content)[-1] == f"The pixel data can't be understood: {why}."


@pytest.mark.parametrize(
    ("allocated", "stored", "high", "pixels", "expected"),
    [
        (16, 0, 15, 0x8000, 128),  # an impossible number of bits: all allocated bits count
        (16, 17, 16, 0x8000, 128),
        (16, 8, 16, 0xFF80, 128),  # a high bit beyond the word: the lowest bits count
        (16, 8, 6, 0xFF80, 128),  # or below the bits themselves
        (16, 8, 15, 0x80FF, 128),
    ],
)
def test_bits_that_can_not_be(allocated: int, stored: int, high: int, pixels: int, expected: int) -> None:
    words = np.array([[pixels]], np.uint16)
    full = {"WindowCenter": 32768, "WindowWidth": 65536} if stored != 8 else WINDOW
    content = picture_file(words, BitsAllocated=allocated, BitsStored=stored, HighBit=high, **full)
    assert shown(content).tolist() == [[expected]]


def test_colours_of_more_bits_than_are_allocated_have_those() -> None:
    pixels = np.array([[(0, 128, 255)]], np.uint8)
    assert shown(picture_file(pixels, BitsStored=16, HighBit=15)).tolist() == pixels.tolist()


@pytest.mark.parametrize("frames", [0, -1])
def test_no_frames_are_one(frames: int) -> None:
    content = picture_file(EVERY, NumberOfFrames=frames, **WINDOW)
    assert [picture.tolist() for picture in pictures(content)] == [EVERY.tolist()]
