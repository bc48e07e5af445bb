"""Frames that are compressed without loss, or kept as JPEGs, are the same picture when read back."""

import base64
import re
from io import BytesIO
from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames, parse_basic_offsets
from pydicom.uid import HTJ2KLossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from imaging.answers.options import ReadOptions
from imaging.secondary_capture import generate
from problems import Invalid, TooLarge
from tests.read_answer import read

LOSSLESS = {"jpeg-ls": JPEGLSLossless, "htj2k": HTJ2KLossless, "rle": RLELossless}
NOISE = np.random.default_rng(0).integers(0, 65536, (2, 33, 47, 3))
KINDS = {
    "gray": NOISE[..., 0].astype(np.uint8),
    "gray 16": NOISE[..., 0].astype(np.uint16),
    "colour": NOISE.astype(np.uint8),
    "flat": np.zeros((2, 300, 400), np.uint8),
}


def image(pixels: NDArray[Any], file_format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, file_format, **options)
    return file.getvalue()


def smooth(number: int = 0) -> NDArray[Any]:
    rows, columns = np.mgrid[0:32, 0:48]
    return np.stack([rows * 7, columns * 5, 255 - rows * 4 - number * 9], axis=-1).astype(np.uint8)


def jpeg(pixels: NDArray[Any], **options: Any) -> bytes:
    return image(pixels, "JPEG", quality=90, **options)


def stored(images: list[bytes], compression: str) -> Dataset:
    return dcmread(BytesIO(generate(images, {}, compression)))


