"""Pictures in strips of rows: wider numbers for a strip at a time, not for the whole picture, and within the cache."""

import math

SAMPLES = 1 << 17  # of a strip


def strips(shape: tuple[int, ...]) -> list[slice]:
    """Slices of the rows of an array, (rows, columns) or (rows, columns, samples), each of about SAMPLES samples."""
    rows, *row = shape
    height = max(1, SAMPLES // max(1, math.prod(row)))
    return [slice(top, min(top + height, rows)) for top in range(0, rows, height)]
