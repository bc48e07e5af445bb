"""Frames of uncompressed pixel data to arrays (PS3.5 8.1, 8.2, D)."""

import numpy as np
from numpy.typing import NDArray

from imaging.dicom_file import PixelElement
from imaging.image_pixel import ImagePixel

FLOAT_TAGS = (0x7FE00008, 0x7FE00009)  # Float and Double Float Pixel Data (PS3.3 C.7.6.24, C.7.6.25)


def frame_bits(image: ImagePixel) -> int:
    """Bits that one frame takes. YBR_FULL_422 holds two chroma samples for each two pixels (PS3.3 C.7.6.3.1.2)."""
    samples = 2 if is_subsampled(image) else image.samples
    return image.pixels * samples * image.bits_allocated


def is_subsampled(image: ImagePixel) -> bool:
    """Whether chroma samples are shared by two pixels in a row."""
    return image.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and image.samples == 3


def native_frame(pixels: PixelElement, index: int, image: ImagePixel) -> NDArray[np.generic]:
    """Frame `index` (from 0) of the pixel data, as it is stored: high bits and signs are not looked at.

    Gives (rows, columns) or (rows, columns, samples), unsigned integers of 8 to 64 bits or floats.
    Raises ValueError if its samples are of a size that has no arrays.
    """
    value, bits = pixels.value, frame_bits(image)
    start, end = index * bits, (index + 1) * bits
    if image.bits_allocated == 1:
        return _packed_bits(value, start, end).reshape(_shape(image))
    dtype = _dtype(image.bits_allocated, is_float=pixels.tag in FLOAT_TAGS, little_endian=pixels.little_endian)
    if not pixels.little_endian and pixels.vr == "OW" and image.bits_allocated == 8:
        # Words of two 8-bit samples were swapped when they were written (PS3.5 8.2, Annex D).
        words = np.frombuffer(value[start // 16 * 2 : (end + 15) // 16 * 2], np.uint8)
        samples: NDArray[np.generic] = words.reshape(-1, 2)[:, ::-1].reshape(-1)[start // 8 % 2 :][: bits // 8]
    else:
        samples = np.frombuffer(value[start // 8 : end // 8], dtype)
    if not samples.dtype.isnative:
        samples = samples.astype(samples.dtype.newbyteorder("="))
    if is_subsampled(image):
        return _full_chroma(samples, image)
    if image.samples > 1 and image.planar:
        return np.ascontiguousarray(np.moveaxis(samples.reshape(image.samples, image.rows, image.columns), 0, -1))
    return samples.reshape(_shape(image))


def _shape(image: ImagePixel) -> tuple[int, ...]:
    return (image.rows, image.columns) + ((image.samples,) if image.samples > 1 else ())


def _dtype(bits: int, *, is_float: bool, little_endian: bool) -> np.dtype[np.generic]:
    if bits not in ((32, 64) if is_float else (8, 16, 32, 64)):
        raise ValueError(f"samples of {bits} bits are not supported")
    return np.dtype(f"{'<' if little_endian else '>'}{'f' if is_float else 'u'}{bits // 8}")


def _packed_bits(value: memoryview, start: int, end: int) -> NDArray[np.uint8]:
    """Pixels of one bit, the first in the lowest bit; frames need not begin at a byte (PS3.5 8.1.1)."""
    octets = np.frombuffer(value[start // 8 : (end + 7) // 8], np.uint8)
    return np.unpackbits(octets, bitorder="little")[start % 8 :][: end - start]


def _full_chroma(samples: NDArray[np.generic], image: ImagePixel) -> NDArray[np.generic]:
    """Y1 Y2 Cb Cr, … to one Y Cb Cr a pixel."""
    quads = samples.reshape(-1, 4)
    full = np.empty((len(quads), 2, 3), samples.dtype)
    full[:, :, 0] = quads[:, :2]
    full[:, :, 1:] = quads[:, None, 2:]
    return full.reshape(image.rows, image.columns, 3)
