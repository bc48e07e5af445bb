"""The parts of a picture that are to be blanked: those that the client names, and what is around an ultrasound."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dataset.attributes import items, value, whole_number
from imaging.pixels.image_pixel import ImagePixel
from problems import Unusable, not_valid

MAX_REGIONS = 1000
REGION = re.compile(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*")
FORM = "Send x,y,width,height in pixels, x and y from the top left; several like 0,0,640,48;10,400,90,20."


class Region(NamedTuple):
    """A rectangle of pixels; `x` and `y` are from 0 at the top left."""

    x: int
    y: int
    width: int
    height: int


def parse_regions(text: str) -> tuple[Region, ...]:
    """The regions in a text "x,y,width,height;…". Raises Unusable, whose message says what to send."""
    parts = text.strip().strip(";").split(";")
    if len(parts) > MAX_REGIONS:
        raise Unusable(f"Send at most {MAX_REGIONS} regions.")
    regions = []
    for part in parts:
        found = REGION.fullmatch(part)
        if not found:
            raise Unusable(FORM)
        regions.append(Region(*map(int, found.groups())))
        if not (regions[-1].width and regions[-1].height):
            raise Unusable("A region has a width and a height of at least 1.")
    return tuple(regions)


def blanked(dataset: Dataset, image: ImagePixel, regions: tuple[Region, ...], *, ultrasound: bool) -> NDArray[np.bool_]:
    """(rows, columns): True for the pixels that are to be blanked. Raises Invalid if a region is not in the picture.

    `ultrasound`: what no item of Sequence of Ultrasound Regions (PS3.3 C.8.5.5) has in it.
    """
    mask = np.zeros((image.rows, image.columns), bool)
    if ultrasound:
        mask[:] = True
        for x0, y0, x1, y1 in _declared(dataset, image):
            mask[y0 : y1 + 1, x0 : x1 + 1] = False
    for region in regions:
        if region.x + region.width > image.columns or region.y + region.height > image.rows:
            why = f"A region is not inside the picture, which has {image.columns} columns and {image.rows} rows."
            raise not_valid("regions", why)
        mask[region.y : region.y + region.height, region.x : region.x + region.width] = True
    return mask


def _declared(dataset: Dataset, image: ImagePixel) -> Iterator[tuple[int, int, int, int]]:
    """The ultrasound regions, both ends included, cut off at the picture's edges."""
    keywords = ("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1")
    found = [
        [whole_number(value(item, keyword)) for keyword in keywords]
        for item in items(dataset, "SequenceOfUltrasoundRegions")
    ]
    corners = [corner for corner in found if None not in corner]
    if not corners:
        why = "The file does not say where its ultrasound picture is (0018,6011): send regions."
        raise not_valid("ultrasound", why)
    for x0, y0, x1, y1 in corners:
        if not (0 <= x0 <= x1 and 0 <= y0 <= y1 and x0 < image.columns and y0 < image.rows):  # type: ignore[operator]
            raise not_valid(
                "ultrasound", "An ultrasound region of the file (0018,6011) is not inside its picture: send regions."
            )
        yield x0, y0, min(x1, image.columns - 1), min(y1, image.rows - 1)  # type: ignore[misc, type-var]
