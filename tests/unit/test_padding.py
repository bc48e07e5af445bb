"""Padding around pictures, as integers and floats, is black and does not count for the range (PS3.3 C.7.5.1.1.2)."""

import math
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.dicom_files import float_picture_file, picture_file
from tests.shown import shown

EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)
WINDOW = {"WindowCenter": 128, "WindowWidth": 256}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_one_value_beside_padding_is_seen(photometric: str) -> None:
    content = picture_file(
        np.array([[0, 7], [7, 0]], np.uint8), PixelPaddingValue=0, PhotometricInterpretation=photometric
    )
    assert shown(content).tolist() == [[0, 255], [255, 0]]


def test_one_value_alone_and_padding_alone_are_black() -> None:
    pixels = np.full((2, 2), 7, np.uint8)
    assert (shown(picture_file(pixels)) == 0).all()
    assert (shown(picture_file(pixels, PixelPaddingValue=7)) == 0).all()


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, ""), (np.float64, "Double")])
@pytest.mark.parametrize(
    ("padding", "limit", "values", "expected"),
    [
        (-9999.1, None, [-9999.1, 0, 0.5, 1], [0, 0, 128, 255]),
        (-9999.1, -5000.0, [-6000, 0, 0.5, 1], [0, 0, 128, 255]),
        (-5000.0, -9999.1, [-9999.1, 0, 0.5, 1], [0, 0, 128, 255]),
        (9999.0, math.inf, [math.inf, 0, 0.5, 1], [0, 0, 128, 255]),
        (math.nan, None, [math.nan, 0, 0.5, 1], [0, 0, 128, 255]),
        (None, None, [math.nan, 0, 0.5, 1], [0, 0, 128, 255]),
        (None, None, [math.inf, 0, 0.5, 1], [255, 0, 128, 255]),
        (None, None, [-math.inf, 0, 0.5, 1], [0, 0, 128, 255]),
        (None, 0.0, [0, 0.25, 0.5, 1], [0, 64, 128, 255]),  # a limit without a value
        (-1.0, None, [-1, 3, 3, 3], [0, 255, 255, 255]),
        (-1.0, None, [-1, -1, -1, -1], [0, 0, 0, 0]),
        (None, None, [math.nan, math.nan, math.nan, math.nan], [0, 0, 0, 0]),
    ],
)
def test_padding_of_floats(
    dtype: type[np.floating[Any]],
    kind: str,
    padding: float | None,
    limit: float | None,
    values: list[float],
    expected: list[int],
) -> None:
    attributes: dict[str, float] = {}
    if padding is not None:
        attributes[f"{kind}FloatPixelPaddingValue"] = padding
    if limit is not None:
        attributes[f"{kind}FloatPixelPaddingRangeLimit"] = limit
    assert shown(float_picture_file(np.array([values], dtype), **attributes)).tolist() == [expected]


def test_padding_of_the_other_kind_of_pixels_is_none() -> None:
    content = float_picture_file(
        np.array([[0, 1, 2]], np.float32), PixelPaddingValue=0, DoubleFloatPixelPaddingValue=2.0
    )
    assert shown(content).tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, [[0, 50], [0, 255]]), (20, [[0, 0], [0, 255]]), ([], [[0, 50], [0, 255]])],
)
def test_the_limit_of_a_padding_range(limit: Any, expected: list[list[int]]) -> None:
    attributes = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    pixels = np.array([[0, 20], [0, 102]], np.uint8)
    assert (
        shown(picture_file(pixels, PixelPaddingValue=0, **attributes), window="51,102,linear-exact").tolist()
        == expected
    )


@pytest.mark.parametrize("padding", [63536, -2000])
def test_padding_of_signed_pixels_in_either_vr(padding: int) -> None:
    pixels = np.array([[-2000, -100], [0, 155]], np.int16)
    dataset = Dataset()
    dataset.add_new("PixelPaddingValue", "US" if padding > 0 else "SS", padding)
    assert shown(picture_file(pixels, elements=dataset)).tolist() == [[0, 0], [100, 255]]


def test_padding_of_unsigned_pixels_as_ss() -> None:
    dataset = Dataset()
    dataset.add_new("PixelPaddingValue", "SS", -1)
    pixels = np.array([[65535, 0], [100, 255]], np.uint16)
    assert shown(picture_file(pixels, elements=dataset)).tolist() == [[0, 0], [100, 255]]
