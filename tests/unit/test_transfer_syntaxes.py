"""Transfer syntaxes that pydicom's files lack. The codecs' own encoders make the frames."""

import struct
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from imaging.answers.options import ReadOptions
from imaging.dataset.dicom_file import parse
from imaging.pixels.frames import open_frames
from problems import Unusable
from tests.dicom_files import encapsulated_file, picture_file
from tests.read_answer import read
from tests.shown import shown

RNG = np.random.default_rng(7)
TWELVE = RNG.integers(0, 4096, (30, 50), np.uint16)
EIGHT = RNG.integers(0, 256, (30, 50), np.uint8)
COLOUR = RNG.integers(0, 256, (30, 50, 3), np.uint8)


def frames_of(content: bytes) -> list[NDArray[Any]]:
    frames = open_frames(parse(content))
    assert frames is not None
    return [frames.frame(index).samples for index in range(frames.count)]


def deflated(content: bytes) -> bytes:
    compressor = zlib.compressobj(9, wbits=-15)
    return compressor.compress(content) + compressor.flush()


JPEG = imagecodecs.jpeg8_encode(COLOUR, level=95, subsampling="420")

LOSSLESS = [
    ("1.2.840.10008.1.2.8.1", TWELVE, deflated(TWELVE.tobytes())),
    ("1.2.840.10008.1.2.8.1", COLOUR, deflated(COLOUR.tobytes())),
    ("1.2.840.10008.1.2.1.98", TWELVE, TWELVE.tobytes()),
    ("1.2.840.10008.1.2.4.57", TWELVE, imagecodecs.jpeg8_encode(TWELVE, lossless=True, predictor=4, bitspersample=12)),
    ("1.2.840.10008.1.2.4.70", COLOUR, imagecodecs.jpeg8_encode(COLOUR, lossless=True, predictor=1)),
    ("1.2.840.10008.1.2.4.80", COLOUR, imagecodecs.jpegls_encode(COLOUR)),
    ("1.2.840.10008.1.2.4.90", COLOUR, imagecodecs.jpeg2k_encode(COLOUR, level=0, reversible=True)),
    ("1.2.840.10008.1.2.4.201", TWELVE, imagecodecs.htj2k_encode(TWELVE, reversible=True)),
    ("1.2.840.10008.1.2.4.202", COLOUR, imagecodecs.htj2k_encode(COLOUR, reversible=True)),
    ("1.2.840.10008.1.2.4.110", TWELVE, imagecodecs.jpegxl_encode(TWELVE, lossless=True, bitspersample=12)),
    ("1.2.840.10008.1.2.4.110", COLOUR, imagecodecs.jpegxl_encode(COLOUR, lossless=True)),
    (
        "1.2.840.10008.1.2.4.111",
        imagecodecs.jpeg8_decode(JPEG),
        imagecodecs.jpegxl_encode_jpeg(JPEG, usecontainer=True),
    ),
]


@pytest.mark.parametrize(("transfer_syntax", "pixels", "stream"), LOSSLESS)
def test_lossless(transfer_syntax: str, pixels: NDArray[Any], stream: bytes) -> None:
    bits = 12 if pixels.dtype == np.uint16 else 8
    content = encapsulated_file(pixels, [stream], transfer_syntax, BitsStored=bits, HighBit=bits - 1)
    (seen,) = frames_of(content)
    assert np.array_equal(seen, pixels)


