"""The frames of a file as stored values: pixel data is split, decoded, and freed of unused bits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.attributes import value
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import PixelElement
from imaging.dataset.functional_groups import has_shutter
from imaging.pixels import codecs, native
from imaging.pixels.fragments import split_frames
from imaging.pixels.image_pixel import MAX_FRAME_BYTES, ImagePixel, image_pixel
from imaging.strips import extremes
from problems import Unusable

SHUTTER_LEFT_OUT = "The display shutter is not applied: the pictures show what it would hide, too."


@dataclass(frozen=True)
class Frame:
    """Stored values: signed or unsigned integers, or floats; (rows, columns), or (rows, columns, samples) for colour.

    `words`: the allocated words of the same shape, unused bits included; None if the stream has none, or if loss has
    changed them. `lossy`: values may differ from the original.
    """

    samples: NDArray[np.generic]
    photometric: str
    warning: str | None = None
    words: NDArray[np.generic] | None = None
    lossy: bool = False


@dataclass(frozen=True)
class Frames:
    """The frames of a file, decoded one at a time. `frame(index)`, from 0, raises Unusable if that frame can't be
    decoded.

    `held`: the number of frames in the pixel data. `places`: where in the value of the pixel data a frame is, as one
    slice, or as one per fragment.
    """

    held: int
    image: ImagePixel
    frame: Callable[[int], Frame]
    places: Callable[[int], list[slice]]

    @property
    def count(self) -> int:
        """The number of frames that can be shown: those of the data set that are in the pixel data."""
        return min(self.held, self.image.frames)


def open_frames(file: DicomFile) -> Frames | None:
    """The file's frames; None if it has no pixel data. Raises Unusable if its pixel data can't be understood."""
    if file.pixels is None or len(file.pixels.value) == 0:
        if value(file.dataset, "PixelDataProviderURL"):  # PS3.3 C.7.6.3.1.9, of the JPIP transfer syntaxes
            file.warnings.append("The file holds no pixel data, only the address of a server that does.")
        elif file.pixels is not None:
            file.warnings.append("The pixel data is empty, so there are no pictures.")
        return None
    codec = codecs.codec_of(file.transfer_syntax)
    if codec and codec.refusal:
        raise Unusable(codec.refusal)
    image = image_pixel(file.dataset)
    if file.pixels.encapsulated:
        table = value(file.dataset, "ExtendedOffsetTable")
        fragments = split_frames(
            file.pixels.value, image.frames, table if isinstance(table, bytes) else None, file.budget
        )
        frames = encapsulated_frames(file, image, fragments)
    else:
        frames = native_frames(file, image)
    file.warnings += _doubts(file, frames)
    return frames


def _doubts(file: DicomFile, frames: Frames) -> Iterator[str]:
    """Warnings that concern all pictures of a file."""
    image = frames.image
    if frames.held < image.frames:
        yield f"The data set says {_frames(image.frames)}; its pixel data holds {frames.held}."
    elif frames.held > image.frames:
        yield f"The data set says {_frames(image.frames)}; its pixel data holds {frames.held}. The others are left out."
    if has_shutter(file.dataset):
        yield SHUTTER_LEFT_OUT


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def native_frames(file: DicomFile, image: ImagePixel) -> Frames:
    """Frames that are uncompressed, one after the other. Raises Unusable if they are too large."""
    pixels = _pixels(file)
    size = len(pixels.value) * 8
    image = _with_chroma_as_held(image, size)
    bits = native.frame_bits(image)
    if image.pixels * image.samples * native.sample_bytes(image.bits_allocated) > MAX_FRAME_BYTES:
        raise Unusable(f"frames of {image.columns}x{image.rows} pixels are larger than can be shown")
    held, rest = divmod(size, bits)
    # Less than a byte is padding.
    cut_short = held < image.frames and rest >= 8

    def frame(index: int) -> Frame:
        words, doubts = native.native_frame(pixels, index, image), []
        if index == held:
            doubts.append("the pixel data ends within it, so a part of the picture is missing")
        if native.is_subsampled(image) and image.columns % 2:
            doubts.append(f"{image.photometric} has pairs of pixels, and its rows of {image.columns} end within one")
        if image.bits_allocated > 16 and pixels.vr == "OW" and not pixels.little_endian:
            words, swapped = _smoother(words, image)
            if swapped:
                doubts.append("its 16-bit words are swapped, as the lower one seems to come first")
        samples = stored_values(words, image.bits_stored, image.high_bit, signed=image.signed)
        return Frame(samples, image.photometric, "; ".join(doubts) or None, words, image.lossy)

    def places(index: int) -> list[slice]:
        return [slice(index * bits // 8, ((index + 1) * bits + 15) // 16 * 2)]  # whole words, which may be swapped

    return Frames(held + cut_short, image, frame, places)


def _with_chroma_as_held(image: ImagePixel, size: int) -> ImagePixel:
    """The image with its chroma as the size of the pixel data, in bits, shows it to be stored (PS3.3 C.7.6.3.1.2)."""
    if not native.is_subsampled(image):
        return image
    full = replace(image, photometric="YBR_FULL")
    if image.photometric == "YBR_FULL_422" and size >= native.frame_bits(full) * image.frames:
        return full  # chroma at every pixel, as some writers store it after decompression
    filled = replace(image, pairs_end_with_rows=True)
    return filled if image.columns % 2 and size >= native.frame_bits(filled) * image.frames else image


def _as_long_as(octets: int, bits: int) -> bool:
    """Whether `octets` is the number of bytes for `bits`, with or without padding to an even length (PS3.5 8.2)."""
    needed = (bits + 7) // 8
    return octets in (needed, needed + needed % 2)


def _smoother(words: NDArray[np.generic], image: ImagePixel) -> tuple[NDArray[np.generic], bool]:
    """The words, with swapped halves if these are more likely, and whether they are swapped.

    In big endian OW, some writers, DCMTK among them, put the lower half of a 32-bit value first (PS3.5 8.2 speaks of
    words of 16 bits), and others the higher one. Nothing says which, but neighbouring pixels are similar only in the
    right order.
    """
    swapped = native.low_word_first(words)
    kind = f"{'i' if image.signed else 'u'}{words.dtype.itemsize}"
    is_smoother = native.roughness(swapped.view(kind)) < native.roughness(words.view(kind))
    return (swapped if is_smoother else words), is_smoother


def encapsulated_frames(file: DicomFile, image: ImagePixel, fragments: Sequence[list[slice]]) -> Frames:
    """Frames in fragments. `fragments` has the places of each frame's in the value of the pixel data."""
    pixels = _pixels(file)
    codec = codecs.codec_of(file.transfer_syntax)
    if codec and file.transfer_syntax in codec.perhaps_lossy and not value(file.dataset, "LossyImageCompression"):
        image = replace(image, lossy=True)

    def uncompressed(content: bytes) -> Frame:
        alone = replace(file, pixels=replace(pixels, value=memoryview(content), encapsulated=False))
        return native_frames(alone, replace(image, frames=1)).frame(0)

    def frame(index: int) -> Frame:
        if sum(fragment.stop - fragment.start for fragment in fragments[index]) > MAX_FRAME_BYTES:
            raise Unusable("its stream is larger than can be decoded")
        stream = b"".join(pixels.value[fragment] for fragment in fragments[index])
        bits = native.frame_bits(image)
        if codec and codec.unpack:
            stream = codec.unpack(stream, bits // 8 + 1)
            if not codecs.has_known_start(stream) or _as_long_as(len(stream), bits):
                return uncompressed(stream)
        try:
            return decoded_frame(stream, image)
        except Unusable:
            if codecs.has_known_start(stream) or not _as_long_as(len(stream), bits):
                raise
        return replace(uncompressed(stream), warning="it is shown as if it was not compressed, as its length fits that")

    return Frames(len(fragments), image, frame, lambda index: fragments[index])


def decoded_frame(stream: bytes, image: ImagePixel) -> Frame:
    """A frame of a stream of any codec. Raises Unusable if it can't be decoded."""
    decoded = codecs.decode(stream, image)
    is_wider = decoded.precision > image.bits_stored
    bits = min(decoded.precision, image.bits_stored)
    high_bit = image.high_bit if is_wider else bits - 1
    clips = decoded.lossy and is_wider
    samples = stored_values(decoded.samples, bits, high_bit, signed=image.signed, clips=clips)
    words = decoded.samples if is_wider and not decoded.lossy else None
    return Frame(samples, decoded.photometric, decoded.warning, words, decoded.lossy or image.lossy)


def _pixels(file: DicomFile) -> PixelElement:
    if file.pixels is None:
        raise Unusable("there is no pixel data")
    return file.pixels


def stored_values(
    samples: NDArray[Any], bits: int, high_bit: int, *, signed: bool, clips: bool = False
) -> NDArray[Any]:
    """The values in the `bits` bits up to `high_bit`; other bits are not part of them (PS3.5 8.1.1).

    `clips`: lossy compression may have moved values beyond the ends of their range. They are clipped, as white would
    become black if bits were cut off. The sign that a decoder gave to samples does not matter, as a stream and its data
    set may disagree. Floats are returned as they are.
    """
    if samples.dtype.kind == "f":
        return samples
    width = samples.dtype.itemsize * 8
    shift = high_bit + 1 - bits
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    values = samples.view(f"{'i' if signed else 'u'}{width // 8}")
    if clips and (not signed or values.min() < 0):  # otherwise the sign bit is not repeated up to the top
        clipped: NDArray[Any] = np.clip((values if signed else samples) >> shift, low, high)
        return clipped
    if shift == 0 and _within(values, low, high):
        return values
    if signed:
        # Moved to the top of the word and back: the arithmetic shift down repeats the sign bit.
        return values << (width - 1 - high_bit) >> (width - bits)
    return values >> shift & high


def _within(values: NDArray[Any], low: int, high: int) -> bool:
    """Whether all values are within the limits, so that no bits need to be removed: a check is faster than a copy."""
    ends = np.iinfo(values.dtype)
    if low <= ends.min and high >= ends.max:
        return True
    lowest, highest = extremes(values)
    return low <= lowest and highest <= high
