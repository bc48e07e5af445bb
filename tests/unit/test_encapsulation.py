"""Pixel data that contradicts its transfer syntax: it is read as what it is, with a warning."""

import struct
import zlib

import imagecodecs
import numpy as np
import orjson
import pytest

from imaging.answers import planning
from imaging.answers.json_model import json_model
from imaging.answers.options import ReadOptions
from imaging.dataset.dicom_file import DicomFile
from imaging.pixels.encapsulation import COMPRESSED, OF_GIVEN_LENGTH, UNCOMPRESSED, open_file
from imaging.pixels.frames import open_frames
from tests.dicom_bytes import EXPLICIT, IMPLICIT, SEQUENCE_END, UNDEFINED, element, file_of, implicit, item
from tests.read_answer import read
from tests.unit.test_parts import at_once, in_parts

JPEG_BASELINE, JPEG_LS, JPEG_2000 = (f"1.2.840.10008.1.2.4.{number}" for number in ("50", "80", "90"))
RLE_LOSSLESS, FRAMES_UNCOMPRESSED = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.98"
GE_PRIVATE, PHILIPS_PRIVATE = "1.2.840.113619.5.2", "1.3.46.670589.33.1.4.1"

PIXELS = np.arange(256, dtype=np.uint8).reshape(16, 16)
RLE = struct.pack("<16L", 1, 64, *[0] * 14) + b"".join(b"\x0f" + bytes(row) for row in PIXELS)
STREAMS = {
    JPEG_BASELINE: bytes(imagecodecs.jpeg8_encode(PIXELS, level=100)),
    JPEG_LS: bytes(imagecodecs.jpegls_encode(PIXELS)),
    JPEG_2000: bytes(imagecodecs.jpeg2k_encode(PIXELS, level=0)),
    RLE_LOSSLESS: RLE,
}


def attributes(frames: int = 1, bits: int = 8) -> list[tuple[int, str, bytes]]:
    return [
        (0x00280002, "US", b"\1\0"),
        (0x00280004, "CS", b"MONOCHROME2 "),
        (0x00280008, "IS", b"%d " % frames),
        (0x00280010, "US", b"\x10\0"),
        (0x00280011, "US", b"\x10\0"),
        (0x00280100, "US", struct.pack("<H", bits)),
        (0x00280101, "US", struct.pack("<H", bits)),
        (0x00280102, "US", struct.pack("<H", bits - 1)),
        (0x00280103, "US", b"\0\0"),
    ]


def image(syntax: str, value: bytes, length: int | None = None, *, frames: int = 1, bits: int = 8) -> bytes:
    if syntax in (IMPLICIT, GE_PRIVATE):
        elements = [implicit(tag, content) for tag, _, content in attributes(frames, bits)]
        return file_of(*elements, implicit(0x7FE00010, value, length), syntax=syntax)
    elements = [element(*attribute) for attribute in attributes(frames, bits)]
    return file_of(*elements, element(0x7FE00010, "OW" if bits == 16 else "OB", value, length), syntax=syntax)


def shown(content: bytes) -> tuple[list[np.ndarray], list[str]]:
    file = open_file(content)
    frames = open_frames(file)
    assert frames is not None
    return [frames.frame(index).samples for index in range(frames.count)], file.warnings


def assert_shown(content: bytes, warnings: list[str], frames: int = 1) -> None:
    seen, told = shown(content)
    assert told == warnings
    assert len(seen) == frames
    for samples in seen:
        assert np.abs(samples.astype(int) - PIXELS).max() <= 1  # of JPEG


@pytest.mark.parametrize(("syntax", "stream"), STREAMS.items())
def test_compressed_pixel_data_of_a_given_length(syntax: str, stream: bytes) -> None:
    fragments = item(b"") + item(stream)
    assert_shown(image(syntax, fragments + SEQUENCE_END, UNDEFINED), [])
    for value in (stream, fragments, fragments + SEQUENCE_END, fragments + SEQUENCE_END + bytes(6)):
        assert_shown(image(syntax, value), [OF_GIVEN_LENGTH])


def test_several_frames_of_a_given_length() -> None:
    stream = STREAMS[JPEG_BASELINE]
    stream += bytes(len(stream) % 2)
    assert_shown(image(JPEG_BASELINE, stream * 3, frames=3), [OF_GIVEN_LENGTH], 3)
    fragments = item(b"\0\0\0\0") + item(stream) * 3 + SEQUENCE_END
    assert_shown(image(JPEG_BASELINE, fragments, frames=3), [OF_GIVEN_LENGTH], 3)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, GE_PRIVATE, "1.2.840.10008.1.2.1.99"])
@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_compressed_pixel_data_that_is_said_to_be_uncompressed(syntax: str, stream: bytes) -> None:
    fragments = item(b"") + item(stream) + SEQUENCE_END
    contents = [
        image(syntax, fragments, UNDEFINED),
        image(syntax, stream, frames=2),
        image(syntax, fragments, frames=2),
    ]
    if syntax.endswith("99"):
        deflated = zlib.compressobj(wbits=-15)
        body = contents[0].removeprefix(file_of(syntax=syntax))
        contents = [file_of(deflated.compress(body) + deflated.flush(), syntax=syntax)]
    for content in contents:
        seen, told = shown(content)
        assert told[0] == COMPRESSED
        assert np.abs(seen[0].astype(int) - PIXELS).max() <= 1


