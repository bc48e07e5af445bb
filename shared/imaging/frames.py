"""The frames of a file as stored values: pixel data found, split, decoded, and freed of bits that are not theirs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import native
from imaging.deflate import inflate
from imaging.dicom_file import DicomFile
from imaging.elements import PixelElement
from imaging.fragments import split_frames
from imaging.image_pixel import MAX_FRAME_BYTES, ImagePixel, image_pixel, value
from imaging.pointwise import extremes
from problems import Unusable

# Transfer syntaxes whose fragments hold frames as uncompressed pixel data has them (PS3.5 A.4.11, A.4.14), each with
# what makes one such: of a stream, and the bytes that it may have at the most.
NATIVE_FRAMES: dict[str, Callable[[bytes, int], bytes]] = {
    "1.2.840.10008.1.2.1.98": lambda stream, _: stream,  # Encapsulated Uncompressed Explicit VR Little Endian
    "1.2.840.10008.1.2.8.1": inflate,  # Deflated Image Frame Compression
}

# 1.2.840.10008.1.2.4.100 to .108 (PS3.6 A)
VIDEO = "1.2.840.10008.1.2.4.10"


@dataclass(frozen=True)
class Frame:
    """Stored values: integers with their sign, or floats; (rows, columns), or (rows, columns, samples) of a colour.

    `words`: what they were taken from, of the same shape, with the bits that are not theirs; None if it was compressed.
    """

    samples: NDArray[np.generic]
    photometric: str
    warning: str | None = None
    words: NDArray[np.generic] | None = None


@dataclass(frozen=True)
class Frames:
    """The frames of a file, decoded one at a time. `frame(index)`, from 0, raises Unusable if that one can't be.

    `places`: where in the value of the pixel data each is, in one slice or, compressed, in one a fragment.
    """

    count: int
    image: ImagePixel
    frame: Callable[[int], Frame]
    places: Callable[[int], list[slice]]


def open_frames(file: DicomFile) -> Frames | None:
    """The file's frames; None if it has no pixel data. Raises Unusable if its pixel data can't be understood."""
    if file.pixels is None or len(file.pixels.value) == 0:
        if value(file.dataset, "PixelDataProviderURL"):  # PS3.3 C.7.6.3.1.9, of the JPIP transfer syntaxes
            file.warnings.append("The file holds no pixel data, only the address of a server that does.")
        return None
    if file.transfer_syntax.startswith(VIDEO):
        raise Unusable("it is video (MPEG-2, H.264 or HEVC), which is not decoded here")
    image = image_pixel(file.dataset)
    if file.pixels.encapsulated:
        table = value(file.dataset, "ExtendedOffsetTable")
        fragments = split_frames(file.pixels.value, image.frames, table if isinstance(table, bytes) else None)
        frames = encapsulated_frames(file, image, fragments)
    else:
        frames = native_frames(file, image)
    if frames.count != image.frames:
        file.warnings.append(f"The data set says {image.frames} frames; its pixel data holds {frames.count}.")
    return frames


def native_frames(file: DicomFile, image: ImagePixel) -> Frames:
    """Frames that are uncompressed, one after the other. Raises Unusable if they are too large."""
    pixels = _pixels(file)
    if (
        image.photometric == "YBR_FULL_422"
        and len(pixels.value) * 8 >= image.pixels * image.samples * image.bits_allocated * image.frames
    ):
        # Chroma at every pixel after all, as writers leave it that decompress and do not say so.
        image = replace(image, photometric="YBR_FULL")
    bits = native.frame_bits(image)
    if image.pixels * image.samples * native.sample_bytes(image.bits_allocated) > MAX_FRAME_BYTES:
        raise Unusable(f"frames of {image.columns}x{image.rows} pixels are larger than can be shown")
    held, rest = divmod(len(pixels.value) * 8, bits)
    # Less than a byte over is what fills up the last one.
    cut_short = held < image.frames and rest >= 8

    def frame(index: int) -> Frame:
        words = native.native_frame(pixels, index, image)
        samples = stored_values(words, image.bits_stored, image.high_bit, signed=image.signed)
        warning = "the pixel data ends within it, so a part of the picture is missing" if index == held else None
        return Frame(samples, image.photometric, warning, words)

    def places(index: int) -> list[slice]:
        return [slice(index * bits // 8, ((index + 1) * bits + 15) // 16 * 2)]  # whole words, which may be swapped

    return Frames(min(image.frames, held + cut_short), image, frame, places)


def encapsulated_frames(file: DicomFile, image: ImagePixel, fragments: Sequence[list[slice]]) -> Frames:
    """Frames in fragments, each frame's where in the value of the pixel data `fragments` has them."""
    pixels = _pixels(file)

    def frame(index: int) -> Frame:
        stream = b"".join(pixels.value[fragment] for fragment in fragments[index])
        if file.transfer_syntax in NATIVE_FRAMES:
            content = memoryview(NATIVE_FRAMES[file.transfer_syntax](stream, native.frame_bits(image) // 8 + 1))
            alone = replace(file, pixels=replace(pixels, value=content, encapsulated=False))
            return replace(native_frames(alone, replace(image, frames=1)).frame(0), words=None)
        from imaging import codecs  # which takes its time to load, and most files of some modalities never need

        decoded = codecs.decode(stream, image)
        samples = stored_values(decoded.samples, decoded.bits, decoded.high_bit, signed=image.signed)
        return Frame(samples, decoded.photometric, decoded.warning)

    return Frames(min(image.frames, len(fragments)), image, frame, lambda index: fragments[index])


def _pixels(file: DicomFile) -> PixelElement:
    if file.pixels is None:
        raise Unusable("there is no pixel data")
    return file.pixels


def stored_values(samples: NDArray[np.generic], bits: int, high_bit: int, *, signed: bool) -> NDArray[np.generic]:
    """The values in `bits` bits up to `high_bit`; what stands in the other bits is not theirs (PS3.5 8.1.1).

    Floats, and integers that a decoder already gave a sign, come back as they are.
    """
    if samples.dtype.kind != "u":
        return samples
    width = samples.dtype.itemsize * 8
    shift = high_bit + 1 - bits
    if signed:
        values = np.asarray(samples).view(f"i{width // 8}")
        if shift == 0 and _within(values, -(1 << (bits - 1)), (1 << (bits - 1)) - 1):
            return values
        # Moved to the top of the word and back: the arithmetic shift down repeats the sign bit.
        return values << (width - 1 - high_bit) >> (width - bits)
    unsigned = np.asarray(samples) >> shift if shift else np.asarray(samples)
    return unsigned if _within(unsigned, 0, (1 << bits) - 1) else unsigned & ((1 << bits) - 1)


def _within(values: NDArray[Any], low: int, high: int) -> bool:
    """Whether no value is beyond these, so that none needs its bits taken away: to look is faster than to copy."""
    ends = np.iinfo(values.dtype)
    if low <= ends.min and high >= ends.max:
        return True
    lowest, highest = extremes(values)
    return low <= lowest and highest <= high
