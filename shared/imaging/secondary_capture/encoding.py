"""Pictures to the value of Pixel Data, in each of the transfer syntaxes that a file may have (PS3.5 8, A)."""

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, HTJ2KLossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from imaging.parallel import in_order
from imaging.secondary_capture.jpeg import baseline_stream
from imaging.secondary_capture.picture import Picture
from problems import Invalid, Unusable


class Encoded(NamedTuple):
    """The value of Pixel Data, in parts, and what the rest of the file has to say of it."""

    transfer_syntax: UID
    photometric: str
    pixel_data: Sequence[bytes | memoryview]


def _none(pictures: Sequence[Picture]) -> Encoded:
    little_endian = pictures[0].pixels.dtype.newbyteorder("<")
    frames = [np.ascontiguousarray(picture.pixels, little_endian).data for picture in pictures]
    return Encoded(ExplicitVRLittleEndian, _photometric(pictures), frames)


def _jpeg(pictures: Sequence[Picture]) -> Encoded:
    """The JPEGs as they came."""
    streams: list[bytes] = []
    photometrics: list[str] = []
    for number, picture in enumerate(pictures, 1):
        try:
            stream, photometric = _jpeg_stream(picture)
            if photometric == "RGB" and len(pictures) > 1:  # PS3.3 A.8.5.4
                raise Unusable("has RGB inside, which frames that are JPEGs may not have")
            if photometric not in (photometrics or [photometric]):
                raise Unusable("is gray and the first in colour, or the other way round")
        except Unusable as reason:
            why = f"Image {number} {reason.message}: leave compression out, or choose another than jpeg."
            raise Invalid(why, fields={"image": why}) from None
        streams.append(stream)
        photometrics.append(photometric)
    return Encoded(JPEGBaseline8Bit, photometrics[0], [encapsulate(streams)])


def _jpeg_stream(picture: Picture) -> tuple[bytes, str]:
    if not picture.jpeg:
        raise Unusable("is no JPEG")
    if picture.turned:
        raise Unusable("is stored turned, as its EXIF orientation says")
    return baseline_stream(picture.file)


def _jpeg_ls(pictures: Sequence[Picture]) -> Encoded:
    from imagecodecs import jpegls_encode

    def stream(pixels: NDArray[Any]) -> bytes:
        # Room for the longest codes that there are, four times the samples' bits, with stuffed bits (T.87 A.5.3).
        return bytes(jpegls_encode(pixels, out=5 * pixels.nbytes + 1024))

    return Encoded(JPEGLSLossless, _photometric(pictures), _encapsulated(pictures, stream))


def _htj2k(pictures: Sequence[Picture]) -> Encoded:
    from imagecodecs import htj2k_encode

    def stream(pixels: NDArray[Any]) -> bytes:
        return bytes(htj2k_encode(pixels, reversible=True))

    # The encoder transforms colours, reversibly (PS3.5 8.2.4).
    photometric = "YBR_RCT" if pictures[0].pixels.ndim == 3 else "MONOCHROME2"
    return Encoded(HTJ2KLossless, photometric, _encapsulated(pictures, stream))


def _rle(pictures: Sequence[Picture]) -> Encoded:
    return Encoded(RLELossless, _photometric(pictures), _encapsulated(pictures, _rle_frame))


def _rle_frame(pixels: NDArray[Any]) -> bytes:
    """A header, and a segment for each byte of each sample, the most significant first (PS3.5 G)."""
    from imagecodecs import packbits_encode

    rows, columns = pixels.shape[:2]
    big_endian = pixels.astype(pixels.dtype.newbyteorder(">"), copy=False)
    planes = np.moveaxis(big_endian.view(np.uint8).reshape(rows, columns, -1), -1, 0)
    segments = []
    for plane in planes:
        segment = bytes(packbits_encode(plane.copy(), axis=-1))  # no run goes on in the next row (G.3.1)
        segments.append(segment + bytes(len(segment) % 2))
    offsets = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    header = struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments)))
    return b"".join([header, *segments])


def _encapsulated(pictures: Sequence[Picture], stream: Callable[[NDArray[Any]], bytes]) -> list[bytes]:
    def encoded(picture: Picture) -> bytes:
        return stream(np.ascontiguousarray(picture.pixels))

    return [encapsulate([*in_order(encoded, pictures)])]


def _photometric(pictures: Sequence[Picture]) -> str:
    return "RGB" if pictures[0].pixels.ndim == 3 else "MONOCHROME2"


COMPRESSIONS: dict[str, Callable[[Sequence[Picture]], Encoded]] = {
    "none": _none,
    "jpeg": _jpeg,
    "jpeg-ls": _jpeg_ls,
    "htj2k": _htj2k,
    "rle": _rle,
}
