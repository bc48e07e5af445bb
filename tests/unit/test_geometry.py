"""Pictures in a viewport keep the shape that their pixels give them (PS3.3 10.7, C.7.6.3.1.7)."""

import math
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.answers.options import read_options
from tests.dicom_files import picture_file
from tests.read_answer import read
from tests.shown import pictures, shown

EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)
WINDOW = {"WindowCenter": 128, "WindowWidth": 256}


@pytest.mark.parametrize(
    "spacing",
    [
        {"PixelSpacing": [1e300, 1e-300]},
        {"PixelSpacing": [1e-300, 1e300]},
        {"PixelSpacing": [1, 0]},
        {"PixelSpacing": [101, 1]},
        {"PixelSpacing": [1, 101]},
        {"PixelSpacing": [-2, 1]},
        {"PixelSpacing": [2]},
        {"PixelSpacing": [math.inf, 1]},
        {"PixelAspectRatio": [0, 1]},
        {},
    ],
)
def test_pixels_of_no_shape_are_square(spacing: dict[str, Any]) -> None:
    content = picture_file(EVERY)
    dataset_content = content
    if spacing:
        ((keyword, numbers),) = spacing.items()
        dataset = Dataset()
        dataset.add_new(keyword, "FD", [float(number) for number in numbers])
        dataset_content = picture_file(EVERY, elements=dataset)
    assert shown(dataset_content, viewport="64,64").shape == (64, 64)
    assert "Warnings" not in read("a.dcm", dataset_content, read_options({"viewport": "64,64"}))


def test_the_first_spacing_that_is_one_counts() -> None:
    spacings = {"PixelSpacing": [0, 0], "ImagerPixelSpacing": [2, 1], "NominalScannedPixelSpacing": [1, 4]}
    assert shown(picture_file(EVERY, **spacings), viewport="64,64").shape == (64, 32)
    spacings["PixelSpacing"] = [1, 4]
    assert shown(picture_file(EVERY, **spacings), viewport="64,64").shape == (16, 64)


def test_the_spacing_of_a_frame() -> None:
    groups = []
    for spacing in ([1, 1], [2, 1]):
        measures, group = Dataset(), Dataset()
        measures.PixelSpacing = spacing
        group.PixelMeasuresSequence = [measures]
        groups.append(group)
    frames = {"Rows": 8, "NumberOfFrames": 2, "PerFrameFunctionalGroupsSequence": groups}
    seen = pictures(picture_file(EVERY, **frames), viewport="64,64")
    assert [picture.shape for picture in seen] == [(32, 64), (64, 64)]
    # A frame's own value wins over a shared one, and that over the data set's.
    shared = {**frames, "SharedFunctionalGroupsSequence": [groups[1]], "PixelSpacing": [1, 4]}
    seen = pictures(picture_file(EVERY, **{**shared, "PerFrameFunctionalGroupsSequence": groups[:1]}), viewport="64,64")
    assert [picture.shape for picture in seen] == [(32, 64), (64, 64)]


@pytest.mark.parametrize("shape", [(1, 100), (100, 1)])
def test_what_is_much_longer_than_wide_is_one_pixel_wide(shape: tuple[int, int]) -> None:
    assert shown(picture_file(np.zeros(shape, np.uint8)), viewport="10,10").shape == tuple(
        1 if side == 1 else 10 for side in shape
    )
