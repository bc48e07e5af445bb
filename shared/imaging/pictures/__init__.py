"""8-bit pictures, (rows, columns) grey or (rows, columns, 3) RGB, to files of each format in FORMATS.

A format's library is loaded when the format is first asked for.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.pictures import gif, jpeg, png, webp

Encode = Callable[[NDArray[np.uint8], int, bytes | None], bytes]
Animate = Callable[[Iterable[NDArray[np.uint8]], list[float]], bytes]


class Format(NamedTuple):
    """A format by what it does. Both raise Unusable if it has no place for a picture of this size.

    `encode`: a picture, JPEG's quality (1 to 100) and the ICC profile of its colours, as a file. `animate`: pictures of
    one size and the milliseconds of each, as a file that shows them over and over.
    """

    encode: Encode
    animate: Animate | None = None


FORMATS = {
    "png": Format(png.encode),
    "jpeg": Format(jpeg.encode),
    "gif": Format(gif.encode, gif.animate),
    "webp": Format(webp.encode, webp.animate),
}
