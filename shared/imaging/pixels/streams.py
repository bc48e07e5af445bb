"""The headers of compressed frames: the kind of stream, and the size of its picture.

The header decides how a frame is decoded, since files with a wrong transfer syntax are common. It also protects against
decompression bombs: nothing is decoded before its size is known.
"""

import re
import struct
from dataclasses import dataclass
from enum import Enum

from problems import Unusable

JPEG_START = b"\xff\xd8\xff"  # of JPEG-LS, too
# Of JPEG 2000 and HTJ2K: a codestream (T.800 A.4.1), which a file has in a box (I.5.1).
CODESTREAM_START, FILE_START = b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "
# Coded data can't contain it: FF is followed by 00 there (ITU-T T.81 B.1.1.5).
START_OF_SCAN = b"\xff\xda"
MAX_SCANS = 100  # encoders write about 10; each, however short, is a pass over the whole picture
ARITHMETIC_FRAME = re.compile(rb"\xff[\xc9-\xcb]\x00[\x0b\x11\x14]\x08")  # T.81 B.2.2; decodes slowly


class StreamKind(Enum):
    """Kinds of streams whose headers are read here, by the names of their codecs."""

    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "HTJ2K"


@dataclass(frozen=True)
class StreamHeader:
    """The content of a header.

    `colours`: RGB or YBR_FULL if the stream says what its three samples are, None if it leaves that to the data set;
    for JPEG 2000, what the decoder turns them into. `lossless`: JPEG's process 14, JPEG-LS without NEAR, or JPEG 2000's
    reversible wavelet, whose layers may still have been cut off. `complete`: the stream is not cut short. `end`: where
    the tile-parts of a JPEG 2000 stream end, if no end marker follows them. `process`: the low byte of the marker of a
    JPEG's frame (T.81 table B.1). `predictor`: the selection value of lossless JPEG (T.81 table H.1).
    """

    kind: StreamKind
    rows: int
    columns: int
    samples: int
    precision: int
    lossless: bool
    complete: bool
    colours: str | None = None
    subsampled: bool = False
    end: int | None = None
    process: int = 0
    predictor: int = 0


def stream_header(stream: bytes) -> StreamHeader | None:
    """Reads the header of a JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream. None if it is none of them.

    Raises Unusable if the header is broken.
    """
    try:
        if stream[:2] == b"\xff\xd8":
            return _jpeg_header(stream)
        if stream[:4] == CODESTREAM_START:
            return _jpeg2000_header(stream, Jpeg2000Boxes(codestream=0))
        if stream[:8] == FILE_START:
            return _jpeg2000_header(stream, _boxes(stream))
    except (struct.error, IndexError):
        raise Unusable("its header ends early") from None
    return None


def _jpeg_header(stream: bytes) -> StreamHeader:
    """ITU-T T.81 B.2.2 (frame header), T.87 C.2 (JPEG-LS)."""
    position, colours = 2, None
    while True:
        while stream[position : position + 2] == b"\xff\xff":  # fill bytes (T.81 B.1.1.2)
            position += 1
        marker, length = struct.unpack_from(">HH", stream, position)
        content = stream[position + 4 : position + 2 + length]
        if marker == 0xFFEE and content[:5] == b"Adobe" and len(content) >= 12:
            colours = {0: "RGB", 1: "YBR_FULL"}.get(content[11], colours)  # T.872 6.5.3
        elif marker == 0xFFE0 and content[:5] == b"JFIF\0" and colours is None:
            colours = "YBR_FULL"  # T.871 6
        # SOF0 to SOF15 but DHT (C4), JPG (C8) and DAC (CC); SOF55 is JPEG-LS.
        if (0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC)) or marker == 0xFFF7:
            break
        if not 0xFFC0 <= marker <= 0xFFFE or marker == 0xFFDA:
            raise Unusable("its header has no frame")
        position += 2 + length
    precision, rows, columns, samples = struct.unpack_from(">BHHB", content)
    if samples == 3 and marker != 0xFFF7:
        colours = colours or _colours(content[6:15])
    # The same place of a scan's header has NEAR (T.87 C.2.3) or the selection value of lossless JPEG (T.81 B.2.3).
    parameter = _scan_parameter(stream, position) if marker in (0xFFC3, 0xFFF7) else 0
    return StreamHeader(
        StreamKind.JPEG_LS if marker == 0xFFF7 else StreamKind.JPEG,
        rows,
        columns,
        samples,
        precision,
        lossless=marker == 0xFFC3 or (marker == 0xFFF7 and parameter == 0),
        complete=b"\xff\xd9" in stream[-1024:],
        colours=colours,
        process=marker & 0xFF,
        predictor=parameter if marker == 0xFFC3 else 0,
    )