def test_lossy_htj2k_does_not_wrap_around() -> None:
    # A decoder that keeps too few bits turns white beside black into its opposite.
    pixels = np.where(np.indices((64, 64)).sum(0) // 8 % 2, 255, 0).astype(np.uint8)
    stream = imagecodecs.htj2k_encode(pixels, reversible=False, level=0.05)
    (seen,) = frames_of(encapsulated_file(pixels, [stream], "1.2.840.10008.1.2.4.203"))
    assert np.abs(seen.astype(int) - pixels).max() < 60


def test_a_mask_in_run_lengths() -> None:
    bits = (RNG.random((10, 13)) > 0.5).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    runs = b"".join(bytes([0, octet]) for octet in packed)  # each pixel is a literal run of one byte (PS3.5 G.3.1)
    header = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    content = encapsulated_file(bits, [header + runs], RLELossless, BitsAllocated=1, BitsStored=1, HighBit=0)
    assert np.array_equal(frames_of(content)[0], bits)


@pytest.mark.parametrize("wrong", ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1", "1.2.3.4"])
def test_a_wrong_transfer_syntax_does_not_matter(wrong: str) -> None:
    stream = imagecodecs.jpegls_encode(EIGHT)
    assert np.array_equal(frames_of(encapsulated_file(EIGHT, [stream], wrong))[0], EIGHT)


def test_signed_values_in_a_stream_without_sign() -> None:
    pixels = RNG.integers(-2048, 2048, (30, 50), np.int16)
    stream = imagecodecs.jpegls_encode(pixels.view(np.uint16) & 0xFFF)
    content = encapsulated_file(pixels, [stream], "1.2.840.10008.1.2.4.80", BitsStored=12, HighBit=11)
    assert np.array_equal(frames_of(content)[0], pixels)


@pytest.mark.parametrize(("transfer_syntax", "pixels", "stream"), LOSSLESS)
def test_streams_cut_short_are_named_or_refused(transfer_syntax: str, pixels: NDArray[Any], stream: bytes) -> None:
    content = encapsulated_file(pixels, [stream[: len(stream) * 2 // 3]], transfer_syntax)
    frames = open_frames(parse(content))
    assert frames is not None
    try:
        warning = frames.frame(0).warning
    except Unusable:
        return
    assert warning


def test_frames_by_fragments_and_tables() -> None:
    frames = [RNG.integers(0, 256, (8, 8), np.uint8) for _ in range(3)]
    streams = [bytes(imagecodecs.jpegls_encode(frame)) for frame in frames]
    for value in (
        encapsulate(streams, has_bot=True),
        encapsulate(streams, has_bot=False),
        encapsulate(streams, fragments_per_frame=2, has_bot=True),
        encapsulate(streams, fragments_per_frame=2, has_bot=False),
    ):
        content = encapsulated_file(frames[0], [], "1.2.840.10008.1.2.4.80", NumberOfFrames=3, PixelData=value)
        assert np.array_equal(frames_of(content), frames)


# Flat colours come through the DCT almost unchanged.
RED = np.zeros((16, 16, 3), np.uint8)
RED[..., 0] = 200


def jpeg_of_red(*, as_rgb: bool, marker: bytes, **options: Any) -> bytes:
    """A baseline JPEG with only this marker segment after SOI, in place of the encoder's JFIF or Adobe."""
    colourspace = {"colorspace": "RGB", "outcolorspace": "RGB"} if as_rgb else {}
    stream = bytes(imagecodecs.jpeg8_encode(RED, **{"level": 100, **colourspace, **options}))
    assert stream[2:4] in (b"\xff\xe0", b"\xff\xee")
    return stream[:2] + marker + stream[4 + int.from_bytes(stream[4:6], "big") :]


def with_one_table(stream: bytes) -> bytes:
    """All components use table 0. At the highest quality, both tables are all ones."""
    changed = bytearray(stream)
    start = stream.index(b"\xff\xc0") + 10
    changed[start + 2 : start + 9 : 3] = bytes(3)
    return bytes(changed)


JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
ADOBE_YCC = ADOBE_RGB[:-1] + b"\x01"


@pytest.mark.parametrize(
    ("photometric", "stream"),
    [
        ("YBR_FULL_422", jpeg_of_red(as_rgb=False, marker=b"", subsampling="420")),
        ("YBR_FULL", jpeg_of_red(as_rgb=False, marker=b"", subsampling="444")),
        ("RGB", jpeg_of_red(as_rgb=False, marker=JFIF, subsampling="444")),
        ("RGB", jpeg_of_red(as_rgb=False, marker=ADOBE_YCC, subsampling="444")),
        ("RGB", jpeg_of_red(as_rgb=False, marker=b"", subsampling="422")),
        ("RGB", jpeg_of_red(as_rgb=False, marker=b"", subsampling="444", level=95)),  # by its quantisation tables
        ("RGB", with_one_table(jpeg_of_red(as_rgb=False, marker=b"", subsampling="422"))),  # by its sampling
        ("RGB", jpeg_of_red(as_rgb=True, marker=b"")),
        ("YBR_FULL", jpeg_of_red(as_rgb=True, marker=ADOBE_RGB)),
        ("YBR_FULL_422", jpeg_of_red(as_rgb=True, marker=b"")),  # its component ids say R, G, B
        ("RGB", bytes(imagecodecs.jpeg8_encode(RED, lossless=True, colorspace="RGB", outcolorspace="RGB"))),
    ],
)
def test_the_colours_of_a_jpeg_are_what_the_stream_says(photometric: str, stream: bytes) -> None:
    content = encapsulated_file(RED, [stream], "1.2.840.10008.1.2.4.50", PhotometricInterpretation=photometric)
    assert np.abs(shown(content).astype(int) - RED).max() <= 2


def test_samples_of_twelve_packed_bits() -> None:
    cells = (TWELVE.reshape(-1, 1) >> np.arange(12) & 1).astype(np.uint8)
    packed = np.packbits(cells.reshape(-1), bitorder="little")
    attributes = {"Rows": 30, "Columns": 50, "BitsAllocated": 12, "BitsStored": 12, "HighBit": 11}
    assert np.array_equal(frames_of(picture_file(packed.reshape(1, -1), **attributes))[0], TWELVE)


@pytest.mark.parametrize("transfer_syntax", ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.108"])
def test_video_is_named(transfer_syntax: str) -> None:
    answer = read("a.dcm", encapsulated_file(COLOUR, [b"\0\0\1\xb3"], transfer_syntax, PatientID="P"), ReadOptions())
    assert (answer["PatientID"], answer["Images"]) == ("P", [])
    assert "video" in answer["Warnings"][0]


def test_colours_that_the_standard_gave_up_are_named() -> None:
    answer = read("a.dcm", picture_file(COLOUR, PhotometricInterpretation="HSV"), ReadOptions())
    assert answer["Images"] == [""]
    assert "HSV" in answer["Warnings"][0]


def test_a_fragment_of_odd_length_before_its_padding() -> None:
    streams = [
        bytes(imagecodecs.jpegls_encode(EIGHT)).ljust(2001, b"\0"),
        bytes(imagecodecs.jpegls_encode(255 - EIGHT)),
    ]
    items = [
        struct.pack("<HHL", 0xFFFE, 0xE000, len(stream)) + stream + b"\0" * (len(stream) % 2) for stream in streams
    ]
    value = struct.pack("<HHL", 0xFFFE, 0xE000, 0) + b"".join(items)
    content = encapsulated_file(EIGHT, [], "1.2.840.10008.1.2.4.80", NumberOfFrames=2, PixelData=value)
    assert np.array_equal(frames_of(content), [EIGHT, 255 - EIGHT])


@pytest.mark.parametrize(
    "transfer_syntax", ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"]
)
def test_pixels_that_are_elsewhere_are_named(transfer_syntax: str) -> None:
    content = picture_file(COLOUR, PixelDataProviderURL="https://jpip.example.com/1", PatientID="P")
    start, end = content.index(b"\x08\x00\x16\x00UI"), content.index(b"\xe0\x7f\x10\x00")
    body = content[start:end] if transfer_syntax.endswith("94") else deflated(content[start:end])
    uid = transfer_syntax.encode() + b"\0" * (len(transfer_syntax) % 2)
    meta = b"\x02\x00\x10\x00UI" + len(uid).to_bytes(2, "little") + uid
    answer = read("a.dcm", bytes(128) + b"DICM" + meta + body, ReadOptions())
    assert (answer["PatientID"], answer["Images"]) == ("P", [])
    assert answer["Warnings"] == ["The file holds no pixel data, only the address of a server that does."]
