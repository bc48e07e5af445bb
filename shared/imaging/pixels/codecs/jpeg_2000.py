"""JPEG 2000 (ITU-T T.800) and High-Throughput JPEG 2000 (T.814)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.parallel import CORES
from imaging.pixels.codecs.coding import Coding, root_mean_square_error
from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import CODESTREAM_START, StreamHeader
from imaging.pixels.unraised import unraised
from problems import Unusable

END_OF_CODESTREAM = b"\xff\xd9"
RPCL = "1.2.840.10008.1.2.4.202"
BASE_EXTENT = 64  # of the lowest resolution, at most (PS3.5 10.18)
DECOMPOSITIONS = 5
COMPONENTS, DEPTHS = 40, 42  # places in a codestream: of their number, and of the first one's depth (T.800 A.5.1)
SIGN = 0x80
MAX_OPENJPEG_PSNR = 100
# By how much the errors are larger than the encoders mean them to be, as measured: in dB, and as a factor.
OPENJPEG_MARGIN = 3
OPENJPH_MARGIN = 1.7


def decode(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame of JPEG 2000. Raises Unusable."""
    return by_header(stream, image, header, _by_openjpeg, may_be_cut=True)


def decode_htj2k(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame of HTJ2K. Raises Unusable."""
    return by_header(stream, image, header, _by_openjph, may_be_cut=True)


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame of JPEG 2000 of up to 24 bits, (rows, columns) or (rows, columns, 3), signed or not."""
    from imagecodecs import jpeg2k_encode

    options: dict[str, Any] = {"level": 0, "reversible": True}
    if coding.quality is not None:  # OpenJPEG's is the ratio of the highest value that the bits allow to the error
        highest = (1 << coding.bits) - 1
        decibels = 20 * math.log10(highest / root_mean_square_error(samples, coding.quality)) + OPENJPEG_MARGIN
        options = {"level": min(MAX_OPENJPEG_PSNR, max(1, math.ceil(decibels))), "reversible": False}
    transforms = coding.photometric == "RGB"
    stream = jpeg2k_encode(
        samples, bitspersample=coding.bits, codecformat="j2k", mct=transforms, numthreads=CORES, **options
    )
    return bytes(stream)


def encode_htj2k(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame of HTJ2K of up to 32 bits, (rows, columns) or (rows, columns, 3), signed or not."""
    from imagecodecs import HTJ2K, htj2k_encode

    width = samples.itemsize * 8
    values = samples
    if coding.bits < width and samples.dtype.kind == "u":  # the level shift of T.800 G.1, for fewer bits
        values = samples.view(f"i{samples.itemsize}") - (1 << (coding.bits - 1))
    options: dict[str, Any] = {"reversible": True}
    if coding.quality is not None:
        # A step is a part of the range, and errors within it are equally frequent.
        error = root_mean_square_error(samples, coding.quality) / OPENJPH_MARGIN
        step = math.sqrt(12) * error / (1 << coding.bits)
        options = {"reversible": False, "level": min(step, 0.5)}
        values = values << (width - coding.bits)
    if coding.transfer_syntax == RPCL:  # OpenJPH's order of progression is RPCL
        levels = math.ceil(math.log2(max(1, *samples.shape[:2]) / BASE_EXTENT))
        options |= {"tlm": True, "tilepart": HTJ2K.TILEPART.RESOLUTIONS}
        options["resolutions"] = max(DECOMPOSITIONS, levels) + 1
    with unraised() as failures:  # imagecodecs goes on where OpenJPH fails
        stream = bytearray(htj2k_encode(values, rgb=coding.photometric == "RGB", planar=False, **options))
    if failures:
        raise Unusable("HTJ2K's encoder can't encode it")
    _state_depth(stream, coding.bits, signed=samples.dtype.kind == "i")
    return bytes(stream)


def _state_depth(stream: bytearray, bits: int, *, signed: bool) -> None:
    """Has the header (T.800 A.5.1) give the bits of a sample, in place of those of the array that the encoder had."""
    components = int.from_bytes(stream[COMPONENTS : COMPONENTS + 2], "big")
    for place in range(DEPTHS, DEPTHS + 3 * components, 3):
        stream[place] = bits - 1 | (SIGN if signed else 0)


def colours_of(coding: Coding) -> str:
    """The photometric interpretation of encoded colours (PS3.5 8.2.4)."""
    if coding.photometric != "RGB":
        return coding.photometric
    return "YBR_RCT" if coding.quality is None else "YBR_ICT"


def _by_openjpeg(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    import imagecodecs

    if header.end is not None:  # OpenJPEG gives up at whatever follows the tiles
        stream = stream[: header.end] + END_OF_CODESTREAM
    samples = imagecodecs.jpeg2k_decode(stream, numthreads=CORES)
    return _without_alpha(samples, image), _colours(header, image)


def _by_openjph(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    import imagecodecs

    if not header.lossless or image.lossy or header.subsampled or not stream.startswith(CODESTREAM_START):
        # OpenJPH wraps around at the ends of the range on lossy streams, and knows neither subsampled chroma nor
        # boxes; OpenJPEG does.
        return _by_openjpeg(stream, header, image)
    with unraised() as failures:  # imagecodecs goes on where OpenJPH fails
        samples = imagecodecs.htj2k_decode(stream, planar=False)
    if failures:
        raise RuntimeError("OpenJPH failed")
    return _without_alpha(samples, image), _colours(header, image)


def _without_alpha(samples: NDArray[np.generic], image: ImagePixel) -> NDArray[np.generic]:
    """The first three of four samples per pixel, where the data set speaks of three."""
    return samples[..., :3] if samples.ndim == 3 and image.samples == 3 else samples


def _colours(header: StreamHeader, image: ImagePixel) -> str:
    # The decoder undoes the stream's own transform (YBR_RCT, YBR_ICT; PS3.5 8.2.4).
    return header.colours if header.samples >= 3 and header.colours else image.photometric
