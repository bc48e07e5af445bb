"""Attributes that may differ from frame to frame: per-frame and shared functional groups (PS3.3 C.7.6.16)."""

from typing import Any

from pydicom.dataset import Dataset

from imaging.dataset.attributes import items, value

# The macros whose attributes are looked for, by the sequences that may hold each (PS3.3 C.7.6.16.2, and C.8.13.3.1,
# C.8.15.3.1 and C.8.22.5.1 for those of one modality).
MACROS = {
    "RescaleSlope": ("PixelValueTransformationSequence",),
    "RescaleIntercept": ("PixelValueTransformationSequence",),
    "ModalityLUTSequence": ("PixelValueTransformationSequence",),
    "WindowCenter": ("FrameVOILUTSequence",),
    "WindowWidth": ("FrameVOILUTSequence",),
    "VOILUTFunction": ("FrameVOILUTSequence",),
    "VOILUTSequence": ("FrameVOILUTSequence",),
    "PixelSpacing": ("PixelMeasuresSequence",),
    "PixelPresentation": ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence"),
}


def frame_value(dataset: Dataset, index: int, keyword: str) -> Any:
    """The value of `keyword` for frame `index` (from 0): of its own group, else the shared group, else the data set."""
    for groups, place in (("PerFrameFunctionalGroupsSequence", index), ("SharedFunctionalGroupsSequence", 0)):
        for group in items(dataset, groups)[place : place + 1]:
            for macro in [macro for sequence in MACROS[keyword] for macro in items(group, sequence)[:1]]:
                found = value(macro, keyword)
                if found is not None:
                    return found
    return value(dataset, keyword)


def has_shutter(dataset: Dataset) -> bool:
    """Whether a display shutter hides parts of the picture, in all frames or in one (PS3.3 C.7.6.11, C.7.6.16.2.16)."""
    groups = [*items(dataset, "SharedFunctionalGroupsSequence"), *items(dataset, "PerFrameFunctionalGroupsSequence")]
    shutters = [shutter for group in groups for shutter in items(group, "FrameDisplayShutterSequence")]
    return any(value(holder, "ShutterShape") for holder in (dataset, *shutters))
