"""Encodes frames to streams, by transfer syntax."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import imagecodecs
from numpy.typing import NDArray
from pydicom.pixels.encoders.base import RLELosslessEncoder
from pydicom.uid import UID

Encoder = Callable[[NDArray[Any], int], Any]  # a frame and its bits stored, to its stream


class Syntax(NamedTuple):
    """A transfer syntax. Without `encode`, frames are uncompressed."""

    uid: UID
    encode: Encoder | None = None


def _jpeg(frame: NDArray[Any], bits: int, **options: Any) -> Any:
    subsampling = "422" if frame.ndim == 3 and not options.get("lossless") else "444"
    return imagecodecs.jpeg8_encode(frame, bitspersample=bits, subsampling=subsampling, **options)


def _jpeg_ls(frame: NDArray[Any], _: int, **options: Any) -> Any:
    return imagecodecs.jpegls_encode(frame, **options)


def _jpeg_2000(frame: NDArray[Any], bits: int, **options: Any) -> Any:
    return imagecodecs.jpeg2k_encode(frame, bitspersample=bits, codecformat="j2k", **options)


def _htj2k(frame: NDArray[Any], _: int) -> Any:
    return imagecodecs.htj2k_encode(frame, reversible=True)


def _jpeg_xl(frame: NDArray[Any], _: int) -> Any:
    return imagecodecs.jpegxl_encode(frame, lossless=True, effort=3)


def _rle(frame: NDArray[Any], bits: int) -> Any:
    return RLELosslessEncoder.encode(
        frame.tobytes(),
        encoding_plugin="pydicom",
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples_per_pixel=3 if frame.ndim == 3 else 1,
        bits_allocated=frame.dtype.itemsize * 8,
        bits_stored=bits,
        pixel_representation=0,
        photometric_interpretation="RGB" if frame.ndim == 3 else "MONOCHROME2",
        number_of_frames=1,
        planar_configuration=0,
    )


SYNTAXES = {
    "implicit": Syntax(UID("1.2.840.10008.1.2")),
    "raw": Syntax(UID("1.2.840.10008.1.2.1")),
    "deflated": Syntax(UID("1.2.840.10008.1.2.1.99")),
    "big endian": Syntax(UID("1.2.840.10008.1.2.2")),
    "RLE": Syntax(UID("1.2.840.10008.1.2.5"), _rle),
    "JPEG": Syntax(UID("1.2.840.10008.1.2.4.50"), partial(_jpeg, level=90)),
    "JPEG 12 bits": Syntax(UID("1.2.840.10008.1.2.4.51"), partial(_jpeg, level=95)),
    "JPEG lossless": Syntax(UID("1.2.840.10008.1.2.4.57"), partial(_jpeg, lossless=True, predictor=6)),
    "JPEG lossless SV1": Syntax(UID("1.2.840.10008.1.2.4.70"), partial(_jpeg, lossless=True, predictor=1)),
    "JPEG-LS": Syntax(UID("1.2.840.10008.1.2.4.80"), _jpeg_ls),
    "JPEG-LS near": Syntax(UID("1.2.840.10008.1.2.4.81"), partial(_jpeg_ls, level=2)),
    "JPEG 2000": Syntax(UID("1.2.840.10008.1.2.4.90"), partial(_jpeg_2000, reversible=True)),
    "JPEG 2000 lossy": Syntax(UID("1.2.840.10008.1.2.4.91"), partial(_jpeg_2000, level=70)),
    "JPEG XL": Syntax(UID("1.2.840.10008.1.2.4.110"), _jpeg_xl),
    "HTJ2K": Syntax(UID("1.2.840.10008.1.2.4.201"), _htj2k),
}
