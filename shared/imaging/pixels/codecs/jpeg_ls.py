"""JPEG-LS (ITU-T T.87)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import StreamHeader

END_OF_IMAGE = b"\xff\xd9"


def decode(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame. Raises Unusable."""
    return by_header(stream, image, header, _samples)


def encode(samples: NDArray[Any]) -> bytes:
    """One frame without loss: uint8 or uint16, (rows, columns) or (rows, columns, 3)."""
    from imagecodecs import jpegls_encode

    # The longest codes have four times the bits of the samples, and bits are stuffed (T.87 A.5.3).
    return bytes(jpegls_encode(samples, out=5 * samples.nbytes + 1024))


def _samples(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    import imagecodecs

    # CharLS takes seconds to notice the end of a stream that has no end marker.
    return imagecodecs.jpegls_decode(stream if header.complete else stream + END_OF_IMAGE), image.photometric
