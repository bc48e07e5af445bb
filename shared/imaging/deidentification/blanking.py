"""Pixels blanked in stored values: black, as the file's photometric interpretation has it (PS3.3 C.7.6.3.1.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.elements import PixelElement
from imaging.pixels.frames import stored_values
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.native import FLOAT_TAGS, frame_bits, is_subsampled, swapped_words
from problems import Unusable

WHOLE_BYTES = (8, 16, 32, 64)
STRIP = 1 << 20  # words that are looked at together


def blank(samples: NDArray[Any], mask: NDArray[np.bool_], photometric: str, bits: int) -> NDArray[Any]:
    """A copy of a frame's stored values with black where `mask` is True.

    `samples`: (rows, columns), or (rows, columns, samples); `mask`: (rows, columns); `bits`: stored.
    """
    blanked = samples.copy()
    blanked[mask] = _black(samples, photometric, bits)
    return blanked


def has_unused_bits(pixels: PixelElement, image: ImagePixel) -> bool:
    """Whether bits of uncompressed pixels that are no part of their values are set, other than by repeating a sign."""
    if image.bits_allocated not in WHOLE_BYTES or image.bits_stored == image.bits_allocated or pixels.tag in FLOAT_TAGS:
        return False
    words = _words(pixels.value, pixels, image)
    unused = ~words.dtype.type(_used(image))
    for start in range(0, len(words), STRIP):
        strip = words[start : start + STRIP]
        if np.bitwise_or.reduce(strip) & unused:
            others = strip & unused
            above = unused & ~words.dtype.type(_used(image) | ((1 << (image.high_bit + 1 - image.bits_stored)) - 1))
            negative = strip >> image.high_bit & 1
            if not image.signed or (others != np.where(negative, above, 0)).any():
                return True
    return False


def blank_native(
    pixels: PixelElement, image: ImagePixel, mask: NDArray[np.bool_], *, clears_unused: bool = False
) -> bytearray:
    """The value of uncompressed pixel data with the pixels of `mask` blanked in each frame.

    `clears_unused`: bits that are no part of stored values, where overlays used to be (PS3.5 8.1.2), become zeros.
    Bytes beyond the last frame are left out. Raises Unusable for frames whose pixels do not fill bytes.
    """
    bits = frame_bits(image)
    size = (bits * image.frames + 7) // 8
    swaps = not pixels.little_endian and pixels.vr == "OW" and image.bits_allocated <= 8
    value = swapped_words(pixels.value) if swaps else pixels.value
    content = bytearray(value[:size]).ljust(size, b"\0")
    if image.bits_allocated == 1 and image.samples == 1:
        flags = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
        frames = flags[: image.frames * image.pixels].reshape(image.frames, image.rows, image.columns)
        frames[:, mask] = image.photometric == "MONOCHROME1"
        content[:] = np.packbits(flags, bitorder="little").tobytes()
    elif image.bits_allocated in WHOLE_BYTES:
        _blank_words(content, pixels, image, mask, clears_unused=clears_unused)
    else:
        raise Unusable(f"pixels of {image.bits_allocated} bits can't be blanked")
    content += bytes(len(content) % 2)
    return bytearray(swapped_words(bytes(content))) if swaps else content


def _blank_words(
    content: bytearray, pixels: PixelElement, image: ImagePixel, mask: NDArray[np.bool_], *, clears_unused: bool
) -> None:
    is_float = pixels.tag in FLOAT_TAGS
    words = _words(content, pixels, image)
    for frame in words.reshape(image.frames, -1):
        if is_subsampled(image):
            _blank_pairs(frame, image, mask)
            continue
        if image.samples > 1 and image.planar:
            shown = np.moveaxis(frame.reshape(image.samples, image.rows, image.columns), 0, -1)
        else:
            shown = frame.reshape(image.shape)
        if mask.any():
            shown[mask] = _black_word(shown, image, is_float=is_float)
        if clears_unused and not is_float:
            np.bitwise_and(frame, frame.dtype.type(_used(image)), out=frame)


def _words(content: bytes | bytearray | memoryview, pixels: PixelElement, image: ImagePixel) -> NDArray[Any]:
    size = image.bits_allocated // 8
    kind = "f" if pixels.tag in FLOAT_TAGS else "u"
    order = "<" if pixels.little_endian else ">"
    return np.frombuffer(content, f"{order}{kind}{size}", len(content) // size)


def _used(image: ImagePixel) -> int:
    """The bits of a word that are its value (PS3.5 8.1.1)."""
    return int((1 << image.bits_stored) - 1) << (image.high_bit + 1 - image.bits_stored)


def _blank_pairs(frame: NDArray[Any], image: ImagePixel, mask: NDArray[np.bool_]) -> None:
    """Y1 Y2 Cb Cr: a pair is blanked if one of its pixels is."""
    if image.columns % 2:
        raise Unusable(f"{image.photometric} with an odd number of columns can't be blanked")
    pairs = mask[:, ::2] | mask[:, 1::2]
    middle = 1 << (image.bits_stored - 1)
    frame.reshape(image.rows, image.columns // 2, 4)[pairs] = (0, 0, middle, middle)


def _black_word(words: NDArray[Any], image: ImagePixel, *, is_float: bool) -> Any:
    """The allocated word of black."""
    if is_float or image.samples > 1 or image.photometric == "PALETTE COLOR":
        return _black(words, image.photometric, image.bits_stored)
    values = stored_values(words, image.bits_stored, image.high_bit, signed=image.signed)
    darkest = values.argmax() if image.photometric == "MONOCHROME1" else values.argmin()
    return words.reshape(-1)[darkest]


def _black(samples: NDArray[Any], photometric: str, bits: int) -> Any:
    """The darkest value that a grayscale frame has, as black depends on its window; else the black of its colours."""
    if samples.ndim == 3:
        middle = 1 << (bits - 1)
        black = (0, middle, middle) if photometric.startswith("YBR") else (0, 0, 0)
        return (*black, 0)[: samples.shape[2]]
    if photometric == "PALETTE COLOR":
        return 0
    return samples.max() if photometric == "MONOCHROME1" else samples.min()
