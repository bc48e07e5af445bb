"""Streams that decoders are known to get wrong, crash on or take too long over."""

import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from imaging.answers.options import ReadOptions
from imaging.dataset.dicom_file import parse
from imaging.pixels.frames import Frame, Frames, open_frames
from problems import Unusable
from tests.dicom_files import encapsulated_file, file_bytes, picture_file
from tests.read_answer import read

JPEG, EXTENDED, LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57"
JPEG_LS, JPEG_2000, HTJ2K = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.203"
RNG = np.random.default_rng(3)
EIGHT = RNG.integers(0, 256, (30, 50), np.uint8)
TWELVE = RNG.integers(0, 4096, (30, 50), np.uint16)
SMALL = np.zeros((8, 8), np.uint8)


def frames_of(content: bytes) -> Frames:
    frames = open_frames(parse(content))
    assert frames is not None
    return frames


def frame_of(pixels: NDArray[Any], stream: bytes, transfer_syntax: str, **attributes: Any) -> Frame:
    return frames_of(encapsulated_file(pixels, [stream], transfer_syntax, **attributes)).frame(0)


CHECKERS = np.where(np.indices((64, 64)).sum(0) // 8 % 2, 4095, 0).astype(np.uint16)


@pytest.mark.parametrize(
    ("transfer_syntax", "stream"),
    [
        (JPEG_2000, imagecodecs.jpeg2k_encode(CHECKERS, reversible=False, level=40, bitspersample=12)),
        (
            JPEG_2000,
            imagecodecs.jpeg2k_encode(CHECKERS, reversible=False, level=60),
        ),  # 16 bits allocated, 12 stored
        (HTJ2K, imagecodecs.htj2k_encode(CHECKERS, reversible=False, level=0.002)),
    ],
)
def test_white_next_to_black_does_not_become_its_opposite(transfer_syntax: str, stream: bytes) -> None:
    # Lossy compression moves values beyond the ends of the range.
    seen = frame_of(CHECKERS, bytes(stream), transfer_syntax, BitsStored=12, HighBit=11).samples
    assert 0 < np.abs(seen.astype(int) - CHECKERS).max() < 1000


@pytest.mark.parametrize(
    ("transfer_syntax", "pixels", "stream"),
    [
        (JPEG, EIGHT, imagecodecs.jpeg8_encode(EIGHT)),
        (EXTENDED, TWELVE, imagecodecs.jpeg8_encode(TWELVE, bitspersample=12)),
        (LOSSLESS, TWELVE, imagecodecs.jpeg8_encode(TWELVE, lossless=True, bitspersample=12)),
        (JPEG_LS, TWELVE, imagecodecs.jpegls_encode(TWELVE)),
        (JPEG_2000, TWELVE, imagecodecs.jpeg2k_encode(TWELVE, level=0, reversible=True)),
        (HTJ2K, EIGHT, imagecodecs.htj2k_encode(EIGHT, reversible=True)),
    ],
)
@pytest.mark.parametrize("part", [0.25, 0.5, 0.9, 0.99])
def test_a_stream_cut_short_is_never_taken_for_whole(
    transfer_syntax: str, pixels: NDArray[Any], stream: bytes, part: float
) -> None:
    answer = read(
        "a.dcm", encapsulated_file(pixels, [bytes(stream)[: int(len(stream) * part)]], transfer_syntax), ReadOptions()
    )
    (warning,) = answer["Warnings"]
    assert ("cut short" in warning) if answer["Images"][0] else ("can't be shown" in warning)


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_an_htj2k_stream_that_is_cut_short_is_shown_as_far_as_it_goes(part: float) -> None:
    stream = bytes(imagecodecs.htj2k_encode(TWELVE, reversible=True))
    frame = frame_of(TWELVE, stream[: int(len(stream) * part)], HTJ2K, LossyImageCompression="00")
    assert "cut short" in str(frame.warning)


def test_charls_is_never_left_without_an_end_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    # A search for one would take seconds.
    ends = []

    def decode(stream: bytes) -> NDArray[Any]:
        ends.append(stream[-2:])
        return np.zeros((30, 50), np.uint8)

    monkeypatch.setattr(imagecodecs, "jpegls_decode", decode)
    frame_of(EIGHT, bytes(imagecodecs.jpegls_encode(EIGHT))[:-300], JPEG_LS)
    assert ends == [b"\xff\xd9"]


RUNS = struct.pack("<16L", 1, 64, *[0] * 14) + b"".join(bytes([49]) + row.tobytes() for row in EIGHT)


def test_run_lengths() -> None:
    assert np.array_equal(frame_of(EIGHT, RUNS, RLELossless).samples, EIGHT)


def test_run_lengths_that_end_within_are_black_from_there_on_and_told_of() -> None:
    """imagecodecs' RLE decoder would leave old memory there without an error."""
    high = bytes([0, 7])  # one byte of six
    low = bytes([5, *range(1, 7)])
    stream = struct.pack("<16L", 2, 64, 64 + len(high), *[0] * 13) + high + low
    frame = frame_of(np.zeros((2, 3), np.uint16), stream, RLELossless)
    assert frame.samples.tolist() == [[7 * 256 + 1, 2, 3], [4, 5, 6]]
    assert "cut short" in str(frame.warning)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 2**32 - 1) | st.integers(0, 1700)), max_size=4),
    st.lists(st.tuples(st.integers(64, len(RUNS) - 1), st.integers(0, 255)), max_size=8),
    st.integers(1, len(RUNS)),  # pydicom writes no file with an empty stream
)
def test_broken_run_lengths_give_a_picture_of_the_right_size_or_a_reason(
    words: list[tuple[int, int]], octets: list[tuple[int, int]], end: int
) -> None:
    stream = bytearray(RUNS)
    for place, value in words:
        struct.pack_into("<L", stream, 4 * place, value)
    for place, value in octets:
        stream[place] = value
    try:
        frame = frame_of(EIGHT, bytes(stream[:end]), RLELossless)
    except Unusable:
        return
    assert frame.samples.shape == EIGHT.shape


