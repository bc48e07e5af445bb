"""PNG and JPEG files to pictures that can be the frames of one image."""

import math
import warnings
from collections.abc import Sequence

import numpy as np

from imaging.parallel import in_order
from imaging.secondary_capture.picture import MAX_PIXELS, Header, Picture, decode, read_header
from problems import Invalid, TooLarge


def decode_alike(files: Sequence[bytes]) -> list[Picture]:
    """The pictures, in order, with `pixels` of one shape and dtype. Gray ones become RGB if others are in colour.

    Raises Invalid or TooLarge, with the number of the image.
    """
    headers: list[Header] = []
    pictures: list[Picture] = []
    # Pillow warns of odd files that it can read. The filter is set here and not in the threads, as it applies to all of
    # them.
    with warnings.catch_warnings(action="ignore"):
        try:
            for file in files:
                headers.append(read_header(file, MAX_PIXELS - sum(math.prod(header.image.size) for header in headers)))
            for picture in in_order(decode, headers):
                if pictures:
                    _check_alike(picture, pictures[0])
                pictures.append(picture)
        except (Invalid, TooLarge) as problem:
            if len(files) == 1:
                raise
            number = len(pictures if len(headers) == len(files) else headers) + 1
            why = f"Image {number} of {len(files)}: {problem.message}"
            raise type(problem)(why, fields={"image": why}) from None
    colour = max(picture.pixels.ndim for picture in pictures) == 3
    return [_in_colour(picture) for picture in pictures] if colour else pictures


def _check_alike(picture: Picture, first: Picture) -> None:
    (rows, columns), (first_rows, first_columns) = picture.pixels.shape[:2], first.pixels.shape[:2]
    if (rows, columns) != (first_rows, first_columns):
        raise Invalid(
            f"It has {columns} x {rows} pixels, and the first has {first_columns} x {first_rows}; "
            "the frames of a file have one size."
        )
    if picture.pixels.dtype != first.pixels.dtype:
        bits, first_bits = picture.pixels.itemsize * 8, first.pixels.itemsize * 8
        raise Invalid(
            f"It has {bits} bits a sample, and the first has {first_bits}; the frames of a file have the same."
        )


def _in_colour(picture: Picture) -> Picture:
    pixels = picture.pixels
    return (
        picture if pixels.ndim == 3 else picture._replace(pixels=np.broadcast_to(pixels[..., None], (*pixels.shape, 3)))
    )
