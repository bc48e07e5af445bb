"""JPEG XL (ISO/IEC 18181)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.parallel import CORES
from imaging.pixels.codecs import jpeg
from imaging.pixels.codecs.coding import Coding, patterns
from imaging.pixels.codecs.decoded import DecodedFrame, broken_is_unusable, refuse_large
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import StreamHeader, stream_header
from problems import Unusable

EFFORT = 3  # of 1 to 9: higher ones take up to ten times as long, for 1 % less, or 13 % with loss
# A codestream, and a file of boxes (18181-1 5.3, 18181-2 9).
STARTS = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")


def decode(stream: bytes, image: ImagePixel, _: StreamHeader | None = None) -> DecodedFrame:
    """Decodes one frame. Only the decoder knows its size, and checks it against the array to fill. Raises Unusable."""
    import imagecodecs

    size = 1 if image.bits_allocated <= 8 else 2
    refuse_large(image, image.samples * size)
    with broken_is_unusable("JPEG XL"):
        if original := original_jpeg(stream):  # which JPEG's own decoder shows as every other JPEG
            return jpeg.decode(original, image, stream_header(original))
        samples = imagecodecs.jpegxl_decode(stream, out=np.empty(image.shape, f"u{size}"))
    # libjxl gives RGB, whatever colours the stream stores.
    photometric = "RGB" if image.samples == 3 else image.photometric
    return DecodedFrame(samples, photometric, size * 8, image.lossy)


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame of up to 16 bits, (rows, columns) or (rows, columns, 3) RGB. Raises Unusable for negative values with
    loss.
    """
    from imagecodecs import jpegxl_encode

    unsigned = patterns(samples, coding)
    loss: dict[str, Any] = {"lossless": True} if coding.quality is None else {"level": coding.quality}
    return bytes(jpegxl_encode(unsigned, bitspersample=coding.bits, effort=EFFORT, numthreads=CORES, **loss))


def encode_jpeg(stream: bytes) -> bytes:
    """A JPEG in another form, from which it can be had again byte for byte (PS3.5 10.19). Raises Unusable."""
    from imagecodecs import jpegxl_encode_jpeg

    try:
        return bytes(jpegxl_encode_jpeg(stream, usecontainer=True, numthreads=1))
    except RuntimeError:
        raise Unusable("its JPEG is broken, or of a form that JPEG XL has no place for") from None


def original_jpeg(stream: bytes) -> bytes | None:
    """The JPEG that this stream is another form of; None if it is none. Raises Unusable."""
    from imagecodecs import jpegxl_decode_jpeg

    if not is_jpeg(stream):
        return None
    with broken_is_unusable("JPEG XL"):
        return bytes(jpegxl_decode_jpeg(stream, numthreads=1))


def is_jpeg(stream: bytes) -> bool:
    """Whether a JPEG can be had from this stream."""
    return b"jbrd" in stream[:4096]


def colours_of(coding: Coding) -> str:
    """The photometric interpretation of encoded colours (PS3.5 8.2.15)."""
    return coding.photometric if coding.quality is None else "XYB"