def _jp2_with_another_codestream_before_its_own() -> bytes:
    large = bytes(imagecodecs.jpeg2k_encode(np.zeros((600, 600), np.uint8), level=0, codecformat="jp2"))
    small = bytes(imagecodecs.jpeg2k_encode(SMALL, level=0, codecformat="j2k"))
    boxes = 12 + int.from_bytes(large[12:16], "big")  # the signature and the file type come first (T.800 I.5)
    return large[:boxes] + struct.pack(">L4s", 8 + len(small), b"xml ") + small + large[boxes:]


def _claims(stream: bytes, marker: bytes, place: int, form: str) -> bytes:
    """The stream with a size in its header that is far beyond any memory."""
    changed = bytearray(stream)
    struct.pack_into(form, changed, stream.index(marker) + place, *[65500] * (len(form) - 1))
    return bytes(changed)


@pytest.mark.parametrize(
    ("transfer_syntax", "stream"),
    [
        (JPEG, _claims(bytes(imagecodecs.jpeg8_encode(SMALL)), b"\xff\xc0", 5, ">HH")),
        (JPEG_LS, _claims(bytes(imagecodecs.jpegls_encode(SMALL)), b"\xff\xf7", 5, ">HH")),
        (JPEG_2000, _claims(bytes(imagecodecs.jpeg2k_encode(SMALL, level=0)), b"\xff\x51", 6, ">LL")),
        (HTJ2K, _claims(bytes(imagecodecs.htj2k_encode(SMALL, reversible=True)), b"\xff\x51", 6, ">LL")),
    ],
)
def test_a_stream_of_billions_of_pixels_is_not_decoded(transfer_syntax: str, stream: bytes) -> None:
    with pytest.raises(Unusable, match="larger than can be decoded"):
        frame_of(SMALL, stream, transfer_syntax)