def _colours(components: bytes) -> str | None:
    """The colours of three components without a marker, by their ids, sampling factors and quantisation tables."""
    ids, sampling, tables = components[0::3], components[1::3], components[2::3]
    if ids == b"RGB":
        return "RGB"
    # Chroma is sampled and quantised more coarsely than luma; red, green and blue are all treated alike.
    return "YBR_FULL" if len(set(sampling)) > 1 or tables[0] != tables[1] else None


def _scan_parameter(stream: bytes, position: int) -> int:
    """The byte after the components in the first scan's header, which comes after the frame's."""
    marker = 0
    while marker != 0xFFDA:
        position += 2 + struct.unpack_from(">H", stream, position + 2)[0]
        (marker,) = struct.unpack_from(">H", stream, position)
    return stream[position + 5 + 2 * stream[position + 4]]


@dataclass(frozen=True)
class Jpeg2000Boxes:
    """What the boxes of a JPEG 2000 file say (T.800 I.5).

    `codestream`: where it begins. `colours`: the enumerated colour space. `palette`: samples and precision of its
    entries.
    """

    codestream: int
    colours: int | None = None
    palette: tuple[int, int] | None = None


def _boxes(stream: bytes) -> Jpeg2000Boxes:
    """The codestream is in the jp2c box, and in no other (T.800 I.5.4)."""
    position, colours, palette = 0, None, None
    while True:
        length, kind = struct.unpack_from(">L4s", stream, position)
        content = position + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", stream, content)
            content += 8
        if kind == b"jp2c":
            return Jpeg2000Boxes(content, colours, palette)
        if length < 8:  # 0, the last box, or broken
            raise Unusable("its file has no codestream")
        if kind == b"colr" and colours is None and stream[content] == 1:  # the first one counts (I.5.3.3)
            (colours,) = struct.unpack_from(">L", stream, content + 3)
        elif kind == b"pclr":
            palette = stream[content + 2], (stream[content + 3] & 0x7F) + 1
        # The header's box holds boxes of its own (I.5.3).
        position = content if kind == b"jp2h" else position + length


SYCC = 18  # T.800 table I.10


def _jpeg2000_header(stream: bytes, boxes: Jpeg2000Boxes) -> StreamHeader:
    """ITU-T T.800 A.5.1 (SIZ), A.6.1 (COD); T.814 A.3 (the CAP marker makes it HTJ2K)."""
    start = boxes.codestream
    width, height, left, top = struct.unpack_from(">4L", stream, start + 8)
    samples, depth, across, down = struct.unpack_from(">HBBB", stream, start + 40)
    # Subsampled chroma: the decoder upsamples it and treats the colours as YCbCr, whatever else is stated.
    subsampled = samples == 3 and across == down and stream[start + 46] != 1
    kind, transform, reversible = StreamKind.JPEG_2000, False, True
    position = start + 2
    while True:
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == 0xFF50:
            kind = StreamKind.HTJ2K
        elif marker == 0xFF52:
            transform, reversible = stream[position + 8] == 1, stream[position + 13] == 1
        elif marker == 0xFF90:  # the first tile: the main header is over
            break
        position += 2 + max(length, 2)
    end = _end_of_tiles(stream, position)
    samples, precision = boxes.palette or (samples, (depth & 0x7F) + 1)
    return StreamHeader(
        kind,
        height - top,
        width - left,
        samples,
        precision,
        lossless=reversible,
        complete=end is not None or b"\xff\xd9" in stream[-1024:],
        colours="RGB" if transform or subsampled or boxes.colours == SYCC else None,
        subsampled=subsampled,
        end=end,
    )


def _end_of_tiles(stream: bytes, position: int) -> int | None:
    """Where the last tile-part ends, if no end marker follows it (T.800 A.4.2); None for a regular stream.

    None, too, if the lengths lead out of the stream, or the last tile-part extends to its end.
    """
    while stream[position : position + 2] == b"\xff\x90":
        (length,) = struct.unpack_from(">L", stream, position + 6)
        if length < 14:
            return None
        position += length
    return position if position <= len(stream) and stream[position : position + 2] != b"\xff\xd9" else None
