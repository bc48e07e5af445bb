"""Pictures of small files, pixel by pixel, compared with arithmetic from the standard."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from imaging.answers.options import ReadOptions, read_options
from tests.dicom_files import float_picture_file, picture_file
from tests.read_answer import read
from tests.shown import pictures, shown, warnings

EIGHT_BITS = {"WindowCenter": 128, "WindowWidth": 256}  # shown as they are
RAMP = np.array([[0, 50], [100, 200]], np.uint8)


def test_without_a_window_the_frames_own_range_is_shown() -> None:
    # (x - 50) / 150 * 255
    assert shown(picture_file(RAMP.clip(50))).tolist() == [[0, 0], [85, 255]]


def test_the_first_window_after_rescale() -> None:
    # x * 2 - 100 gives -100, 0, 100, 300; the window's lower end is 0, its upper 255.
    content = picture_file(RAMP, WindowCenter=[128, 40], WindowWidth=[256, 400], RescaleSlope=2, RescaleIntercept=-100)
    assert shown(content).tolist() == [[0, 0], [100, 255]]


def test_half_values_round_up() -> None:
    # LINEAR_EXACT, c = 1, w = 2: 1 is 127.5
    content = picture_file(
        np.array([[0, 1, 2]], np.uint8), WindowCenter=1, WindowWidth=2, VOILUTFunction="LINEAR_EXACT"
    )
    assert shown(content).tolist() == [[0, 128, 255]]


def test_monochrome1_is_inverted_last() -> None:
    content = picture_file(RAMP, PhotometricInterpretation="MONOCHROME1", **EIGHT_BITS)
    assert shown(content).tolist() == [[255, 205], [155, 55]]


def test_the_window_asked_for_takes_the_place_of_the_files() -> None:
    content = picture_file(RAMP, WindowCenter=1, WindowWidth=2)
    assert shown(content, window="128,256").tolist() == RAMP.tolist()
    assert shown(content, window="100,200,linear-exact").tolist() == [[0, 64], [128, 255]]


def test_padding_is_left_out_of_the_range_and_black() -> None:
    pixels = np.array([[-2000, -100], [0, 155]], np.int16)
    assert shown(picture_file(pixels, PixelPaddingValue=-2000)).tolist() == [[0, 0], [100, 255]]


def test_a_padding_range() -> None:
    pixels = np.array([[0, 5], [10, 265]], np.uint16)
    content = picture_file(pixels, PixelPaddingValue=0, PixelPaddingRangeLimit=5)
    assert shown(content).tolist() == [[0, 0], [0, 255]]


def test_a_voi_lut_comes_before_the_window() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [3, 50, 8])
    item.add_new("LUTData", "US", [10, 20, 30])
    content = picture_file(RAMP, WindowCenter=1, WindowWidth=2, VOILUTSequence=[item])
    assert shown(content).tolist() == [[10, 10], [30, 30]]


def test_a_modality_lut() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [201, 0, 16])
    item.add_new("LUTData", "US", list(range(400, 199, -1)))
    item.ModalityLUTType = "US"
    content = picture_file(RAMP, ModalityLUTSequence=[item], WindowCenter=256, WindowWidth=512)
    # 400 - x, then (y - 0) / 511 * 255
    assert shown(content).tolist() == [[200, 175], [150, 100]]


def test_a_window_that_is_none_is_named() -> None:
    content = picture_file(RAMP, WindowCenter=100, WindowWidth=0)
    assert shown(content).tolist() == [[0, 64], [128, 255]]
    assert "window" in warnings(content)[0]


def test_windows_and_rescale_of_each_frame() -> None:
    # PS3.3 C.7.6.16.2.9, C.7.6.16.2.10
    groups = []
    for center, intercept in ((128, 0), (128, 55)):
        group = Dataset()
        group.FrameVOILUTSequence = [Dataset()]
        group.FrameVOILUTSequence[0].WindowCenter = center
        group.FrameVOILUTSequence[0].WindowWidth = 256
        group.PixelValueTransformationSequence = [Dataset()]
        group.PixelValueTransformationSequence[0].RescaleIntercept = intercept
        group.PixelValueTransformationSequence[0].RescaleSlope = 1
        groups.append(group)
    content = picture_file(np.vstack([RAMP, RAMP]), Rows=2, NumberOfFrames=2, PerFrameFunctionalGroupsSequence=groups)
    seen = [picture.tolist() for picture in pictures(content)]
    assert seen == [[[0, 50], [100, 200]], [[55, 105], [155, 255]]]


def test_high_bit_and_dirty_bits_around_it() -> None:
    # The value is in bits 4 to 11. The other bits hold an overlay.
    pixels = np.array([[0xF00F, 0x0320], [0xA647, 0x0C80]], np.uint16)
    content = picture_file(pixels, BitsStored=8, HighBit=11, **EIGHT_BITS)
    assert shown(content).tolist() == [[0, 0x32], [0x64, 0xC8]]


def test_signed_values_of_twelve_bits() -> None:
    pixels = np.array([[0x0800, 0x0FFF], [0x0000, 0x07FF]], np.uint16)  # -2048, -1, 0, 2047
    content = picture_file(pixels, BitsStored=12, HighBit=11, PixelRepresentation=1, WindowCenter=0, WindowWidth=4096)
    assert shown(content).tolist() == [[0, 127], [128, 255]]


@pytest.mark.parametrize("value", [0, 1])
def test_a_mask_of_one_value(value: int) -> None:
    pixels = np.packbits(np.full(16, value, np.uint8)).reshape(1, 2)
    content = picture_file(pixels, Rows=4, Columns=4, BitsAllocated=1, BitsStored=1, HighBit=0)
    assert shown(content).tolist() == np.full((4, 4), value * 255).tolist()


def test_frames_of_one_bit_that_begin_within_a_byte() -> None:
    bits = np.array([1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0], np.uint8)  # two frames of 2 by 3
    packed = np.packbits(bits, bitorder="little").reshape(1, -1)
    content = picture_file(packed, Rows=2, Columns=3, NumberOfFrames=2, BitsAllocated=1, BitsStored=1, HighBit=0)
    assert np.concatenate([picture // 255 for picture in pictures(content)]).reshape(-1).tolist() == bits.tolist()


def test_floats() -> None:
    assert shown(float_picture_file(np.array([[-1.5, 0, 1.5]], np.float32))).tolist() == [[0, 128, 255]]


def test_planes_of_colour() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    planes = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    content = picture_file(pixels, PlanarConfiguration=1, PixelData=planes.tobytes())
    assert shown(content).tolist() == pixels.tolist()


def test_ybr_full() -> None:
    # PS3.3 C.7.6.3.1.2: pure red is Y = 76.245, Cb = 84.97, Cr = 255.5
    pixels = np.array([[[76, 85, 255], [128, 128, 128]]], np.uint8)
    content = picture_file(pixels, PhotometricInterpretation="YBR_FULL")
    assert shown(content).tolist() == [[[254, 0, 0], [128, 128, 128]]]


def test_a_palette_of_sixteen_bits() -> None:
    tables = {}
    for colour, entries in (("Red", [0, 0x8000, 0xFFFF]), ("Green", [0, 0x4000, 0]), ("Blue", [0xFF00, 0, 0])):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [3, 10, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = np.array(entries, "<u2").tobytes()
    pixels = np.array([[9, 10], [11, 99]], np.uint8)
    content = picture_file(pixels, PhotometricInterpretation="PALETTE COLOR", **tables)
    assert shown(content).tolist() == [[[0, 0, 255], [0, 0, 255]], [[128, 64, 0], [255, 0, 0]]]


def test_segments_of_a_palette() -> None:
    # PS3.3 C.7.9.2: discrete 0, then linear to 0xFF00 in three steps
    segments = np.array([0, 1, 0, 1, 3, 0xFF00], "<u2").tobytes()
    tables: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [4, 0, 16]
        tables[f"Segmented{colour}PaletteColorLookupTableData"] = segments
    pixels = np.array([[0, 1, 2, 3]], np.uint8)
    content = picture_file(pixels, PhotometricInterpretation="PALETTE COLOR", **tables)
    assert shown(content)[0, :, 0].tolist() == [0, 85, 170, 255]


def test_a_missing_palette_is_named() -> None:
    content = picture_file(RAMP, PhotometricInterpretation="PALETTE COLOR")
    assert read("a.dcm", content, ReadOptions())["Images"] == [""]
    assert warnings(content) == ["Frame 1 can't be shown: its palette is missing or broken."]


@pytest.mark.parametrize(
    ("viewport", "size"), [("8,8", (8, 4)), ("100,2", (4, 2)), ("3,100", (3, 2)), ("1,1", (1, 1)), ("16,4", (8, 4))]
)
def test_viewport_fits_and_keeps_the_aspect(viewport: str, size: tuple[int, int]) -> None:
    picture = shown(picture_file(np.full((2, 4), 9, np.uint8), **EIGHT_BITS), viewport=viewport)
    assert picture.shape == size[::-1]
    assert (picture == 9).all()


def test_jpeg_by_quality() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
    content = picture_file(pixels)
    small, large = (
        read("a.dcm", content, read_options({"return_format": "JPEG", "quality": quality})) for quality in ("5", "95")
    )
    assert small["ImageFormat"] == "JPEG"
    assert Image.open(BytesIO(base64.b64decode(small["Images"][0]))).format == "JPEG"
    assert len(small["Images"][0]) < len(large["Images"][0]) / 2


def test_gif_keeps_grey_to_the_bit() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    content = picture_file(pixels, **EIGHT_BITS)
    image = Image.open(
        BytesIO(base64.b64decode(read("a.dcm", content, read_options({"return_format": "gif"}))["Images"][0]))
    )
    assert image.format == "GIF"
    assert np.asarray(image.convert("L")).tolist() == pixels.tolist()


def test_pixel_data_that_ends_early_is_shown_as_far_as_it_goes() -> None:
    content = picture_file(np.full((2, 4), 200, np.uint8), **EIGHT_BITS)[:-4]
    assert shown(content).tolist() == [[200] * 4, [0] * 4]
    assert warnings(content) == [
        "The file ends within its pixel data.",
        "Frame 1: the pixel data ends within it, so a part of the picture is missing.",
    ]


def test_fewer_frames_than_said() -> None:
    content = picture_file(RAMP, NumberOfFrames=1_000_000)
    assert len(read("a.dcm", content, ReadOptions())["Images"]) == 1
    assert warnings(content) == ["The data set says 1000000 frames; its pixel data holds 1."]


def test_frames_asked_for() -> None:
    pixels = np.arange(10, dtype=np.uint8).repeat(2).reshape(20, 1)
    content = picture_file(pixels, Rows=2, NumberOfFrames=10, **EIGHT_BITS)
    assert [int(picture[0, 0]) for picture in pictures(content, frames="2, 5-7,6")] == [1, 4, 5, 6]


def test_viewport_keeps_the_physical_aspect() -> None:
    # Pixels twice as high as wide: 4 by 4 of them make a picture with the shape 1 to 2.
    pixels = np.full((4, 4), 9, np.uint8)
    for attributes in ({"PixelSpacing": [2, 1]}, {"PixelAspectRatio": [4, 2]}, {"ImagerPixelSpacing": [0.2, 0.1]}):
        content = picture_file(pixels, **attributes)
        assert shown(content, viewport="100,16").shape == (16, 8)
        assert shown(content).shape == (4, 4)


def test_an_animation_has_the_files_timing() -> None:
    pixels = np.arange(5, dtype=np.uint8).repeat(4).reshape(10, 2)
    content = picture_file(pixels, Rows=2, NumberOfFrames=5, FrameTimeVector=[0, 100, 200, 300, 400], **EIGHT_BITS)
    answer = read("a.dcm", content, read_options({"return_format": "gif", "animation": "true", "frames": "2-5"}))
    (film,) = (Image.open(BytesIO(base64.b64decode(image))) for image in answer["Images"])
    times = []
    for frame in range(film.n_frames):
        film.seek(frame)
        times.append(film.info["duration"])
    assert times == [200, 300, 400, 400]


@pytest.mark.parametrize(("attributes", "time"), [({"FrameTime": 40}, 40), ({"CineRate": 5}, 200), ({}, 100)])
def test_timing_by_rate(attributes: dict[str, Any], time: int) -> None:
    pixels = np.arange(3, dtype=np.uint8).reshape(3, 1)
    content = picture_file(pixels, Rows=1, NumberOfFrames=3, **EIGHT_BITS, **attributes)
    answer = read("a.dcm", content, read_options({"return_format": "gif", "animation": "true"}))
    assert Image.open(BytesIO(base64.b64decode(answer["Images"][0]))).info["duration"] == time


def test_the_rates_of_a_film() -> None:
    # PS3.3 C.7.6.5: Frame Time wins; then the recommended rate for display, then the rate of acquisition.
    pixels = np.arange(3, dtype=np.uint8).reshape(3, 1)
    for attributes, time in (
        ({"RecommendedDisplayFrameRate": 20, "CineRate": 5}, 50),
        ({"RecommendedDisplayFrameRate": 0, "CineRate": 5}, 200),
        ({"FrameTime": 40, "RecommendedDisplayFrameRate": 20, "CineRate": 5}, 40),
        ({"FrameTime": -1, "CineRate": 5}, 200),
        ({"FrameTime": 4e6, "CineRate": 5}, 200),  # more than an hour
        ({"FrameTimeVector": [0, 30], "CineRate": 5}, 200),  # for another number of frames
        ({"FrameTimeVector": [0, 30, 0]}, 30),
    ):
        content = picture_file(pixels, Rows=1, NumberOfFrames=3, **EIGHT_BITS, **attributes)
        answer = read("a.dcm", content, read_options({"return_format": "gif", "animation": "true"}))
        assert Image.open(BytesIO(base64.b64decode(answer["Images"][0]))).info["duration"] == time


def overlay(bits: list[list[int]], origin: list[int]) -> Dataset:
    plane = np.array(bits, np.uint8)
    dataset = Dataset()
    dataset.add_new(0x60000010, "US", plane.shape[0])
    dataset.add_new(0x60000011, "US", plane.shape[1])
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", origin)
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    packed = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    dataset.add_new(0x60003000, "OW", packed + b"\0" * (len(packed) % 2))
    return dataset


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ([1, 1], [[255, 9, 9], [9, 255, 9], [9, 9, 9]]),
        ([2, 3], [[9, 9, 9], [9, 9, 255], [9, 9, 9]]),
        ([0, 0], [[255, 9, 9], [9, 9, 9], [9, 9, 9]]),
        ([50, 50], [[9, 9, 9], [9, 9, 9], [9, 9, 9]]),
    ],
)
def test_overlays_are_burnt_in_on_demand(origin: list[int], expected: list[list[int]]) -> None:
    attributes = {f"({e.tag.group:04x},{e.tag.element:04x})": e for e in overlay([[1, 0], [0, 1]], origin)}
    content = picture_file(np.full((3, 3), 9, np.uint8), elements=attributes.values(), **EIGHT_BITS)
    assert shown(content, overlays="true").tolist() == expected
    assert (shown(content) == 9).all()


def test_an_overlay_in_unused_bits_of_the_pixels() -> None:
    dataset = overlay([[0, 0], [0, 0]], [1, 1])
    del dataset[0x60003000]
    dataset[0x60000102].value = 12
    pixels = np.array([[0x1005, 5], [5, 0x1005]], np.uint16)
    content = picture_file(pixels, elements=dataset, BitsStored=12, HighBit=11, **EIGHT_BITS)
    assert shown(content, overlays="true").tolist() == [[255, 5], [5, 255]]
    assert shown(content).tolist() == [[5, 5], [5, 5]]


def test_an_icc_profile_that_no_jpeg_has_room_for_is_left_out() -> None:
    content = picture_file(np.zeros((4, 4, 3), np.uint8), ICCProfile=bytes(256 * 65519))
    answer = read("a.dcm", content, read_options({"return_format": "jpeg"}))
    assert "icc_profile" not in Image.open(BytesIO(base64.b64decode(answer["Images"][0]))).info


@pytest.mark.parametrize("return_format", ["png", "jpeg"])
def test_icc_profiles_go_with_colours(return_format: str) -> None:
    profile = bytes(range(256)) * 300
    colour = picture_file(np.zeros((4, 4, 3), np.uint8), ICCProfile=profile)
    grey = picture_file(np.zeros((4, 4), np.uint8), ICCProfile=profile)
    for content, expected in ((colour, profile), (grey, None)):
        answer = read("a.dcm", content, read_options({"return_format": return_format}))
        assert Image.open(BytesIO(base64.b64decode(answer["Images"][0]))).info.get("icc_profile") == expected


def test_the_icc_profile_of_a_slides_optical_path() -> None:
    path = Dataset()
    path.ICCProfile = bytes(range(128))
    content = picture_file(np.zeros((4, 4, 3), np.uint8), OpticalPathSequence=[path, Dataset()])
    image = read("a.dcm", content, ReadOptions())["Images"][0]
    assert Image.open(BytesIO(base64.b64decode(image))).info["icc_profile"] == path.ICCProfile
