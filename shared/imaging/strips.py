"""Pictures in strips of rows. Intermediate results then take the memory of a strip, and fit into the cache."""

import math
from typing import Any

from numpy.typing import NDArray

from imaging.parallel import each_strip

SAMPLES = 1 << 17


def strips(shape: tuple[int, ...], size: int = SAMPLES) -> list[slice]:
    """Slices of the rows of an array, (rows, columns) or (rows, columns, samples), each of about `size` samples."""
    rows, *row = shape
    height = max(1, size // max(1, math.prod(row)))
    return [slice(top, min(top + height, rows)) for top in range(0, rows, height)]


def extremes(samples: NDArray[Any]) -> tuple[int, int]:
    """The lowest and the highest of whole numbers, (rows, columns) or (rows, columns, samples)."""
    ends = each_strip(lambda strip: (samples[strip].min(), samples[strip].max()), strips(samples.shape))
    lows, highs = zip(*ends, strict=True)
    return int(min(lows)), int(max(highs))
