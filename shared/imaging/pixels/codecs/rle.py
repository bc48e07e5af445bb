"""RLE (PS3.5 G): a header, and a segment for each byte of each sample, the most significant first."""

import struct
from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs.coding import Coding
from imaging.pixels.codecs.decoded import DecodedFrame, refuse_large
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.native import frame_octets
from imaging.pixels.streams import StreamHeader
from problems import Unusable

HEADER = struct.Struct("<16L")  # the number of segments, and where each begins (G.5)
MAX_SEGMENTS = 15


def begins(content: bytes | memoryview) -> bool:
    """Whether a header begins here: up to 15 segments, one behind the other and behind the header."""
    if len(content) < HEADER.size:
        return False
    count, *offsets = HEADER.unpack_from(content)
    ascending = all(start < end for start, end in pairwise(offsets[:count]))
    return 0 < count <= MAX_SEGMENTS and offsets[0] == HEADER.size and ascending and not any(offsets[count:])


def decode(stream: bytes, image: ImagePixel, _: StreamHeader | None = None) -> DecodedFrame:
    """Decodes one frame. Raises Unusable."""
    refuse_large(image, 1)
    if image.bits_allocated == 1:  # packed as when uncompressed, and then run lengths of the bytes
        packed = decode(
            stream, replace(image, rows=1, columns=(image.pixels + 7) // 8, bits_allocated=8, bits_stored=8)
        )
        bits = np.unpackbits(packed.samples.astype(np.uint8), bitorder="little")[: image.pixels]
        return replace(packed, samples=bits.reshape(image.rows, image.columns), precision=1)
    size = image.bits_allocated // 8
    if image.bits_allocated not in (8, 16, 32):
        raise Unusable(f"RLE frames of {image.bits_allocated} bits are not supported")
    refuse_large(image, image.samples * size)
    segments = _segments(stream)
    needed = image.samples * size
    doubts = [] if len(segments) == needed else [f"its RLE stream has {len(segments)} segments instead of {needed}"]
    if len(segments) < needed:
        raise Unusable(*doubts)
    planes = np.zeros((image.samples, image.pixels), f"u{size}")
    whole = True
    for number, segment in enumerate(segments[:needed]):
        octets = np.zeros(image.pixels, np.uint8)  # what a segment that is cut short leaves is black
        whole &= _unpack(segment, octets)
        plane = planes[number // size]  # the most significant byte comes first
        np.bitwise_or(plane << 8 if size > 1 else plane, octets, out=plane)
    samples = np.ascontiguousarray(planes.T).reshape(image.shape)
    doubts += [] if whole else ["its stream is cut short, so a part of the picture is missing"]
    return DecodedFrame(
        samples, image.photometric, image.bits_allocated, lossy=False, warning="; ".join(doubts) or None
    )


def _segments(stream: bytes) -> list[bytes]:
    """The segments of a frame, each up to where another one begins (PS3.5 G.5)."""
    if len(stream) < HEADER.size:
        raise Unusable("its stream is none that is known here")
    count, *offsets = HEADER.unpack_from(stream)
    begun = [offset for offset in offsets[:count] if HEADER.size <= offset <= len(stream)]
    if len(begun) != count:
        raise Unusable("its stream is none that is known here")
    bounds = sorted({*begun, len(stream)})
    return [stream[start : bounds[bisect_right(bounds, start)]] if start < len(stream) else b"" for start in begun]


def _unpack(segment: bytes, octets: NDArray[np.uint8]) -> bool:
    """Fills the octets with a segment's runs (PS3.5 G.3); False if they end before. What follows them is left out."""
    import imagecodecs

    try:
        return len(imagecodecs.packbits_decode(segment, out=octets.data)) == len(octets)
    except RuntimeError:  # its runs do not end where the octets do
        return len(imagecodecs.packbits_decode(_runs(segment, len(octets)), out=octets.data)) == len(octets)


def _runs(segment: bytes, most: int) -> bytes:
    """The runs of a segment, cut off after so many octets, and where the segment ends within one."""
    position = filled = 0
    while position + 1 < len(segment):
        head = segment[position]
        literal = head < 128
        length = head + 1 if literal else (257 - head) % 129  # 128 stands for none
        after = position + 1 + (length if literal else min(length, 1))
        if filled + length > most or after > len(segment):
            octets = segment[position + 1 : after] * (1 if literal else length)
            rest = octets[: most - filled]
            return segment[:position] + (bytes([len(rest) - 1]) + rest if rest else b"")
        filled += length
        position = after
    return segment[:position]


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """One frame of integers of up to 32 bits: (rows, columns) or (rows, columns, samples)."""
    from imagecodecs import packbits_encode

    if coding.packed:
        samples = np.frombuffer(frame_octets(samples, packed=True), np.uint8)[None]
    rows, columns = samples.shape[:2]
    big_endian = samples.astype(samples.dtype.newbyteorder(">"), copy=False)
    planes = np.moveaxis(big_endian.view(np.uint8).reshape(rows, columns, -1), -1, 0)
    segments = []
    for plane in planes:
        segment = bytes(packbits_encode(plane.copy(), axis=-1))  # no run goes on in the next row (G.3.1)
        segments.append(segment + bytes(len(segment) % 2))
    offsets = [HEADER.size + sum(map(len, segments[:number])) for number in range(len(segments))]
    header = HEADER.pack(len(segments), *offsets, *[0] * (15 - len(segments)))
    return b"".join([header, *segments])
