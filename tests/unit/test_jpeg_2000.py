"""JPEG 2000 and HTJ2K: colours, signs and ends, as streams and boxes describe them and decoders give them."""

import base64
import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.dicom_files import encapsulated_file
from tests.shown import shown, warnings

JPEG_2000, HTJ2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"
RNG = np.random.default_rng(5)
GREY = RNG.integers(0, 256, (16, 16), np.uint8)
COLOUR = RNG.integers(0, 256, (16, 16, 3), np.uint8)
EIGHT_BITS = {"WindowCenter": 128, "WindowWidth": 256}

# 8x8, the left half red (Y 76, Cb 85, Cr 255), the right half blue (Y 29, Cb 255, Cr 107), by OpenJPEG's opj_compress
# and OpenJPH's ojph_compress.
SUBSAMPLED = {
    "4:2:2": (
        "/0//UQAvAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAADBwEBBwIBBwIB/1IADAAAAAEAAAQEAAH/XAAEQED/ZAAFAAF4"
        "/5AACgAAAAAAWwAB/5PPtIgmiQ0nRf5QOQAABficuqNq1gAqAYFo+xHNh+bD82H5sP9/z7RAHPMMolDJ0x1eqwABFhJ6Js+0SBP/SReK"
        "e2/LLbGUoAABbg1eB//Z"
    ),
    "4:2:0": (
        "/0//UQAvAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAADBwEBBwICBwIC/1IADAAAAAEAAAQEAAH/XAAEQED/ZAAFAAF4"
        "/5AACgAAAAAAUAAB/5PPtIgmiQ0nRf5QOQAABficuqNq1gAqAYFo+xHNh+bD82H5sP9/z7QsHPLq7XLTWgDf/3/PtDAT/0jX6MiEGEMA"
        "AJ//2Q=="
    ),
    "4:2:0 HTJ2K": (
        "/0//UQAvQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAADBwEBBwICBwIC/1AACAACAAAAAf9SAAwAAgABAAAEBEAB/1wA"
        "BCBI/2QAFgABT3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAAigAB/5PAL0nn+Xye53kWi8VisVgsnufzeT6fz8VisVgsFovn+Xyez+dz"
        "sVgsFovF4nk+n+fz+VwsFovFYrH4B69cF/Xrgv69cFwAAMbkMbIBwC1QVbVa8fl8frVarfL5fP4B16BEMbcAwC1QfH5+fkop8fn5+alU"
        "KvUAQXAgMbcA/9k="
    ),
}
RED_AND_BLUE = np.zeros((8, 8, 3), np.uint8)
RED_AND_BLUE[:, :4, 0] = RED_AND_BLUE[:, 4:, 2] = 255


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(content), kind) + content


def jp2(codestream: bytes, *boxes: bytes) -> bytes:
    """A JPEG 2000 file with these boxes in its header box, after the image header (T.800 I.5)."""
    height, width = struct.unpack_from(">LL", codestream, 8)[::-1]
    (samples,) = struct.unpack_from(">H", codestream, 40)
    size = box(b"ihdr", struct.pack(">LLHBBBB", height, width, samples, 7, 7, 0, 0))
    head = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return head + box(b"jp2h", size + b"".join(boxes)) + box(b"jp2c", codestream)


def colour_space(number: int) -> bytes:
    return box(b"colr", struct.pack(">BBBL", 1, 0, 0, number))


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420"])
@pytest.mark.parametrize("name", SUBSAMPLED)
def test_subsampled_chroma_is_rgb_once_it_is_decoded(name: str, photometric: str) -> None:
    stream = base64.b64decode(SUBSAMPLED[name])
    content = encapsulated_file(RED_AND_BLUE, [stream], JPEG_2000, PhotometricInterpretation=photometric)
    assert np.abs(shown(content).astype(int) - RED_AND_BLUE).max() <= 2
    in_boxes = encapsulated_file(RED_AND_BLUE, [jp2(stream, colour_space(18))], JPEG_2000)
    assert np.abs(shown(in_boxes).astype(int) - RED_AND_BLUE).max() <= 2


def jpeg_2000(pixels: NDArray[Any]) -> bytes:
    """A stream without loss and without a colour transform."""
    return bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, mct=False, codecformat="j2k"))


def htj2k(pixels: NDArray[Any]) -> bytes:
    """A stream without loss and without a colour transform."""
    return bytes(imagecodecs.htj2k_encode(pixels, reversible=True, rgb=False, planar=False))