def streams(dataset: Dataset) -> list[bytes]:
    return list(generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames", 1))))


def shown(images: list[bytes], compression: str) -> list[NDArray[Any]]:
    """The picture that our own reader gives."""
    answer = read("x.dcm", generate(images, {}, compression), ReadOptions())
    assert "Warnings" not in answer
    return [np.asarray(Image.open(BytesIO(base64.b64decode(picture)))) for picture in answer["Images"]]


def decoded(compression: str, stream: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if compression == "rle":
        planes = np.frombuffer(imagecodecs.dicomrle_decode(stream, dtype), dtype).reshape(*shape[2:], *shape[:2])
        return np.moveaxis(planes, 0, -1) if len(shape) == 3 else planes
    return (imagecodecs.jpegls_decode if compression == "jpeg-ls" else imagecodecs.htj2k_decode)(stream)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("count", [1, 2])
def test_without_loss(compression: str, kind: str, count: int) -> None:
    frames = KINDS[kind][:count]
    images = [image(frame) for frame in frames]
    dataset = stored(images, compression)
    assert dataset.file_meta.TransferSyntaxUID == LOSSLESS[compression]
    assert dataset["PixelData"].VR == "OB"
    assert "LossyImageCompression" not in dataset
    colours = "YBR_RCT" if compression == "htj2k" else "RGB"
    assert dataset.PhotometricInterpretation == (colours if kind == "colour" else "MONOCHROME2")
    found = streams(dataset)
    assert len(found) == count
    for stream, frame in zip(found, frames, strict=True):
        np.testing.assert_array_equal(decoded(compression, stream, frame.dtype, frame.shape), frame)
    for picture, plain in zip(shown(images, compression), shown(images, "none"), strict=True):
        np.testing.assert_array_equal(picture, plain)


def test_run_lengths_as_pydicom_reads_them() -> None:
    for frames in KINDS.values():
        np.testing.assert_array_equal(stored([image(frame) for frame in frames], "rle").pixel_array, frames)


SIDE = st.integers(1, 40)


@given(
    st.sampled_from(sorted(LOSSLESS)),
    arrays.arrays(np.uint16, st.tuples(SIDE, SIDE))
    | arrays.arrays(np.uint8, st.tuples(SIDE, SIDE) | st.tuples(SIDE, SIDE, st.just(3))),
)
@example("rle", np.array([[0x1234]], np.uint16))
@example("rle", np.array([[[1, 2, 3]]], np.uint8))
def test_any_picture(compression: str, pixels: NDArray[Any]) -> None:
    (stream,) = streams(stored([image(pixels)], compression))
    found = decoded(compression, stream, pixels.dtype, pixels.shape)
    np.testing.assert_array_equal(found.reshape(pixels.shape), pixels)


def test_noise_that_compression_makes_larger() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (800, 900), dtype=np.uint8)
    dataset = stored([image(noise)], "jpeg-ls")
    (stream,) = streams(dataset)
    assert len(stream) > noise.nbytes
    np.testing.assert_array_equal(imagecodecs.jpegls_decode(stream), noise)


@pytest.mark.parametrize("compression", ["jpeg", *LOSSLESS])
def test_one_fragment_a_frame_of_even_length_where_the_offset_table_says(compression: str) -> None:
    dataset = stored([jpeg(smooth(number)) for number in range(3)], compression)
    table = parse_basic_offsets(dataset.PixelData)
    lengths = [len(stream) for stream in streams(dataset)]
    assert all(length % 2 == 0 for length in lengths)
    assert table[0] == 0
    assert [after - before - 8 for before, after in pairwise(table)] == lengths[:-1]


@pytest.mark.parametrize(
    ("images", "photometric"),
    [
        ([jpeg(smooth()[..., 0])], "MONOCHROME2"),
        ([jpeg(smooth()[..., 0]), jpeg(smooth()[..., 1])], "MONOCHROME2"),
        ([jpeg(smooth())], "YBR_FULL_422"),
        ([jpeg(smooth(), subsampling=0), jpeg(smooth(1), subsampling=2)], "YBR_FULL_422"),
        ([jpeg(smooth(), restart_marker_rows=1)], "YBR_FULL_422"),
        ([jpeg(smooth(), keep_rgb=True)], "RGB"),
        ([imagecodecs.jpeg8_encode(smooth(), level=90, colorspace="RGB", outcolorspace="RGB")], "RGB"),
    ],
    ids=["gray", "gray frames", "colour", "samplings", "restarts", "RGB", "RGB by Adobe"],
)
def test_jpegs_as_they_are(images: list[bytes], photometric: str) -> None:
    dataset = stored(images, "jpeg")
    assert dataset.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert dataset.PhotometricInterpretation == photometric
    assert dataset.LossyImageCompression == "01"
    assert [stream[: len(one)] for stream, one in zip(streams(dataset), images, strict=True)] == images
    assert all(len(stream) - len(one) < 2 for stream, one in zip(streams(dataset), images, strict=True))
    for picture, plain in zip(shown(images, "jpeg"), shown(images, "none"), strict=True):
        np.testing.assert_array_equal(picture, plain)


def coded(colours: str, ids: bytes, *segments: bytes) -> bytes:
    """A JPEG coded as `colours`, with these component ids. `segments` come first, and there is no JFIF segment."""
    stream = imagecodecs.jpeg8_encode(smooth(), level=90, colorspace="RGB", outcolorspace=colours, subsampling="444")
    kept = re.sub(rb"\xff(\xe0\x00\x10JFIF.{10}|\xee\x00\x0eAdobe.{7})", b"", stream, count=1, flags=re.DOTALL)
    frame, scan = kept.index(b"\xff\xc0") + 10, kept.index(b"\xff\xda") + 5
    marked = bytearray(kept)
    marked[frame : frame + 9 : 3] = marked[scan : scan + 6 : 2] = ids
    return bytes(marked[:2]) + b"".join(segments) + bytes(marked[2:])


JFIF = b"\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"
ADOBE = b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0"
COLOURS = {
    "JFIF": (b"\1\2\3", [JFIF], "YBR_FULL_422"),
    "JFIF and ids of RGB": (b"RGB", [JFIF], "YBR_FULL_422"),
    "JFIF and Adobe 0": (b"\1\2\3", [JFIF, ADOBE + b"\0"], "YBR_FULL_422"),
    "Adobe 0 and JFIF": (b"\1\2\3", [ADOBE + b"\0", JFIF], "YBR_FULL_422"),
    "Adobe 0": (b"\1\2\3", [ADOBE + b"\0"], "RGB"),
    "Adobe 1": (b"\1\2\3", [ADOBE + b"\1"], "YBR_FULL_422"),
    "Adobe 1 and ids of RGB": (b"RGB", [ADOBE + b"\1"], "YBR_FULL_422"),
    "ids of RGB": (b"RGB", [], "RGB"),
    "other ids": (b"\1\2\3", [], "YBR_FULL_422"),
    "short Adobe": (b"RGB", [b"\xff\xee\x00\x0dAdobe\0\x64\0\0\0\1"], "RGB"),
    "another APP14": (b"RGB", [b"\xff\xee\x00\x0eOther\0\x64\0\0\0\0\1"], "RGB"),
    "another APP0": (b"RGB", [b"\xff\xe0\x00\x07JFXX\0"], "RGB"),
}


@pytest.mark.parametrize(("ids", "segments", "photometric"), COLOURS.values(), ids=COLOURS)
def test_what_a_jpegs_colours_are_is_believed_as_its_viewers_do(
    ids: bytes, segments: list[bytes], photometric: str
) -> None:
    picture = coded("RGB" if photometric == "RGB" else "YCBCR", ids, *segments)
    dataset = stored([picture], "jpeg")
    assert dataset.PhotometricInterpretation == photometric
    (plain,) = shown([picture], "none")
    np.testing.assert_allclose(plain.astype(int), smooth().astype(int), atol=24)


def test_what_follows_the_end_of_a_jpeg_stays_out() -> None:
    picture = jpeg(smooth(), comment=b"\xff\xd9 is no end here")
    (stream,) = streams(stored([picture + b"\0\0\0\x18ftypmp42" + picture], "jpeg"))
    assert stream.removesuffix(b"\0") == picture


def test_any_byte_wrong_is_refused_or_embedded() -> None:
    picture = jpeg(smooth(), restart_marker_rows=1, exif=Image.Exif())
    for at in range(len(picture)):
        damaged = picture[:at] + bytes([picture[at] ^ 0x55]) + picture[at + 1 :]
        try:
            (stream,) = streams(stored([damaged], "jpeg"))
        except (Invalid, TooLarge):
            continue
        assert damaged.startswith(stream.removesuffix(b"\0"))


@pytest.mark.parametrize("extra", [b"\0", b"abc", b"\xff\xff", b"\xff\xd0"])
def test_bytes_between_segments_are_passed_over(extra: bytes) -> None:
    picture = jpeg(smooth())
    at = picture.index(b"\xff\xc4")
    (stream,) = streams(stored([picture[:at] + extra + picture[at:]], "jpeg"))
    assert stream.startswith(picture[:at] + extra + picture[at:])


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(smooth(), exif=exif)


def cmyk() -> bytes:
    file = BytesIO()
    Image.new("CMYK", (16, 16), (0, 128, 255, 128)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("images", "why"),
    [
        ([image(smooth())], "Image 1 is no JPEG"),
        ([jpeg(smooth()), image(smooth())], "Image 2 is no JPEG"),
        ([jpeg(smooth(), progressive=True)], "Image 1 is no baseline JPEG"),
        ([image(smooth(), "JPEG").replace(b"\xff\xc0", b"\xff\xc1")], "Image 1 is no baseline JPEG"),
        ([turned()], "Image 1 is stored turned"),
        ([cmyk()], "Image 1 is in CMYK"),
        ([jpeg(smooth()), jpeg(smooth()[..., 0])], "Image 2 is gray and the first in colour"),
        ([jpeg(smooth(), keep_rgb=True)] * 2, "Image 1 has RGB inside"),
    ],
    ids=["PNG", "PNG among JPEGs", "progressive", "extended", "turned", "CMYK", "gray and colour", "RGB frames"],
)
def test_what_cannot_be_embedded(images: list[bytes], why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        generate(images, {}, "jpeg")
    assert list(refused.value.fields or ()) == ["image"]


def test_a_lossy_past_is_not_forgotten() -> None:
    assert stored([jpeg(smooth())], "rle").LossyImageCompression == "01"


def test_an_unknown_compression_is_told_the_known() -> None:
    with pytest.raises(Invalid, match="none, jpeg, jpeg-ls, htj2k, rle") as refused:
        generate([image(smooth())], {}, "zip")
    assert list(refused.value.fields or ()) == ["compression"]
