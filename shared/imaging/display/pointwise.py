"""Functions of a single sample, applied to a whole picture. They are computed once for each possible value."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.parallel import each_strip
from imaging.strips import extremes, strips

# 8-bit grey or RGB, (…) or (…, 3), of samples of any shape (…).
Display = Callable[[NDArray[Any]], NDArray[np.uint8]]


def pointwise(display: Display, samples: NDArray[Any], channels: tuple[int, ...] = ()) -> NDArray[np.uint8]:
    """`display` of the samples, (rows, columns), as (rows, columns, *channels)."""
    shown = np.empty(samples.shape + channels, np.uint8)
    if samples.dtype.kind in "iu" and samples.dtype.itemsize <= 2:
        low, high = extremes(samples)
        table = display(np.arange(low, high + 1))

        def work(strip: slice) -> None:
            # All are within the table; "wrap" is the fastest of numpy's ways to make sure of it.
            np.take(table, samples[strip].astype(np.intp) - low, axis=0, out=shown[strip], mode="wrap")
    else:

        def work(strip: slice) -> None:
            shown[strip] = display(samples[strip])

    each_strip(work, strips(shown.shape))
    return shown