def test_a_stream_without_items_and_without_a_length() -> None:
    for syntax in (JPEG_BASELINE, IMPLICIT):
        for end in (SEQUENCE_END, b""):
            seen, told = shown(image(syntax, STREAMS[JPEG_BASELINE] + end, UNDEFINED))
            assert np.abs(seen[0].astype(int) - PIXELS).max() <= 1
            assert told[0] == "The fragments of the pixel data have no end marker."


def test_uncompressed_pixel_data_that_is_said_to_be_compressed() -> None:
    for syntax in (*STREAMS, FRAMES_UNCOMPRESSED):
        assert_shown(image(syntax, PIXELS.tobytes()), [UNCOMPRESSED])
        assert_shown(image(syntax, PIXELS.tobytes() * 2, frames=2), [UNCOMPRESSED], 2)


@pytest.mark.parametrize("length", [100, 255, 257, 300])
@pytest.mark.parametrize("syntax", [JPEG_BASELINE, RLE_LOSSLESS, "1.2.840.10008.1.2.4.110"])
def test_what_nobody_knows_is_not_shown_as_pixels(syntax: str, length: int) -> None:
    answer = read("a.dcm", image(syntax, bytes(range(1, 101)) * 3 + b"\1", length), ReadOptions())
    assert answer["Images"] == [""]
    assert OF_GIVEN_LENGTH in answer["Warnings"]
    assert any("Frame 1 can't be shown" in warning for warning in answer["Warnings"])


def test_an_odd_length_is_made_even_and_still_that_of_uncompressed_pixel_data() -> None:
    attributes_of_three = [(tag, vr, b"\3\0" if tag in (0x00280010, 0x00280011) else v) for tag, vr, v in attributes()]
    elements = [element(*attribute) for attribute in attributes_of_three]
    file = open_file(file_of(*elements, element(0x7FE00010, "OB", bytes(10)), syntax=JPEG_BASELINE))
    assert file.pixels is not None
    assert not file.pixels.encapsulated


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe0", b"\xfe\xff\x00\xe0", b"\xff\x4f\xff\x51"])
def test_uncompressed_samples_may_begin_like_a_stream(syntax: str, start: bytes) -> None:
    value = start + PIXELS.tobytes()[4:]
    seen, told = shown(image(syntax, value))
    assert (seen[0].tobytes(), told) == (value, [])


def test_a_stream_may_have_the_length_of_uncompressed_pixel_data() -> None:
    stream = bytes(imagecodecs.jpegls_encode(np.full((16, 16), 7, np.uint8)))
    seen, told = shown(image(JPEG_LS, stream.ljust(256, b"\0")))
    assert (seen[0].tolist(), told) == ([[7] * 16] * 16, [OF_GIVEN_LENGTH])


def test_a_size_that_can_not_be_understood_is_no_defect() -> None:
    content = file_of(element(0x7FE00010, "OB", STREAMS[JPEG_BASELINE]), syntax=JPEG_BASELINE)
    assert open_file(content).warnings == [OF_GIVEN_LENGTH]


def test_the_pixels_of_ges_private_syntax_are_big_endian_and_nothing_else_is() -> None:
    values = np.arange(256, dtype=">u2").reshape(16, 16)
    content = image(GE_PRIVATE, values.tobytes(), bits=16)
    seen, told = shown(content)
    assert (seen[0].tolist(), told) == (values.tolist(), [])
    file = open_file(content)
    assert file.little_endian
    # Words are little endian in the model (PS3.18 F.2.7).
    inline = json_model(file, frozenset({"PixelData"}))["7FE00010"]["InlineBinary"]
    assert inline == json_model(_little_endian_twin(values), frozenset({"PixelData"}))["7FE00010"]["InlineBinary"]


def _little_endian_twin(values: np.ndarray) -> DicomFile:
    return open_file(image(EXPLICIT, values.astype("<u2").tobytes(), bits=16))


def test_the_pixels_of_ges_private_syntax_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", 600)
    content = image(GE_PRIVATE, np.arange(1024, dtype=">u2").tobytes(), bits=16, frames=4)
    assert in_parts("a.dcm", content) == at_once("a.dcm", content)
    made = at_once("a.dcm", content)
    assert isinstance(made, bytes)
    assert len(orjson.loads(made)["Images"]) == 4


def test_papyrus_is_implicit() -> None:
    content = file_of(*(implicit(tag, value) for tag, _, value in attributes()), syntax="1.2.840.10008.1.20")
    assert open_file(content).warnings == []


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT])
def test_another_private_syntax_is_read_as_what_it_looks_like(form: str) -> None:
    content = image(form, PIXELS.tobytes()).replace(
        element(0x00020010, "UI", form.encode() + b"\0" * (len(form) % 2)),
        element(0x00020010, "UI", PHILIPS_PRIVATE.encode()),
    )
    assert_shown(content, ["The transfer syntax is not a known one; the file was read as what it looks like."])


def test_parts_of_pixel_data_of_a_given_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", 100)
    stream = STREAMS[JPEG_BASELINE] + bytes(len(STREAMS[JPEG_BASELINE]) % 2)
    for value in (stream * 3, item(b"\0\0\0\0") + item(stream) * 3 + SEQUENCE_END):
        content = image(JPEG_BASELINE, value, frames=3)
        assert in_parts("a.dcm", content) == at_once("a.dcm", content)
