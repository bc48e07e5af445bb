"""JPEG XL (ISO/IEC 18181)."""

import numpy as np

from imaging.pixels.codecs import jpeg
from imaging.pixels.codecs.decoded import DecodedFrame, broken_is_unusable, refuse_large
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import StreamHeader, stream_header

# A codestream, and a file of boxes (18181-1 5.3, 18181-2 9).
STARTS = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")


def decode(stream: bytes, image: ImagePixel, _: StreamHeader | None = None) -> DecodedFrame:
    """Decodes one frame. Only the decoder knows its size, and checks it against the array to fill. Raises Unusable."""
    import imagecodecs

    size = 1 if image.bits_allocated <= 8 else 2
    refuse_large(image, image.samples * size)
    with broken_is_unusable("JPEG XL"):
        if b"jbrd" in stream[:4096]:  # a JPEG in another form, which its own decoder shows as the JPEG
            original = bytes(imagecodecs.jpegxl_decode_jpeg(stream, numthreads=1))
            return jpeg.decode(original, image, stream_header(original))
        samples = imagecodecs.jpegxl_decode(stream, out=np.empty(image.shape, f"u{size}"))
    # libjxl gives RGB, whatever colours the stream stores.
    photometric = "RGB" if image.samples == 3 else image.photometric
    return DecodedFrame(samples, photometric, size * 8, image.lossy)