@pytest.mark.parametrize(("dtype", "is_decoded"), [(np.uint8, True), (np.uint16, False)])
def test_samples_of_two_bytes_take_twice_as_much(dtype: type[np.generic], is_decoded: bool) -> None:
    # 12000x12000 pixels of one byte can be decoded, of two bytes they can't. The stream ends after its header.
    stream = bytes(imagecodecs.jpegls_encode(np.full((8, 8), np.iinfo(dtype).max, dtype)))
    claim = stream[: stream.index(b"\xff\xf7") + 5] + struct.pack(">HH", 12000, 12000)
    cut = claim + stream[len(claim) : stream.index(b"\xff\xda") + 12]
    with pytest.raises(Unusable, match="is broken" if is_decoded else "larger than can be decoded"):
        frame_of(SMALL, cut, JPEG_LS)


def test_the_size_of_a_jpeg_2000_file_is_that_of_its_own_codestream() -> None:
    frame = frame_of(SMALL, _jp2_with_another_codestream_before_its_own(), JPEG_2000)
    assert frame.samples.shape == (600, 600)
    assert frame.warning is not None
    assert "600x600" in frame.warning


def test_a_delimiter_within_a_stream_does_not_end_it() -> None:
    # Its size was overwritten with FEFF DDE0, far beyond any memory, so nothing can decode it.
    answer = read("a.dcm", file_bytes("JPEG2000-embedded-sequence-delimiter.dcm"), ReadOptions())
    assert answer["Images"] == [""]
    assert "larger than can be decoded" in answer["Warnings"][0]


def test_signed_values_in_an_unsigned_jpeg_2000_stream() -> None:
    pixels = RNG.integers(-2048, 2048, (30, 50), np.int16)
    stream = bytes(imagecodecs.jpeg2k_encode(pixels.view(np.uint16) & 0xFFF, level=0, bitspersample=12))
    assert np.array_equal(frame_of(pixels, stream, JPEG_2000, BitsStored=12, HighBit=11).samples, pixels)


def test_twelve_bits_whose_scan_ends_at_coefficient_0() -> None:
    # The scan header of a sequential DCT says 63 (ITU-T T.81 B.2.3), and many decoders insist on it.
    stream = bytearray(imagecodecs.jpeg8_encode(TWELVE, level=95, bitspersample=12))
    expected = frame_of(TWELVE, bytes(stream), EXTENDED, BitsStored=12, HighBit=11).samples
    end = stream.index(b"\xff\xda") + 2 + 2 + 1 + 2 + 1
    assert stream[end] == 63
    stream[end] = 0
    assert np.array_equal(frame_of(TWELVE, bytes(stream), EXTENDED, BitsStored=12, HighBit=11).samples, expected)


def test_an_element_without_a_usable_vr_leaves_the_others() -> None:
    content = picture_file(EIGHT, PatientID="P1", PatientName="Doe").replace(
        b"\x10\x00\x20\x00LO", b"\x10\x00\x20\x00??"
    )
    answer = read("a.dcm", content, ReadOptions())
    assert answer["PatientName"] == "Doe"
    assert "PatientID" in answer


def test_an_htj2k_stream_that_breaks_within_is_not_taken_for_whole(capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    stream = bytearray(imagecodecs.htj2k_encode(noise, reversible=True))
    size = stream.index(b"\xff\x51") + 6
    for place in (size, size + 16):  # the components of the picture and of its only tile
        struct.pack_into(">LL", stream, place, 512, 512)
    content = encapsulated_file(np.zeros((512, 512), np.uint8), [bytes(stream)], HTJ2K, LossyImageCompression="00")
    answer = read("a.dcm", content, ReadOptions())
    assert answer["Images"] == [""]
    assert "stream is broken" in answer["Warnings"][0]
    assert "Traceback" not in capfd.readouterr().err  # in Lambda this is the log