ENCODERS = [jpeg_2000, htj2k]


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize(("number", "is_ybr"), [(18, True), (16, False)])
def test_a_box_that_says_sycc(encode: Any, number: int, is_ybr: bool) -> None:
    # Y 76, Cb 85, Cr 255 is red. The numbers are those of T.800 table I.10; the first box counts (I.5.3.3).
    pixels = np.full((8, 8, 3), (76, 85, 255), np.uint8)
    file = jp2(encode(pixels), colour_space(number), colour_space(34 - number))
    for photometric in ("RGB", "YBR_FULL"):
        picture = shown(encapsulated_file(pixels, [file], JPEG_2000, PhotometricInterpretation=photometric))
        expected = (254, 0, 0) if is_ybr or photometric == "YBR_FULL" else (76, 85, 255)
        assert np.abs(picture.astype(int) - expected).max() <= 1


def test_a_colour_box_of_another_method_says_no_number() -> None:
    # Only method 1 has one (T.800 I.5.3.3).
    other = box(b"colr", struct.pack(">BBBL", 4, 0, 0, 18))
    assert np.array_equal(shown(encapsulated_file(COLOUR, [jp2(jpeg_2000(COLOUR), other)], JPEG_2000)), COLOUR)
    content = encapsulated_file(
        COLOUR, [jp2(jpeg_2000(COLOUR), other)], JPEG_2000, PhotometricInterpretation="YBR_FULL"
    )
    assert not np.array_equal(shown(content), COLOUR)


@pytest.mark.parametrize("encode", ENCODERS)
def test_colours_without_a_transform_of_the_streams_own(encode: Any) -> None:
    # OpenJPH gives the samples of such streams plane by plane.
    assert np.array_equal(shown(encapsulated_file(COLOUR, [encode(COLOUR)], HTJ2K)), COLOUR)


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize("in_boxes", [False, True])
def test_alpha_beside_the_colours_is_left_out_and_told_of(encode: Any, in_boxes: bool) -> None:
    stream = encode(np.dstack([COLOUR, GREY]))
    content = encapsulated_file(COLOUR, [jp2(stream, colour_space(16)) if in_boxes else stream], JPEG_2000)
    assert np.array_equal(shown(content), COLOUR)
    assert warnings(content) == ["Frame 1: its stream has 4 samples a pixel, the data set says 3."]


@pytest.mark.parametrize("encode", ENCODERS)
def test_a_fourth_sample_that_the_data_set_speaks_of_is_not_left_out(encode: Any) -> None:
    pixels = np.dstack([COLOUR, GREY])
    content = encapsulated_file(pixels, [encode(pixels)], JPEG_2000, PhotometricInterpretation="CMYK")
    assert "CMYK, 4 samples" in warnings(content)[0]


def test_colours_beside_alpha_with_a_transform_of_the_streams_own() -> None:
    stream = bytearray(jpeg_2000(np.dstack([COLOUR, GREY])))
    stream[stream.index(b"\xff\x52") + 8] = 1  # T.800 A.6.1 announces the transform; the decoder undoes it, to RGB
    rgb, ybr = (
        shown(encapsulated_file(COLOUR, [bytes(stream)], JPEG_2000, PhotometricInterpretation=photometric))
        for photometric in ("RGB", "YBR_FULL")
    )
    assert np.array_equal(rgb, ybr)


@pytest.mark.parametrize("encode", ENCODERS)
def test_a_palette_in_boxes_is_applied(encode: Any) -> None:
    # T.800 I.5.3.4, I.5.3.5: a palette of 256 entries of three 8-bit samples, and its mapping to channels.
    entries = RNG.integers(0, 256, (256, 3), np.uint8)
    palette = box(b"pclr", struct.pack(">HB3B", 256, 3, 7, 7, 7) + entries.tobytes())
    channels = box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, channel) for channel in range(3)))
    content = encapsulated_file(GREY, [jp2(encode(GREY), colour_space(16), palette, channels)], JPEG_2000)
    assert np.array_equal(shown(content), entries[GREY])
    assert warnings(content) == ["Frame 1: its stream has 3 samples a pixel, the data set says 1."]


