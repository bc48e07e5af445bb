"""What the multi-frame Secondary Capture IODs require beyond the single-frame one (PS3.3 A.8.3 to A.8.5)."""

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)

from imaging.secondary_capture.attributes import refuse

# Attributes that Frame Increment Pointer may name (C.8.6.3), with the rates of a film first.
_INCREMENTS = (
    *("FrameTime", "FrameTimeVector", "PageNumberVector", "FrameLabelVector", "SliceLocationVector"),
    *("FramePrimaryAngleVector", "FrameSecondaryAngleVector", "DisplayWindowLabelVector"),
)
_IDENTITY = {"RescaleIntercept": "0", "RescaleSlope": "1", "RescaleType": "US"}
_OF_GRAY = ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction", *_IDENTITY)


def complete(dataset: Dataset, frames: int) -> None:
    """Makes `dataset`, which is complete but for its pixel data, one of so many frames.

    Raises Invalid, with what is wrong in `fields` by keyword.
    """
    refuse(_wrong(dataset, frames))
    dataset.NumberOfFrames = frames
    if not any(keyword in dataset for keyword in _INCREMENTS):
        dataset.PageNumberVector = list(range(1, frames + 1))
    pointers = [tag_for_keyword(keyword) for keyword in _INCREMENTS if keyword in dataset]
    dataset.FrameIncrementPointer = pointers if len(pointers) > 1 else pointers[0]
    if (
        "BurnedInAnnotation" not in dataset
    ):  # Type 1; nobody has checked, and an image that says NO may leave the hospital
        dataset.BurnedInAnnotation = "YES"
    if dataset.SamplesPerPixel == 3:
        dataset.SOPClassUID = MultiFrameTrueColorSecondaryCaptureImageStorage
        return
    gray = (MultiFrameGrayscaleByteSecondaryCaptureImageStorage, MultiFrameGrayscaleWordSecondaryCaptureImageStorage)
    dataset.SOPClassUID = gray[dataset.BitsAllocated > 8]
    for keyword, value in {"PresentationLUTShape": "IDENTITY", **_IDENTITY}.items():
        if keyword not in dataset:
            setattr(dataset, keyword, value)


def _wrong(dataset: Dataset, frames: int) -> dict[str, str]:
    wrong = {
        keyword: f"Must have one value for each of the {frames} images."
        for keyword in _INCREMENTS
        if keyword.endswith("Vector") and keyword in dataset and frames != dataset[keyword].VM
    }
    if "FrameTime" in dataset and dataset.FrameTime <= 0:
        wrong["FrameTime"] = "Must be more than 0."
    if "FrameTimeVector" in dataset and "FrameTimeVector" not in wrong and dataset.FrameTimeVector[0] != 0:
        wrong["FrameTimeVector"] = "Must begin with 0."  # C.7.6.5.1.2
    spacing = "NominalScannedPixelSpacing"  # C.8.6.3
    if dataset.ConversionType == "DF" and spacing not in dataset:
        wrong["ConversionType"] = f"Needs {spacing} beside it, in a file of several images."
    if dataset.ConversionType not in ("DF", "SD", "SI") and spacing in dataset:
        wrong[spacing] = "Needs the ConversionType DF, SD or SI beside it, in a file of several images."
    if dataset.SamplesPerPixel == 3:  # A.8.5.4, C.8.6.3
        wrong |= {keyword: "Leave it out: frames in colour have none." for keyword in _OF_GRAY if keyword in dataset}
    elif dataset.BitsAllocated == 8:  # A.8.3.4
        for keyword, value in _IDENTITY.items():
            if keyword in dataset and dataset[keyword].value != type(dataset[keyword].value)(value):
                wrong[keyword] = f"Must be {value} in a file of several 8-bit images."
    return wrong
