"""What a compressed frame says of itself: the kind of stream and the size of its picture, from its header alone.

The header decides how a frame is decoded, since files whose transfer syntax is wrong are common and a stream can only
be what it is. It is also the guard against decompression bombs: nothing is decoded before its size is known.
"""

import struct
from dataclasses import dataclass
from enum import Enum

JPEG_XL_STARTS = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")


class StreamKind(Enum):
    """Kinds of streams, each with a decoder of its own in `codecs`."""

    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "HTJ2K"


@dataclass(frozen=True)
class StreamHeader:
    """The header's facts. `complete`: the stream's end marker was found."""

    kind: StreamKind
    rows: int
    columns: int
    samples: int
    precision: int
    signed: bool = False
    lossless_process: bool = False  # JPEG processes 14 (SOF3): no colour transform of their own
    colour_transform: int | None = None  # JPEG: Adobe's APP14, 0 none, 1 YCbCr; JPEG 2000: 1 if the stream has its own
    subsampled: bool = False
    reversible: bool = True  # JPEG 2000's 5-3 wavelet
    complete: bool = True


def stream_header(stream: bytes) -> StreamHeader | None:
    """Reads the header of a JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream. None if it is none of them.

    Raises ValueError if the header is broken.
    """
    try:
        if stream[:2] == b"\xff\xd8":
            return _jpeg_header(stream)
        if stream[:4] == b"\xff\x4f\xff\x51":
            return _jpeg2000_header(stream, 0)
        if stream[:8] == b"\x00\x00\x00\x0cjP  ":
            start = stream.find(b"\xff\x4f\xff\x51")
            return _jpeg2000_header(stream, start) if start > 0 else None
    except (struct.error, IndexError):
        raise ValueError("its header ends early") from None
    return None


def _jpeg_header(stream: bytes) -> StreamHeader:
    """ITU-T T.81 B.2.2 (frame header), T.87 C.2 (JPEG-LS)."""
    position, transform = 2, None
    while True:
        while stream[position : position + 2] == b"\xff\xff":  # fill bytes (T.81 B.1.1.2)
            position += 1
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == 0xFFEE and stream[position + 4 : position + 9] == b"Adobe" and length >= 14:
            transform = stream[position + 15]
        # SOF0 to SOF15 but DHT (C4), JPG (C8) and DAC (CC); SOF55 is JPEG-LS.
        if (0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC)) or marker == 0xFFF7:
            break
        if not 0xFFC0 <= marker <= 0xFFFE or marker == 0xFFDA:
            raise ValueError("its header has no frame")
        position += 2 + length
    precision, rows, columns, samples = struct.unpack_from(">BHHB", stream, position + 4)
    sampling = {
        stream[position + 11 + 3 * index] for index in range(samples) if position + 11 + 3 * index < len(stream)
    }
    return StreamHeader(
        StreamKind.JPEG_LS if marker == 0xFFF7 else StreamKind.JPEG,
        rows,
        columns,
        samples,
        precision,
        lossless_process=marker in (0xFFC3, 0xFFF7),
        colour_transform=transform,
        subsampled=len(sampling) > 1,
        complete=b"\xff\xd9" in stream[-1024:],
    )


def _jpeg2000_header(stream: bytes, start: int) -> StreamHeader:
    """ITU-T T.800 A.5.1 (SIZ), A.6.1 (COD); T.814 A.3 (the CAP marker makes it HTJ2K)."""
    width, height, left, top = struct.unpack_from(">4L", stream, start + 8)
    samples, depth = struct.unpack_from(">HB", stream, start + 40)
    kind, transform, reversible = StreamKind.JPEG_2000, 0, True
    position = start + 2
    while True:
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == 0xFF50:
            kind = StreamKind.HTJ2K
        elif marker == 0xFF52:
            transform, reversible = stream[position + 8], stream[position + 13] == 1
        elif marker == 0xFF90:  # the first tile: the main header is over
            break
        position += 2 + max(length, 2)
    return StreamHeader(
        kind,
        height - top,
        width - left,
        samples,
        (depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        colour_transform=transform,
        reversible=reversible,
        complete=b"\xff\xd9" in stream[-1024:],
    )