def test_a_box_whose_length_is_of_64_bits() -> None:
    file = jp2(jpeg_2000(COLOUR), colour_space(18))
    start = file.index(b"jp2c") - 4
    longer = file[:start] + struct.pack(">L4sQ", 1, b"jp2c", len(file) - start + 8) + file[start + 8 :]
    assert np.array_equal(
        shown(encapsulated_file(COLOUR, [longer], JPEG_2000)), shown(encapsulated_file(COLOUR, [file], JPEG_2000))
    )


@pytest.mark.parametrize("length", [0, 7])
def test_boxes_without_a_codestream(length: int) -> None:
    file = jp2(jpeg_2000(GREY), colour_space(17))
    end = file.index(b"jp2c") - 4
    content = encapsulated_file(GREY, [file[:end] + struct.pack(">L4s", length, b"uuid") + bytes(8)], JPEG_2000)
    assert warnings(content) == ["Frame 1 can't be shown: its file has no codestream."]


COMMENT = b"\xff\x64\x00\x09\x00\x01hello"
TAILS = {
    "a comment": COMMENT + b"\xff\xd9",
    "a comment and no end": COMMENT,
    "no end": b"",
    "zeros": bytes(10),
    "a long comment": b"\xff\x64" + struct.pack(">HH", 2004, 1) + bytes(2000) + b"\xff\xd9",
}


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize("in_boxes", [False, True])
def test_what_comes_after_the_last_tile_part_does_not_matter(encode: Any, tail: bytes, in_boxes: bool) -> None:
    stream = encode(GREY).removesuffix(b"\xff\xd9") + tail
    content = encapsulated_file(GREY, [jp2(stream, colour_space(17)) if in_boxes else stream], JPEG_2000, **EIGHT_BITS)
    assert np.array_equal(shown(content), GREY)
    assert warnings(content) == []


def test_a_comment_after_several_tiles() -> None:
    tiled = bytes(imagecodecs.htj2k_encode(GREY, reversible=True, tile=(8, 8)))
    assert tiled.count(b"\xff\x90\x00\x0a") == 4
    file = jp2(tiled.removesuffix(b"\xff\xd9") + COMMENT, colour_space(17))  # in boxes, which OpenJPEG reads itself
    assert np.array_equal(shown(encapsulated_file(GREY, [file], JPEG_2000, **EIGHT_BITS)), GREY)


def test_a_last_tile_part_that_goes_on_to_the_end() -> None:
    # Psot is 0: the tile-part goes on to the end (T.800 A.4.2).
    stream = bytearray(jpeg_2000(GREY))
    struct.pack_into(">L", stream, stream.index(b"\xff\x90\x00\x0a") + 6, 0)
    assert np.array_equal(shown(encapsulated_file(GREY, [bytes(stream)], JPEG_2000, **EIGHT_BITS)), GREY)


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize("samples", [1, 3])
def test_a_signed_stream_of_unsigned_values_has_their_bits(encode: Any, samples: int) -> None:
    pixels = COLOUR if samples == 3 else GREY
    content = encapsulated_file(pixels, [encode(pixels.view(np.int8))], JPEG_2000, **EIGHT_BITS)
    assert np.array_equal(shown(content), pixels)


@pytest.mark.parametrize("encode", ENCODERS)
def test_a_signed_stream_of_palette_indices(encode: Any) -> None:
    tables: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = (np.arange(256) * 257).astype("<u2").tobytes()
    content = encapsulated_file(
        GREY, [encode(GREY.view(np.int8))], JPEG_2000, PhotometricInterpretation="PALETTE COLOR", **tables
    )
    assert np.array_equal(shown(content)[..., 0], GREY)


@pytest.mark.parametrize("encode", ENCODERS)
def test_an_unsigned_stream_of_signed_values_has_their_bits(encode: Any) -> None:
    pixels = GREY.view(np.int8)
    content = encapsulated_file(pixels, [encode(GREY)], JPEG_2000, WindowCenter=0, WindowWidth=256)
    assert np.array_equal(shown(content), pixels.astype(int) + 128)


def test_signed_values_of_twelve_bits_in_a_signed_stream_of_sixteen_that_the_data_set_calls_unsigned() -> None:
    pixels = RNG.integers(0, 4096, (16, 16), np.uint16)
    stream = jpeg_2000((pixels << 4).view(np.int16) >> 4)  # twelve bits with sign extension
    content = encapsulated_file(
        pixels, [stream], JPEG_2000, BitsStored=12, HighBit=11, WindowCenter=2048, WindowWidth=4096
    )
    assert np.array_equal(shown(content), np.floor(pixels / 4095 * 255 + 0.5))
