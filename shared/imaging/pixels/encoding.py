"""Frames to the value of Pixel Data, in a transfer syntax (PS3.5 8, A): the counterpart of `frames`."""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from numpy.typing import NDArray
from pydicom.uid import UID

from imaging.dataset.elements import ITEM_TAG
from imaging.parallel import in_order
from imaging.pixels import codecs
from imaging.pixels.codecs import codec_of
from imaging.pixels.codecs.coding import Coding
from imaging.pixels.native import frame_octets

MAX_OFFSET = 0xFFFFFFFF  # that a Basic Offset Table can say


class Encoded(NamedTuple):
    """The value of Pixel Data, in parts, and what the rest of the file has to say of it."""

    transfer_syntax: UID
    photometric: str
    pixel_data: Sequence[bytes | memoryview]


class Encapsulated(NamedTuple):
    """Fragments in their items, in parts. `offsets` and `lengths`: the values of the Extended Offset Table and its
    lengths (PS3.3 C.7.6.3.1.8); empty if the Basic Offset Table, which comes first, has them.
    """

    parts: list[bytes | memoryview]
    offsets: bytes
    lengths: bytes


def encode_frames(frames: Sequence[NDArray[Any]], transfer_syntax: UID) -> Encoded:
    """Encodes frames without loss: uint8 or uint16, (rows, columns) or (rows, columns, 3) RGB, all alike.

    The codec of the transfer syntax is native little endian, or has an encoder.
    """
    codec = codec_of(transfer_syntax)
    coding = Coding(transfer_syntax, frames[0].itemsize * 8, "MONOCHROME2" if frames[0].ndim == 2 else "RGB")
    if codec is None or codec.encode is None:
        native = [memoryview(frame_octets(frame, packed=False)) for frame in frames]
        return Encoded(transfer_syntax, coding.photometric, native)
    streams = in_order(lambda frame: codecs.encode(frame, coding), frames)
    photometric = codec.colours_of(coding)
    return Encoded(transfer_syntax, photometric, encapsulated(streams).parts)


def encapsulated(streams: Iterable[bytes | memoryview]) -> Encapsulated:
    """The streams of frames, each as one fragment of even length (PS3.5 A.4)."""
    contents = list(streams)
    padded = [len(content) + len(content) % 2 for content in contents]
    offsets = [0, *accumulate(8 + length for length in padded)][: len(contents)]
    fits = not offsets or offsets[-1] <= MAX_OFFSET
    table = struct.pack(f"<{len(offsets)}L", *offsets) if fits else b""
    parts: list[bytes | memoryview] = [ITEM_TAG + struct.pack("<L", len(table)) + table]
    for content, length in zip(contents, padded, strict=True):
        parts += [ITEM_TAG + struct.pack("<L", length), content]
        if length > len(content):
            parts.append(b"\0")
    extended = (offsets, [len(content) for content in contents]) if not fits else ([], [])
    return Encapsulated(parts, *(struct.pack(f"<{len(numbers)}Q", *numbers) for numbers in extended))
