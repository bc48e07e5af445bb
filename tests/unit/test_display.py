"""Grey values in special kinds of data sets, and in data sets that contradict themselves."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import float_picture_file, picture_file
from tests.shown import pictures, shown, warnings

EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)
WINDOW = {"WindowCenter": 128, "WindowWidth": 256}
XA = "1.2.840.10008.5.1.4.1.1.12"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def modality_lut(entries: NDArray[Any]) -> list[Dataset]:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), 0, 16])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    item.ModalityLUTType = "US"
    return [item]


FALLING = modality_lut(np.arange(255, -1, -1))
RESCALE = {"RescaleSlope": 2, "RescaleIntercept": -100}


@pytest.mark.parametrize("sop_class", [f"{XA}.1", f"{XA}.2", f"{XA}.3", f"{XA}.1.1", f"{XA}.2.1"])
@pytest.mark.parametrize("relationship", ["LIN", "LOG", "DISP", None])
def test_x_ray_images_are_shown_as_they_are_stored(sop_class: str, relationship: str | None) -> None:
    # PS3.3 C.8.7.1.1.2: the Modality LUT gives intensities for measurements, not for display.
    said = {"SOPClassUID": sop_class, **({"PixelIntensityRelationship": relationship} if relationship else {})}
    lut = picture_file(EVERY, ModalityLUTSequence=FALLING, **said, **WINDOW)
    assert shown(lut).tolist() == EVERY.tolist()
    assert shown(picture_file(EVERY, **said, **RESCALE, **WINDOW)).tolist() == EVERY.tolist()
    # The VOI LUT then takes stored values, too.
    voi = Dataset()
    voi.add_new("LUTDescriptor", "US", [256, 0, 8])
    voi.add_new("LUTData", "OW", bytes(range(256)))
    assert shown(picture_file(EVERY, VOILUTSequence=[voi], **said, **RESCALE)).tolist() == EVERY.tolist()


@pytest.mark.parametrize("sop_class", [SECONDARY_CAPTURE, f"{XA}.77", "1.2.840.10008.5.1.4.1.1.13.1.1"])
def test_others_are_not(sop_class: str) -> None:
    lut = picture_file(EVERY, ModalityLUTSequence=FALLING, SOPClassUID=sop_class, **WINDOW)
    assert shown(lut).tolist() == (255 - EVERY).tolist()
    rescaled = picture_file(EVERY, SOPClassUID=sop_class, **RESCALE, **WINDOW)
    assert shown(rescaled).tolist() == (EVERY.astype(int) * 2 - 100).clip(0, 255).tolist()


@pytest.mark.parametrize("rescale", [(0, 0), ("1e400", 0), (1, "1e400"), (1, "-1e400")])
def test_a_rescale_that_is_none(rescale: tuple[Any, Any]) -> None:
    slope, intercept = rescale
    elements = Dataset()
    elements.add_new("RescaleIntercept", "LO", str(intercept))
    elements.add_new("RescaleSlope", "LO", str(slope))
    assert shown(picture_file(EVERY, elements=elements, **WINDOW)).tolist() == EVERY.tolist()


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "told"),
    [
        ("MONOCHROME1", "IDENTITY", False, True),
        ("MONOCHROME2", "INVERSE", True, True),
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME1", "LIN OD", True, False),
        ("MONOCHROME2", "LIN OD", False, False),
        ("MONOCHROME1", None, True, False),
    ],
)
def test_the_presentation_lut_shape(photometric: str, shape: str | None, inverted: bool, told: bool) -> None:
    said = {"PresentationLUTShape": shape} if shape else {}
    content = picture_file(EVERY, PhotometricInterpretation=photometric, **said, **WINDOW)
    assert shown(content).tolist() == (255 - EVERY if inverted else EVERY).tolist()
    expected = f"The Presentation LUT Shape, {shape}, contradicts {photometric}; the pictures are shown by the shape."
    assert warnings(content) == ([expected] if told else [])


def segmentation(pixels: NDArray[Any], kind: str, segments: list[int], **more: Any) -> bytes:
    items = []
    for number in segments:
        items.append(Dataset())
        items[-1].SegmentNumber = number
    frames = {"Rows": 2, "NumberOfFrames": len(pixels) // 2, "SegmentationType": kind, "PixelPaddingValue": 0}
    return picture_file(pixels, SegmentSequence=Sequence(items), **frames, **more)


def test_a_label_has_one_grey_in_all_frames() -> None:
    pixels = np.array([[0, 0], [0, 9], [0, 0], [0, 0], [5, 5], [20, 20], [5, 5], [5, 5]], np.uint8)
    content = segmentation(pixels, "LABELMAP", [0, 1, 5, 9, 20])
    unsaid = segmentation(pixels, "", [0, 20], SOPClassUID="1.2.840.10008.5.1.4.1.1.66.7")
    greys = np.floor(pixels / 20 * 255 + 0.5)
    assert [picture.tolist() for picture in pictures(unsaid)] == greys.reshape(4, 2, 2).tolist()
    assert [picture.tolist() for picture in pictures(content)] == greys.reshape(4, 2, 2).tolist()


def test_labels_of_a_map_that_does_not_say_its_segments() -> None:
    pixels = np.array([[0, 0], [5, 10]], np.uint8)
    assert shown(segmentation(pixels, "LABELMAP", [])).tolist() == [[0, 0], [0, 255]]


def test_fractions_of_a_segmentation() -> None:
    pixels = np.array([[0, 50], [100, 200], [0, 0], [0, 100]], np.uint8)
    content = segmentation(pixels, "FRACTIONAL", [1], MaximumFractionalValue=200)
    assert [picture.tolist() for picture in pictures(content)] == [[[0, 64], [128, 255]], [[0, 0], [0, 128]]]


def test_a_window_asked_for_takes_the_place_of_the_segments() -> None:
    content = segmentation(np.array([[0, 0], [5, 10]], np.uint8), "LABELMAP", [20])
    assert shown(content, window="5,10,linear-exact").tolist() == [[0, 0], [128, 255]]


EXACT = [[0, 64, 128, 191, 255]]


@pytest.mark.parametrize(("width", "values"), [(1.0, [0, 0.25, 0.5, 0.75, 1]), (0.2, [0.4, 0.45, 0.5, 0.55, 0.6])])
def test_narrow_linear_windows_of_fractions_are_exact(width: float, values: list[float]) -> None:
    window = {"WindowCenter": 0.5, "WindowWidth": width}
    assert shown(float_picture_file(np.array([values], np.float64), **window)).tolist() == EXACT
    assert warnings(float_picture_file(np.array([values], np.float64), **window)) == []


def test_narrow_linear_windows_of_rescaled_values_are_exact() -> None:
    pixels = np.array([[0, 1, 2, 3, 4]], np.uint8)
    window = {"WindowCenter": 0.5, "WindowWidth": 1}
    assert shown(picture_file(pixels, RescaleSlope=0.25, RescaleIntercept=0, **window)).tolist() == EXACT
    window = {"WindowCenter": 2.25, "WindowWidth": 0.5}
    assert shown(picture_file(pixels[:, 2:3], RescaleIntercept=0.25, RescaleSlope=1, **window)).tolist() == [[128]]


def test_other_windows_keep_their_function() -> None:
    pixels = np.array([[0, 1, 2, 3, 4]], np.uint8)
    # For whole numbers, a width of 1 is a threshold (PS3.3 C.11.2.1.2.1). A smaller width is not valid.
    assert shown(picture_file(pixels, WindowCenter=2, WindowWidth=1)).tolist() == [[0, 0, 255, 255, 255]]
    assert shown(picture_file(pixels, WindowCenter=2, WindowWidth=0.5)).tolist() == [[0, 64, 128, 191, 255]]
    assert warnings(picture_file(pixels, WindowCenter=2, WindowWidth=0.5)) == [
        "The window 2\\0.5 is not one; the frame's own range is shown."
    ]
    # A wider window on fractions follows the clause.
    values = np.array([[0.0, 1.0, 2.0]], np.float64)
    assert shown(float_picture_file(values, WindowCenter=1.5, WindowWidth=2)).tolist() == [[0, 128, 255]]


SHUTTER = ["The display shutter is not applied: the pictures show what it would hide, too."]


@pytest.mark.parametrize("sequence", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
def test_a_shutter_is_told_of(sequence: str) -> None:
    content = picture_file(EVERY, ShutterShape="CIRCULAR", CenterOfCircularShutter=[8, 8], RadiusOfCircularShutter=4)
    assert warnings(content) == SHUTTER
    shutter, group = Dataset(), Dataset()
    shutter.ShutterShape = ["RECTANGULAR", "POLYGONAL"]
    group.FrameDisplayShutterSequence = [shutter]
    assert warnings(picture_file(EVERY, **{sequence: [group]})) == SHUTTER
    assert warnings(picture_file(EVERY)) == []
