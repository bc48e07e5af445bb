"""Several PNG and JPEG files to pictures that can be the frames of one image."""

from collections.abc import Sequence

import numpy as np

from imaging.secondary_capture.picture import MAX_PIXELS, Picture, decode
from problems import Invalid, TooLarge


def decode_alike(files: Sequence[bytes]) -> list[Picture]:
    """The pictures, in order, with `pixels` of one shape and dtype: among colours, gray becomes RGB.

    Raises Invalid, or TooLarge, and says which one it is about.
    """
    if len(files) == 1:
        return [decode(files[0])]
    pictures: list[Picture] = []
    for number, file in enumerate(files, 1):
        try:
            picture = decode(file, MAX_PIXELS - sum(done.pixels.shape[0] * done.pixels.shape[1] for done in pictures))
            if pictures:
                _check_alike(picture, pictures[0])
        except (Invalid, TooLarge) as problem:
            why = f"Image {number} of {len(files)}: {problem.message}"
            raise type(problem)(why, fields={"image": why}) from None
        pictures.append(picture)
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
