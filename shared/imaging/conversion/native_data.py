"""Uncompressed pixel data in the byte order and value representation of a target (PS3.5 A.1 to A.3, A.5)."""

from collections.abc import Sequence

import numpy as np

from imaging.conversion.targets import BIG_ENDIAN
from imaging.dataset.dicom_file import DicomFile, encoding_of
from imaging.dataset.writing import Chunk, PixelValue
from imaging.pixels.frames import native_frames
from imaging.pixels.image_pixel import ImagePixel, image_pixel
from imaging.pixels.native import FLOAT_TAGS, frame_octets, sample_bytes, swapped_words
from problems import Invalid, Unusable, not_valid

FLOAT_VRS = dict(zip(FLOAT_TAGS, ("OF", "OD"), strict=True))
TWO_ORDERS = (
    "Big endian has two orders for samples of more than 16 bits, and readers differ on which is meant: use another."
)


def native_to_native(file: DicomFile, target: str) -> PixelValue | None:
    """The file's uncompressed pixel data for a native target; None if it stays as it is.

    Raises Invalid if its byte order has to change, and the data set does not say how.
    """
    pixels = file.pixels
    assert pixels is not None  # noqa: S101 - the caller has looked
    encoding = encoding_of(target)
    if encoding == file.encoding and pixels.little_endian == encoding.little_endian:
        return None
    if pixels.tag in FLOAT_VRS:
        vr = FLOAT_VRS[pixels.tag]
        number = np.dtype(f"u{4 if vr == 'OF' else 8}")
        swaps = pixels.little_endian != encoding.little_endian
        return PixelValue(vr, [_swapped(pixels.value, number.itemsize) if swaps else pixels.value], encapsulated=False)
    try:
        image = image_pixel(file.dataset)
    except Unusable as reason:
        raise Invalid(f"The pixel data can't be converted: {reason.message}.") from None
    vr = "OB" if image.bits_allocated <= 8 else "OW"
    if pixels.little_endian == encoding.little_endian:
        if not encoding.little_endian and pixels.vr == "OW":
            vr = "OW"  # its bytes are those of words
        return PixelValue(vr, [pixels.value], encapsulated=False)
    if image.bits_allocated not in (1, 8, 16, 32, 64):
        why = f"Samples that are packed as {image.bits_allocated} bits keep their byte order: use rle or jpeg-lossless."
        raise not_valid("transfer_syntax", why)
    if image.bits_allocated <= 8:
        is_words = pixels.vr == "OW" and not pixels.little_endian
        return PixelValue(vr, [swapped_words(pixels.value) if is_words else pixels.value], encapsulated=False)
    if image.bits_allocated <= 16:
        return PixelValue(vr, [_swapped(pixels.value, 2)], encapsulated=False)
    if not encoding.little_endian:
        raise not_valid("transfer_syntax", TWO_ORDERS)
    return PixelValue(vr, _frames_in_order(file, image), encapsulated=False)


def _swapped(value: bytes | memoryview, size: int) -> bytes:
    """The value with the bytes of each whole number in the other order."""
    whole = len(value) // size * size
    return np.frombuffer(value[:whole], f"u{size}").byteswap().tobytes() + bytes(value[whole:])


def _frames_in_order(file: DicomFile, image: ImagePixel) -> list[Chunk]:
    """Samples of more than 16 bits, of which each frame's order is found out."""
    frames = native_frames(file, image)
    made: list[Chunk] = []
    for index in range(frames.count):
        file.budget.check_time()
        frame = frames.frame(index)
        file.warnings += [f"Frame {index + 1}: {frame.warning}."] if frame.warning else []
        made.append(frame_octets(frame.samples if frame.words is None else frame.words, packed=False))
    return made


def native_value(frames: Sequence[bytes], image: ImagePixel, target: str) -> PixelValue:
    """Frames, little endian, as the pixel data of a native target. Single bits come as one byte each.

    Raises Invalid for samples of more than 16 bits in big endian.
    """
    if image.bits_allocated == 1:  # no frame begins at a byte of its own (PS3.5 8.1.1)
        bits = np.frombuffer(b"".join(frames), np.uint8)
        return PixelValue("OB", [np.packbits(bits, bitorder="little").tobytes()], encapsulated=False)
    if image.bits_allocated <= 8:
        return PixelValue("OB", frames, encapsulated=False)
    if target != BIG_ENDIAN:
        return PixelValue("OW", frames, encapsulated=False)
    size = sample_bytes(image.bits_allocated)
    if size > 2:
        raise not_valid("transfer_syntax", TWO_ORDERS)
    return PixelValue("OW", [_swapped(frame, size) for frame in frames], encapsulated=False)
