"""JPEG-LS (ITU-T T.87)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs.coding import Coding, patterns, root_mean_square_error
from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import StreamHeader

END_OF_IMAGE = b"\xff\xd9"
MAX_NEAR = 255  # T.87 C.2.3


def decode(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame. Raises Unusable."""
    return by_header(stream, image, header, _samples)


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame of up to 16 bits, (rows, columns) or (rows, columns, 3). With a quality, no value is off by more than
    NEAR.

    The stream says 8 or 16 bits a sample, as imagecodecs tells CharLS no other number. Raises Unusable for negative
    values with loss.
    """
    from imagecodecs import jpegls_encode

    unsigned = patterns(samples, coding)
    near = 0 if coding.quality is None else near_of(samples, coding.quality)
    # The longest codes have four times the bits of the samples, and bits are stuffed (T.87 A.5.3).
    return bytes(jpegls_encode(unsigned, level=near, out=5 * samples.nbytes + 1024))


def near_of(samples: NDArray[Any], quality: int) -> int:
    """The largest NEAR that keeps within a quality: errors from -NEAR to NEAR are equally frequent."""
    allowed = root_mean_square_error(samples, quality)
    return min(MAX_NEAR, max(1, int((math.sqrt(1 + 12 * allowed * allowed) - 1) / 2)))


def _samples(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    import imagecodecs

    # CharLS takes seconds to notice the end of a stream that has no end marker.
    return imagecodecs.jpegls_decode(stream if header.complete else stream + END_OF_IMAGE), image.photometric
