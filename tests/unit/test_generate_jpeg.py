"""JPEGs in every colour coding become gray or RGB, and the file says that they were compressed with loss."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from imagecodecs import jpeg8_encode
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread

from imaging.secondary_capture import generate
from problems import Invalid, TooLarge

CLOSE = 8  # the largest error of quality 95 in this picture


def stored(picture: bytes) -> Dataset:
    return dcmread(BytesIO(generate([picture], {})))


def colours() -> NDArray[Any]:
    rows, columns = np.mgrid[0:32, 0:48]
    return np.stack([rows * 8, columns * 5, 255 - rows * 4], axis=-1).astype(np.uint8)


def jpeg(image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def assert_close(pixels: NDArray[Any], expected: NDArray[Any]) -> None:
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels.astype(int), expected.astype(int), rtol=0, atol=CLOSE)


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}, {"restart_marker_rows": 1}],
    ids=lambda options: "".join(options) or "baseline",
)
def test_colour(options: dict[str, Any]) -> None:
    dataset = stored(jpeg(Image.fromarray(colours()), **options))
    assert dataset.PhotometricInterpretation == "RGB"
    assert_close(dataset.pixel_array, colours())


def test_grayscale() -> None:
    gray = Image.fromarray(colours()).convert("L")
    dataset = stored(jpeg(gray))
    assert dataset.PhotometricInterpretation == "MONOCHROME2"
    assert_close(dataset.pixel_array, np.asarray(gray))


@pytest.mark.parametrize(("coded", "transform"), [("CMYK", 0), ("YCCK", 2)])
def test_inks_are_stored_inverted_as_adobe_does(coded: str, transform: int) -> None:
    inverted = np.dstack([colours(), np.full((32, 48), 255, np.uint8)])  # no black
    picture = jpeg8_encode(inverted, level=95, colorspace="CMYK", outcolorspace=coded)
    assert picture[picture.index(b"Adobe") + 11] == transform
    assert_close(stored(picture).pixel_array, colours())


def test_black_ink() -> None:
    inks = Image.new("CMYK", (16, 16), (0, 128, 255, 128))
    assert_close(stored(jpeg(inks)).pixel_array, np.full((16, 16, 3), (127, 63, 0)))


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation(turned: int) -> None:
    """Each pixel is where Pillow's exif_transpose() puts it."""
    upright = Image.fromarray(colours())
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(turned, turned)  # the inverse orientation
    exif = Image.Exif()
    exif[0x0112] = turned
    picture = jpeg(_transposed(upright, back), exif=exif, subsampling=0)
    assert_close(stored(picture).pixel_array, colours())


def _transposed(image: Image.Image, orientation: int) -> Image.Image:
    methods = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(methods[orientation]) if orientation in methods else image


def test_the_file_says_that_it_was_lossy() -> None:
    picture = jpeg(Image.fromarray(colours()))
    dataset = stored(picture)
    assert dataset.LossyImageCompression == "01"
    assert dataset.LossyImageCompressionMethod == "ISO_10918_1"
    assert float(dataset.LossyImageCompressionRatio) == pytest.approx(32 * 48 * 3 / len(picture), rel=1e-3)


@pytest.mark.parametrize("progressive", [False, True])
def test_truncated_anywhere(progressive: bool) -> None:
    picture = jpeg(Image.fromarray(colours()), progressive=progressive)
    for length in range(len(picture)):
        with pytest.raises(Invalid):
            generate([picture[:length]], {})


def test_any_byte_wrong_is_refused_or_read() -> None:
    picture = jpeg(Image.fromarray(colours()), exif=Image.Exif())
    for at in range(len(picture)):
        damaged = picture[:at] + bytes([picture[at] ^ 0x55]) + picture[at + 1 :]
        try:
            file = generate([damaged], {})
        except (Invalid, TooLarge):
            continue
        assert dcmread(BytesIO(file)).pixel_array.size


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    picture = jpeg(Image.new("L", (16, 16)))
    frame = picture.index(b"\xff\xc0")
    bomb = picture[: frame + 5] + b"\xff\xdc\xff\xdc" + picture[frame + 9 :]  # 65500 x 65500
    with pytest.raises(TooLarge, match="65500 x 65500"):
        generate([bomb], {})


def test_scans_without_end() -> None:
    picture = jpeg(Image.new("L", (16, 16)), progressive=True)
    scan = picture[picture.rindex(b"\xff\xda") : -2]
    assert stored(picture[:-2] + scan * 9 + picture[-2:]).Rows == 16
    left = 100 - picture.count(b"\xff\xda")
    assert stored(picture[:-2] + scan * left + picture[-2:]).Rows == 16
    with pytest.raises(Invalid, match="more than 100 scans"):
        generate([picture[:-2] + scan * (left + 1) + picture[-2:]], {})


@pytest.mark.parametrize("frame", [b"\xff\xc9", b"\xff\xca"])
def test_arithmetic_coding(frame: bytes) -> None:
    with pytest.raises(Invalid, match="save it as a baseline JPEG"):
        generate([jpeg(Image.new("RGB", (16, 16))).replace(b"\xff\xc0", frame)], {})
