"""PNGs become what every viewer shows, to the bit."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import ExifTags, Image
from pydicom import dcmread

from imaging.secondary_capture import generate
from problems import Invalid, TooLarge
from tests.png_files import BANDS, GRAY, GRAY_ALPHA, KINDS, PALETTE, RGB, RGBA, png, png_of_data, scan_lines

ROWS, COLUMNS = (
    11,
    13,
)  # neither fills whole bytes at 1, 2 or 4 bits; both are large enough for all passes of an interlaced file


def stored(picture: bytes) -> NDArray[Any]:
    return dcmread(BytesIO(generate([picture], {}))).pixel_array


def random_samples(colour_type: int, depth: int) -> NDArray[Any]:
    return np.random.default_rng(depth).integers(0, 2**depth, (ROWS, COLUMNS, BANDS[colour_type]))


def to_8_bits(samples: NDArray[Any], depth: int) -> NDArray[Any]:
    """v * 255 / (2**depth - 1), rounded in whole numbers."""
    most = 2**depth - 1
    return (samples * 255 * 2 + most) // (most * 2)


def on_white(samples: NDArray[Any], alpha: NDArray[Any], depth: int) -> NDArray[Any]:
    most = 2**depth - 1
    return ((samples * alpha + most * (most - alpha)) * 2 + most) // (most * 2)


def expected(samples: NDArray[Any], alpha: NDArray[Any], depth: int) -> NDArray[Any]:
    """The stored values for `samples` (rows, columns, 1 or 3): 16 bits for 16-bit grayscale, otherwise 8."""
    if samples.shape[-1] == 1 and depth >= 8:
        return on_white(samples, alpha, depth)[..., 0]
    flat = to_8_bits(on_white(samples, alpha, depth), depth)
    return flat[..., 0] if flat.shape[-1] == 1 else flat


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour_type", "depth"), [kind for kind in KINDS if kind[0] != PALETTE])
def test_every_kind_of_samples(colour_type: int, depth: int, interlaced: bool) -> None:
    samples = random_samples(colour_type, depth)
    colours, alpha = samples, np.full((ROWS, COLUMNS, 1), 2**depth - 1)
    if colour_type in (GRAY_ALPHA, RGBA):
        colours, alpha = samples[..., :-1], samples[..., -1:]
    pixels = stored(png(samples, depth, colour_type, interlaced=interlaced))
    assert pixels.dtype == (np.uint16 if depth == 16 and colour_type in (GRAY, GRAY_ALPHA) else np.uint8)
    np.testing.assert_array_equal(pixels, expected(colours, alpha, depth))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palette(depth: int, transparent: bool, interlaced: bool) -> None:
    rng = np.random.default_rng(depth)
    palette = rng.integers(0, 256, (2**depth, 3))
    alphas = rng.integers(0, 256, 2**depth) if transparent else np.full(2**depth, 255)
    alphas[-1] = 255  # tRNS may be shorter than the palette
    indices = random_samples(PALETTE, depth)
    chunks = [(b"PLTE", bytes(palette.astype(np.uint8)))]
    chunks += [(b"tRNS", bytes(alphas[:-1].astype(np.uint8)))] if transparent else []
    pixels = stored(png(indices, depth, PALETTE, *chunks, interlaced=interlaced))
    np.testing.assert_array_equal(pixels, expected(palette[indices[..., 0]], alphas[indices], 8))


@pytest.mark.parametrize(("colour_type", "depth"), [kind for kind in KINDS if kind[0] in (GRAY, RGB)])
def test_one_transparent_colour(colour_type: int, depth: int) -> None:
    samples = random_samples(colour_type, depth)
    key = samples[2, 3]
    pixels = stored(png(samples, depth, colour_type, (b"tRNS", key.astype(">u2").tobytes())))
    alpha = np.where((samples == key).all(axis=-1, keepdims=True), 0, 2**depth - 1)
    np.testing.assert_array_equal(pixels, expected(samples, alpha, depth))


def test_a_transparent_colour_differs_from_its_neighbours_in_the_low_byte() -> None:
    samples = np.array([[[0x1200, 0x3400, 0x5600], [0x1200, 0x3400, 0x5601]]])
    pixels = stored(png(samples, 16, RGB, (b"tRNS", samples[0, 1].astype(">u2").tobytes())))
    np.testing.assert_array_equal(pixels, [[[0x12, 0x34, 0x56], [255, 255, 255]]])


def test_16_bit_colour_is_rounded() -> None:
    ramp = np.arange(65536).reshape(256, 256, 1).repeat(3, axis=-1)
    np.testing.assert_array_equal(stored(png(ramp, 16, RGB)), np.round(ramp / 257))


def test_filtered_rows() -> None:
    """A smooth picture makes Pillow use all five filters."""
    smooth = np.add.outer(np.arange(64) * 3, np.arange(48) * 2).astype(np.uint8)
    for picture in (Image.fromarray(smooth), Image.fromarray(smooth.astype(np.uint16) * 201)):
        file = BytesIO()
        picture.save(file, "PNG")
        np.testing.assert_array_equal(stored(file.getvalue()), np.asarray(picture))


@given(st.data())
def test_any_picture(data: st.DataObject) -> None:
    colour_type, depth = data.draw(st.sampled_from([kind for kind in KINDS if kind[0] != PALETTE]))
    shape = (data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40)), BANDS[colour_type])
    samples = data.draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 2**depth - 1)))
    colours, alpha = samples, np.full((*shape[:2], 1), 2**depth - 1)
    if colour_type in (GRAY_ALPHA, RGBA):
        colours, alpha = samples[..., :-1], samples[..., -1:]
    pixels = stored(png(samples, depth, colour_type, interlaced=data.draw(st.booleans())))
    np.testing.assert_array_equal(pixels, expected(colours, alpha, depth))


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation(turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    samples = np.arange(6).reshape(2, 3, 1)
    pixels = stored(png(samples, 8, GRAY, (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))))
    upright = {
        1: [[0, 1, 2], [3, 4, 5]],
        2: [[2, 1, 0], [5, 4, 3]],
        3: [[5, 4, 3], [2, 1, 0]],
        4: [[3, 4, 5], [0, 1, 2]],
        5: [[0, 3], [1, 4], [2, 5]],
        6: [[3, 0], [4, 1], [5, 2]],
        7: [[5, 2], [4, 1], [3, 0]],
        8: [[2, 5], [1, 4], [0, 3]],
    }
    np.testing.assert_array_equal(pixels, upright[turned])


@pytest.mark.parametrize(
    "exif", [b"", b"MM", b"MM\0*\0\0\0\x08\xff\xff", b"MM\0*\0\0\0\x08\0\1\x01\x12\0\2\0\0\0\2x\0\0\0"]
)
def test_malformed_exif_is_no_orientation(exif: bytes) -> None:
    samples = np.arange(6).reshape(2, 3, 1)
    np.testing.assert_array_equal(stored(png(samples, 8, GRAY, (b"eXIf", exif))), samples[..., 0])


def test_an_animation_stands_as_its_default_image() -> None:
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("red", "blue")]
    file = BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(stored(file.getvalue()), np.asarray(frames[0]))


@pytest.mark.parametrize("depth", [8, 16])
def test_truncated_anywhere(depth: int) -> None:
    picture = png(random_samples(RGBA, depth), depth, RGBA)
    for length in range(len(picture) - 4):  # the last four bytes are the CRC of IEND
        with pytest.raises(Invalid) as refused:
            generate([picture[:length]], {})
        assert refused.value.fields is not None
        assert list(refused.value.fields) == ["image"]


def test_any_byte_of_the_data_wrong() -> None:
    picture = png(random_samples(RGB, 8), 8, RGB)
    for at in range(8, len(picture) - 12):
        with pytest.raises((Invalid, TooLarge)):
            generate([picture[:at] + bytes([picture[at] ^ 0x55]) + picture[at + 1 :]], {})


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("rows_there", [0, 1, 7])
def test_rows_missing_from_a_whole_file(rows_there: int, interlaced: bool) -> None:
    data = scan_lines(np.zeros((rows_there, 8, 3), int), 8)
    with pytest.raises(Invalid, match="truncated or corrupt"):
        generate([png_of_data(8, 8, 8, RGB, data, interlaced=interlaced)], {})


def test_a_palette_picture_without_its_palette() -> None:
    with pytest.raises(Invalid, match="truncated or corrupt"):
        generate([png(random_samples(PALETTE, 8), 8, PALETTE)], {})


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    bomb = png_of_data(65535, 65535, 16, RGBA, bytes(2**20))
    with pytest.raises(TooLarge, match="65535 x 65535"):
        generate([bomb], {})


def test_a_side_that_dicom_cannot_say() -> None:
    with pytest.raises(TooLarge, match="65536 x 1"):
        generate([png_of_data(1, 65536, 8, GRAY, bytes(65537))], {})
    assert dcmread(BytesIO(generate([png_of_data(1, 65535, 8, GRAY, bytes(65536))], {}))).Columns == 65535


def test_a_compressed_text_that_grows_is_refused() -> None:
    bomb = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**24)))
    with pytest.raises(Invalid):
        generate([png(random_samples(GRAY, 8), 8, GRAY, bomb)], {})


def test_odd_values_that_pillow_warns_of() -> None:
    animation = (b"acTL", struct.pack(">II", 0, 0))
    samples = random_samples(GRAY, 8)
    np.testing.assert_array_equal(stored(png(samples, 8, GRAY, animation)), samples[..., 0])


def test_what_follows_the_image_data_may_turn_the_picture() -> None:
    samples = random_samples(GRAY, 8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    content = exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">L4s", len(content), b"eXIf") + content + struct.pack(">L", zlib.crc32(b"eXIf" + content))
    whole = png(samples, 8, GRAY)
    np.testing.assert_array_equal(stored(whole[:-12] + chunk + whole[-12:]), samples[::-1, ::-1, 0])


def test_a_profiles_name_is_not_logged(capfd: pytest.CaptureFixture[str]) -> None:
    broken = (b"iCCP", b"a secret\0\0" + zlib.compress(bytes(200)))
    generate([png(random_samples(RGB, 8), 8, RGB, broken, interlaced=True)], {})
    assert capfd.readouterr() == ("", "")
