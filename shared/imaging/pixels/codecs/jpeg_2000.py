"""JPEG 2000 (ITU-T T.800) and High-Throughput JPEG 2000 (T.814)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.parallel import CORES
from imaging.pixels.codecs.decoded import DecodedFrame, by_header
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import CODESTREAM_START, StreamHeader
from imaging.pixels.unraised import unraised

END_OF_CODESTREAM = b"\xff\xd9"


def decode(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame of JPEG 2000. Raises Unusable."""
    return by_header(stream, image, header, _by_openjpeg, may_be_cut=True)


def decode_htj2k(stream: bytes, image: ImagePixel, header: StreamHeader | None) -> DecodedFrame:
    """Decodes one frame of HTJ2K. Raises Unusable."""
    return by_header(stream, image, header, _by_openjph, may_be_cut=True)


def encode_htj2k(samples: NDArray[Any]) -> bytes:
    """One frame of HTJ2K without loss: uint8 or uint16, (rows, columns) or (rows, columns, 3). RGB becomes YBR_RCT."""
    from imagecodecs import htj2k_encode

    return bytes(htj2k_encode(samples, reversible=True))


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
