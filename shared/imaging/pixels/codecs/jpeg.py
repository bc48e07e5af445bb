"""JPEG (ITU-T T.81), lossy and lossless."""

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import ARITHMETIC_FRAME, MAX_SCANS, START_OF_SCAN, StreamHeader
from problems import Unusable

MAX_ARITHMETIC_SAMPLES = 64 << 20  # of all scans: they take some seconds


def decode(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame. Raises Unusable."""
    return by_header(stream, image, header, _samples)


def _samples(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    import imagecodecs

    scans = stream.count(START_OF_SCAN)
    samples = header.rows * header.columns * header.samples
    if scans > MAX_SCANS or (ARITHMETIC_FRAME.search(stream) and scans * samples > MAX_ARITHMETIC_SAMPLES):
        raise Unusable("its stream has more scans than can be decoded")
    if header.samples != 3:
        return imagecodecs.jpeg8_decode(stream), image.photometric
    # The data set counts only where the stream does not say what its colours are (PS3.5 8.2.1).
    usual = "RGB" if header.lossless and not image.photometric.startswith("YBR") else "YBR_FULL"
    colours = header.colours or ("RGB" if image.photometric == "RGB" else usual)
    if header.lossless or colours == "RGB":
        # libjpeg does not transform the colours of lossless streams.
        return imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB"), colours
    return imagecodecs.jpeg8_decode(stream, colorspace="YCBCR", outcolorspace="RGB"), "RGB"
