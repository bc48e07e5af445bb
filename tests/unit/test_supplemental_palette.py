"""Grey frames with a palette for their highest values (PS3.3 C.7.6.19)."""

import math
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.dicom_files import float_picture_file, picture_file
from tests.shown import pictures, shown, warnings

EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)
WINDOW = {"WindowCenter": 128, "WindowWidth": 256}


def palette_elements(first: int, entries: int) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for colour, value in (("Red", 0xFF00), ("Green", 0x8000), ("Blue", 0)):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [entries, first, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = (
            (value - np.arange(entries) % 2 * value).astype("<u2").tobytes()
        )
    return tables


MIXED = np.array([[0, 100, 199], [200, 201, 250]], np.uint8)
ORANGE, BLACK, GREYS = [255, 128, 0], [0, 0, 0], [[0] * 3, [100] * 3, [199] * 3]


def test_values_from_a_supplemental_palettes_first_on_are_coloured() -> None:
    # PS3.3 C.7.6.19. Values beyond the last entry look like that entry.
    content = picture_file(MIXED, PixelPresentation="COLOR", **palette_elements(200, 2), **WINDOW)
    assert shown(content).tolist() == [GREYS, [ORANGE, BLACK, BLACK]]
    assert warnings(content) == []
    assert shown(content, window="100,201").tolist()[1] == [ORANGE, BLACK, BLACK]


def test_the_range_of_the_grey_values_beside_coloured_ones() -> None:
    content = picture_file(MIXED, PixelPresentation="COLOR", **palette_elements(200, 2))
    assert shown(content)[0].tolist() == [[0] * 3, [128] * 3, [255] * 3]


def test_values_below_the_palette_are_padding_and_inverted_as_ever() -> None:
    elements = {**palette_elements(200, 2), **WINDOW, "PhotometricInterpretation": "MONOCHROME1"}
    content = picture_file(MIXED, PixelPresentation="COLOR", PixelPaddingValue=0, **elements)
    assert shown(content).tolist() == [[[0] * 3, [155] * 3, [56] * 3], [ORANGE, BLACK, BLACK]]


def test_frames_with_a_presentation_of_their_own() -> None:
    groups = []
    for sequence, presentation in (("CTImageFrameTypeSequence", "COLOR"), ("MRImageFrameTypeSequence", "MONOCHROME")):
        frame_type, group = Dataset(), Dataset()
        frame_type.PixelPresentation = presentation
        setattr(group, sequence, [frame_type])
        groups.append(group)
    frames = {"Rows": 2, "NumberOfFrames": 2, "PerFrameFunctionalGroupsSequence": groups, "PixelPresentation": "MIXED"}
    content = picture_file(np.vstack([MIXED, MIXED]), **frames, **palette_elements(200, 2), **WINDOW)
    assert [picture.ndim for picture in pictures(content)] == [3, 2]
    assert warnings(content) == []


def test_a_palette_that_is_not_applied_is_told_of() -> None:
    told = ["The palette that colours a part of the values is not applied; the pictures are grey."]
    unsaid = picture_file(MIXED, **palette_elements(200, 2), **WINDOW)
    broken = picture_file(MIXED, PixelPresentation="COLOR", RedPaletteColorLookupTableDescriptor=[2, 200, 16], **WINDOW)
    for content in (unsaid, broken):
        assert shown(content).tolist() == MIXED.tolist()
        assert warnings(content) == told
    grey = picture_file(MIXED, PixelPresentation="MONOCHROME", **palette_elements(200, 2), **WINDOW)
    assert warnings(grey) == []


def test_floats_of_a_palette_that_are_no_numbers() -> None:
    values = np.array([[math.nan, math.inf, 100, 201]], np.float32)
    elements = {**palette_elements(200, 2), **WINDOW}
    content = float_picture_file(values, PixelPresentation="COLOR", **elements)
    assert shown(content)[0, 2:].tolist() == [[100] * 3, BLACK]
    content = float_picture_file(values, PhotometricInterpretation="PALETTE COLOR", **elements)
    assert shown(content)[0, 2:].tolist() == [ORANGE, BLACK]
