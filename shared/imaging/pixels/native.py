"""Frames of uncompressed pixel data to arrays (PS3.5 8.1, 8.2, D)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.elements import PixelElement
from imaging.pixels.image_pixel import ImagePixel

PART = 1 << 16  # samples
ROUGHNESS_PAIRS = 1 << 18
FLOAT_TAGS = (0x7FE00008, 0x7FE00009)  # Float and Double Float Pixel Data (PS3.3 C.7.6.24, C.7.6.25)


def frame_bits(image: ImagePixel) -> int:
    """The size of a frame in bits. YBR_FULL_422 has two chroma samples for each two pixels (PS3.3 C.7.6.3.1.2)."""
    samples = 4 * _pairs(image) if is_subsampled(image) else image.pixels * image.samples
    return samples * image.bits_allocated


def _pairs(image: ImagePixel) -> int:
    """The number of pairs of pixels that share their chroma. The standard allows even columns only."""
    return image.rows * -(-image.columns // 2) if image.pairs_end_with_rows else -(-image.pixels // 2)


def is_subsampled(image: ImagePixel) -> bool:
    """Whether chroma samples are shared by two pixels in a row."""
    return image.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and image.samples == 3


def sample_bytes(bits: int) -> int:
    """The bytes of an unpacked sample of so many bits."""
    return next(size for size in (1, 2, 4, 8) if bits <= size * 8)


def native_frame(pixels: PixelElement, index: int, image: ImagePixel) -> NDArray[np.generic]:
    """Frame `index` (from 0) of the pixel data as stored, whatever its high bit and sign.

    Returns (rows, columns) or (rows, columns, samples), unsigned integers of 8 to 64 bits or floats.
    """
    bits = frame_bits(image)
    start, end = index * bits, (index + 1) * bits
    octets = _octets(pixels, start // 8, (end + 7) // 8, image)
    dtype = _dtype(image.bits_allocated, pixels)
    if dtype is None:
        samples = _packed(octets, start % 8, (end - start) // image.bits_allocated, image.bits_allocated)
    else:
        samples = np.frombuffer(octets, dtype)
        samples = samples if dtype.isnative else samples.astype(dtype.newbyteorder("="))
    if is_subsampled(image):
        return _full_chroma(samples, image)
    if image.samples > 1 and image.planar:
        return np.ascontiguousarray(np.moveaxis(samples.reshape(image.samples, image.rows, image.columns), 0, -1))
    return samples.reshape(image.shape)


def _octets(pixels: PixelElement, start: int, end: int, image: ImagePixel) -> bytes | memoryview:
    """Bytes `start` to `end` of the pixel data, in the order of the pixels, with zeros beyond its end."""
    if pixels.little_endian or pixels.vr != "OW" or image.bits_allocated > 8:
        octets = pixels.value[start:end]
    else:  # words of two, which are big endian (PS3.5 8.2)
        octets = memoryview(swapped_words(pixels.value[start // 2 * 2 : end + end % 2]))[start % 2 :][: end - start]
    return octets if len(octets) == end - start else bytes(octets).ljust(end - start, b"\0")


def swapped_words(value: bytes | memoryview) -> bytes:
    """The value of big endian OW with the two bytes of each word swapped."""
    return np.frombuffer(value[: len(value) // 2 * 2], ">u2").astype("<u2").tobytes()


def _dtype(bits: int, pixels: PixelElement) -> np.dtype[np.generic] | None:
    """The type of an array of samples; None if samples do not fill bytes."""
    is_float = pixels.tag in FLOAT_TAGS
    if bits not in ((32, 64) if is_float else (8, 16, 32, 64)):
        return None
    return np.dtype(f"{'<' if pixels.little_endian else '>'}{'f' if is_float else 'u'}{bits // 8}")


def _packed(content: bytes | memoryview, first_bit: int, count: int, bits: int) -> NDArray[np.generic]:
    """Samples of any number of bits, the first in the lowest bits. Frames need not begin at a byte (PS3.5 8.1.1)."""
    octets = np.frombuffer(content, np.uint8)
    if bits == 1:
        return np.unpackbits(octets, bitorder="little")[first_bit:][:count]
    width = 8 * sample_bytes(bits)
    samples = np.empty(count, f"<u{width // 8}")
    # In parts, as one byte per bit takes much more memory than the samples. Eight samples fill whole bytes.
    for first in range(0, len(samples), PART):
        part = samples[first : first + PART]
        offset = first_bit + first * bits
        flags = np.unpackbits(octets[offset // 8 : (offset + len(part) * bits + 7) // 8], bitorder="little")
        cells = np.zeros((len(part), width), np.uint8)
        cells[:, :bits] = flags[offset % 8 :][: len(part) * bits].reshape(-1, bits)
        part[:] = np.packbits(cells, axis=1, bitorder="little").view(samples.dtype).reshape(-1)
    return samples


def _full_chroma(samples: NDArray[np.generic], image: ImagePixel) -> NDArray[np.generic]:
    """Y1 Y2 Cb Cr, … to one Y Cb Cr per pixel."""
    quads = samples.reshape(-1, 4)
    full = np.empty((len(quads), 2, 3), samples.dtype)
    full[:, :, 0] = quads[:, :2]
    full[:, :, 1:] = quads[:, None, 2:]
    if image.pairs_end_with_rows:
        return np.ascontiguousarray(full.reshape(image.rows, -1, 3)[:, : image.columns])
    return full.reshape(-1, 3)[: image.pixels].reshape(image.rows, image.columns, 3)


def frame_octets(samples: NDArray[Any], *, packed: bool) -> bytes:
    """A frame as native pixel data has it, little endian, colour by pixel: the counterpart of `native_frame`.

    `packed`: samples of one bit, eight in a byte, the first one lowest (PS3.5 8.1.1).
    """
    if packed:
        return np.packbits(samples.reshape(-1).view(np.uint8) & 1, bitorder="little").tobytes()
    return np.ascontiguousarray(samples, samples.dtype.newbyteorder("<")).tobytes()


def low_word_first(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Samples of 32 or 64 bits with their words of 16 bits in the opposite order."""
    size = samples.dtype.itemsize // 2
    words = np.ascontiguousarray(samples).view(np.uint16).reshape(-1, size)
    return np.ascontiguousarray(words[:, ::-1]).view(samples.dtype).reshape(samples.shape)


def roughness(samples: NDArray[Any]) -> float:
    """How much neighbours in a row differ, over all pairs, or over evenly spaced ones if there are very many."""
    flat = samples.reshape(samples.shape[0] * samples.shape[1], -1)
    step = len(flat) // ROUGHNESS_PAIRS + 1
    return float(np.abs(np.subtract(flat[1::step], flat[:-1:step], dtype=np.float64)).sum())
