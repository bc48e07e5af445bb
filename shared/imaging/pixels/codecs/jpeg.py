"""JPEG (ITU-T T.81), lossy and lossless."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs.coding import Coding, patterns
from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import ARITHMETIC_FRAME, MAX_SCANS, START_OF_SCAN, StreamHeader
from problems import Unusable

MAX_ARITHMETIC_SAMPLES = 64 << 20  # of all scans: they take some seconds
BASELINE = "1.2.840.10008.1.2.4.50"
MAX_LOSSY_BITS = 12  # T.81 table B.2
# The marker's segment that says whether three samples are YCbCr (T.872 6.5.3). libjpeg writes the first one; when told
# of YCbCr, it loses values of 16 bits.
ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
ADOBE_YBR = ADOBE_RGB[:-1] + b"\x01"
LOSSY = (BASELINE, "1.2.840.10008.1.2.4.51")


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


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame: baseline or extended with a quality, otherwise process 14 with selection value 1 (PS3.5 A.4.1).

    Raises Unusable for what the process has no place for.
    """
    from imagecodecs import jpeg8_encode

    unsigned = patterns(samples, coding)
    if coding.quality is None:
        bits = max(2, coding.bits)  # T.81 table B.2
        options: dict[str, Any] = {"colorspace": "RGB", "outcolorspace": "RGB"} if samples.ndim == 3 else {}
        stream = bytes(jpeg8_encode(unsigned, lossless=True, predictor=1, bitspersample=bits, **options))
        return stream if coding.photometric == "RGB" else stream.replace(ADOBE_RGB, ADOBE_YBR, 1)
    if coding.bits > 8 and coding.transfer_syntax == BASELINE:
        raise Unusable(f"JPEG Baseline has 8 bits a sample, and these have {coding.bits}: use jpeg-extended")
    if coding.bits > MAX_LOSSY_BITS:
        raise Unusable(f"JPEG with loss has at most {MAX_LOSSY_BITS} bits a sample, and these have {coding.bits}")
    colours = {"colorspace": "RGB" if coding.photometric == "RGB" else "YCBCR", "outcolorspace": "YCBCR"}
    options = {**colours, "subsampling": "422"} if samples.ndim == 3 else {}
    bits = 8 if samples.itemsize == 1 else MAX_LOSSY_BITS  # libjpeg has these two
    return bytes(jpeg8_encode(unsigned, level=coding.quality, bitspersample=bits, **options))


def colours_of(coding: Coding) -> str:
    """The photometric interpretation of encoded colours (PS3.5 8.2.1): chroma is halved with loss."""
    return coding.photometric if coding.quality is None else "YBR_FULL_422"
