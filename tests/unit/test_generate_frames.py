"""Several images become the frames of one file: the multi-frame Secondary Capture IODs (PS3.3 A.8.3 to A.8.5)."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from imaging.secondary_capture import generate, picture
from problems import Invalid, TooLarge

GRAY = np.arange(3 * 3 * 5, dtype=np.uint8).reshape(3, 3, 5)
GRAY_16 = GRAY.astype(np.uint16) * 1400
COLOUR = np.arange(3 * 3 * 5 * 3, dtype=np.uint8).reshape(3, 3, 5, 3)


def image(pixels: NDArray[Any], file_format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, file_format, **options)
    return file.getvalue()


def stored(frames: NDArray[Any], **attributes: str) -> Dataset:
    return dcmread(BytesIO(generate([image(frame) for frame in frames], attributes)))


def refused(images: list[bytes], attributes: dict[str, str], *fields: str) -> str:
    with pytest.raises(Invalid) as error:
        generate(images, attributes)
    assert list(error.value.fields or ()) == list(fields)
    return error.value.message


@pytest.mark.parametrize(
    ("frames", "sop_class"),
    [
        (GRAY, MultiFrameGrayscaleByteSecondaryCaptureImageStorage),
        (GRAY_16, MultiFrameGrayscaleWordSecondaryCaptureImageStorage),
        (COLOUR, MultiFrameTrueColorSecondaryCaptureImageStorage),
    ],
    ids=["gray", "gray 16", "colour"],
)
def test_images_become_frames_in_their_order(frames: NDArray[Any], sop_class: str) -> None:
    dataset = stored(frames)
    assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == sop_class
    assert dataset.NumberOfFrames == 3
    np.testing.assert_array_equal(dataset.pixel_array, frames)
    assert dataset[dataset.FrameIncrementPointer].keyword == "PageNumberVector"
    assert dataset.PageNumberVector == [1, 2, 3]
    assert dataset.BurnedInAnnotation == "YES"


@pytest.mark.parametrize("frames", [GRAY, GRAY_16], ids=["gray", "gray 16"])
def test_gray_frames_say_that_their_values_are_for_display(frames: NDArray[Any]) -> None:
    dataset = stored(frames)
    assert dataset.PresentationLUTShape == "IDENTITY"
    assert (dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType) == (0, 1, "US")
    assert dataset.WindowWidth == 2**dataset.BitsStored


def test_one_image_stays_a_secondary_capture_of_one_frame() -> None:
    dataset = stored(GRAY[:1])
    assert dataset.SOPClassUID == SecondaryCaptureImageStorage
    assert "NumberOfFrames" not in dataset
    assert "FrameIncrementPointer" not in dataset
    assert "PresentationLUTShape" not in dataset


@pytest.mark.parametrize("gray_at", [0, 1])
def test_gray_among_colours_becomes_colour(gray_at: int) -> None:
    images = [image(COLOUR[0]), image(COLOUR[1])]
    images[gray_at] = image(GRAY[0])
    frames = dcmread(BytesIO(generate(images, {}))).pixel_array
    np.testing.assert_array_equal(frames[gray_at], np.dstack([GRAY[0]] * 3))
    np.testing.assert_array_equal(frames[1 - gray_at], COLOUR[1 - gray_at])


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (image(GRAY[1, :, :4]), "Image 2 of 2: It has 4 x 3 pixels, and the first has 5 x 3"),
        (image(GRAY_16[1]), "Image 2 of 2: It has 16 bits a sample, and the first has 8"),
        (b"GIF89a", "Image 2 of 2: Send the image as a PNG or JPEG file."),
        (image(GRAY[1])[:-20], "Image 2 of 2: The image is truncated"),
    ],
    ids=["size", "bits", "format", "truncated"],
)
def test_images_that_do_not_fit_together(other: bytes, why: str) -> None:
    assert refused([image(GRAY[0]), other], {}, "image").startswith(why)


def test_all_images_together_must_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [image(frame) for frame in GRAY]
    monkeypatch.setattr(picture, "MAX_PIXELS", 44)
    monkeypatch.setattr("imaging.secondary_capture.frames.MAX_PIXELS", 44)
    with pytest.raises(TooLarge, match="Image 3 of 3"):
        generate(images, {})


@pytest.mark.parametrize(
    ("attributes", "pointers"),
    [
        ({"FrameTime": "40"}, ["FrameTime"]),
        ({"FrameTimeVector": "0\\40\\50"}, ["FrameTimeVector"]),
        ({"SliceLocationVector": "0\\1.5\\3"}, ["SliceLocationVector"]),
        ({"FrameLabelVector": "A\\B\\C"}, ["FrameLabelVector"]),
        ({"PageNumberVector": "3\\1\\2"}, ["PageNumberVector"]),
        ({"FrameLabelVector": "A\\B\\C", "FrameTime": "40"}, ["FrameTime", "FrameLabelVector"]),
    ],
)
def test_what_leads_from_frame_to_frame_can_be_given(attributes: dict[str, str], pointers: list[str]) -> None:
    dataset = stored(GRAY, **attributes)
    tags = dataset["FrameIncrementPointer"]
    assert [dataset[tag].keyword for tag in (tags.value if tags.VM > 1 else [tags.value])] == pointers
    assert ("PageNumberVector" in dataset) == ("PageNumberVector" in pointers)


def test_attributes_that_are_given_are_kept() -> None:
    dataset = stored(GRAY_16, RescaleIntercept="-1024", RescaleSlope="2", RescaleType="HU", BurnedInAnnotation="NO")
    assert (dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType) == (-1024, 2, "HU")
    assert dataset.BurnedInAnnotation == "NO"
    assert "WindowWidth" not in dataset
    assert stored(GRAY, RescaleIntercept="0.0", RescaleSlope="1.00").RescaleSlope == 1


@pytest.mark.parametrize(
    ("frames", "attributes", "wrong"),
    [
        (GRAY, {"FrameTimeVector": "0\\40"}, ["FrameTimeVector"]),
        (GRAY, {"FrameTimeVector": "40\\40\\40"}, ["FrameTimeVector"]),
        (GRAY, {"FrameTime": "0"}, ["FrameTime"]),
        (GRAY, {"PageNumberVector": "1"}, ["PageNumberVector"]),
        (GRAY, {"RescaleSlope": "2", "RescaleIntercept": "-1024"}, ["RescaleIntercept", "RescaleSlope"]),
        (GRAY, {"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "HU"}, ["RescaleType"]),
        (GRAY, {"ConversionType": "DF"}, ["ConversionType"]),
        (GRAY, {"NominalScannedPixelSpacing": "1\\1"}, ["NominalScannedPixelSpacing"]),
        (COLOUR, {"RescaleIntercept": "0", "RescaleSlope": "1"}, ["RescaleIntercept", "RescaleSlope", "RescaleType"]),
        (COLOUR, {"WindowCenter": "1", "WindowWidth": "2"}, ["WindowCenter", "WindowWidth"]),
        (COLOUR, {"WindowCenterWidthExplanation": "LUNG"}, ["WindowCenterWidthExplanation"]),
        (
            COLOUR,
            {"WindowCenter": "1", "WindowWidth": "2", "VOILUTFunction": "SIGMOID"},
            ["WindowCenter", "WindowWidth", "VOILUTFunction"],
        ),
        (GRAY, {"RescaleSlope": "1", "RescaleIntercept": "1"}, ["RescaleIntercept"]),
        (GRAY, {"FrameTime": "-1"}, ["FrameTime"]),
        (GRAY, {"ConversionType": "WSD", "NominalScannedPixelSpacing": "1\\1"}, ["NominalScannedPixelSpacing"]),
    ],
)
def test_what_the_multi_frame_iods_forbid(frames: NDArray[Any], attributes: dict[str, str], wrong: list[str]) -> None:
    refused([image(frame) for frame in frames], attributes, *wrong)


@pytest.mark.parametrize("conversion", ["DF", "SD", "SI"])
def test_what_was_scanned_has_its_spacing(conversion: str) -> None:
    dataset = stored(GRAY, ConversionType=conversion, NominalScannedPixelSpacing="0.1\\0.1")
    assert (dataset.ConversionType, dataset.NominalScannedPixelSpacing) == (conversion, [0.1, 0.1])


def test_spacing_is_asked_for_of_film_alone() -> None:
    for conversion in ("SD", "SI", "DV"):
        assert "NominalScannedPixelSpacing" not in stored(GRAY, ConversionType=conversion)


def test_a_vector_of_a_wrong_length_is_told_so_whatever_it_begins_with() -> None:
    for vector in ("40\\40", "0\\40\\40\\40"):
        why = refused([image(frame) for frame in GRAY], {"FrameTimeVector": vector}, "FrameTimeVector")
        assert "FrameTimeVector" in why
        with pytest.raises(Invalid) as error:
            generate([image(frame) for frame in GRAY], {"FrameTimeVector": vector})
        assert error.value.fields == {"FrameTimeVector": "Must have one value for each of the 3 images."}


@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_image_that_is_wrong_is_named(at: int) -> None:
    for wrong in (b"GIF89a", image(GRAY[1])[:-20]):
        images = [image(frame) for frame in GRAY]
        images[at] = wrong
        assert refused(images, {}, "image").startswith(f"Image {at + 1} of 3: ")


def test_lossy_frames_are_all_counted() -> None:
    frames = [np.kron(frame, np.ones((8, 8, 1), np.uint8)) for frame in COLOUR]
    jpegs = [image(frame, "JPEG") for frame in frames]
    dataset = dcmread(BytesIO(generate(jpegs, {})))
    ratio = sum(frame.size for frame in frames) / sum(map(len, jpegs))
    assert float(dataset.LossyImageCompressionRatio) == pytest.approx(ratio, rel=1e-3)


def test_lossy_frames_among_others() -> None:
    colour = np.kron(COLOUR[0], np.ones((8, 8, 1), np.uint8))
    jpeg = image(colour, "JPEG")
    dataset = dcmread(BytesIO(generate([image(colour), jpeg], {})))
    assert dataset.LossyImageCompression == "01"
    assert float(dataset.LossyImageCompressionRatio) == pytest.approx(colour.size / len(jpeg), rel=1e-3)
