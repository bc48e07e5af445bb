"""Attributes that may differ from frame to frame: per-frame and shared functional groups (PS3.3 C.7.6.16)."""

from typing import Any

from pydicom.dataset import Dataset

from imaging.image_pixel import items, value

# The macros whose attributes are looked for, by the sequence that holds each (PS3.3 C.7.6.16.2).
MACROS = {
    "RescaleSlope": "PixelValueTransformationSequence",
    "RescaleIntercept": "PixelValueTransformationSequence",
    "ModalityLUTSequence": "PixelValueTransformationSequence",
    "WindowCenter": "FrameVOILUTSequence",
    "WindowWidth": "FrameVOILUTSequence",
    "VOILUTFunction": "FrameVOILUTSequence",
    "VOILUTSequence": "FrameVOILUTSequence",
    "PixelSpacing": "PixelMeasuresSequence",
}


def frame_value(dataset: Dataset, index: int, keyword: str) -> Any:
    """The value of `keyword` for frame `index` (from 0): its own, else the shared one, else the data set's."""
    for groups, place in (("PerFrameFunctionalGroupsSequence", index), ("SharedFunctionalGroupsSequence", 0)):
        for group in items(dataset, groups)[place : place + 1]:
            for macro in items(group, MACROS[keyword])[:1]:
                found = value(macro, keyword)
                if found is not None:
                    return found
    return value(dataset, keyword)
