"""Pictures in strips of rows: wider numbers for a strip at a time, not for the whole picture, and within the cache."""

import math

SAMPLES = 1 << 17


def strips(shape: tuple[int, ...], size: int = SAMPLES) -> list[slice]:
    """Slices of the rows of an array, (rows, columns) or (rows, columns, samples), each of about `size` samples."""
    rows, *row = shape
    height = max(1, size // max(1, math.prod(row)))
    return [slice(top, min(top + height, rows)) for top in range(0, rows, height)]
