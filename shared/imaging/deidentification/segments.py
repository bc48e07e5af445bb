"""Text in the streams of compressed frames: segments and boxes for comments, EXIF data, thumbnails and the like.

None of it is needed to decode a frame, and no DICOM attribute says that it is there.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.codecs import jpeg_xl
from imaging.pixels.streams import CODESTREAM_START, FILE_START
from problems import Unusable

BROKEN = "its stream is broken, so text in it can't be found"
START_OF_IMAGE, END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"
# Bytes that make a marker of the FF before them in coded data (T.81 B.1.1.5), to which restart markers belong, and in
# that of JPEG-LS (T.87 A.1).
MARKERS = np.isin(np.arange(256), [*range(0x01, 0xD0), *range(0xD8, 0xFF)])
MARKERS_LS = MARKERS & (np.arange(256) >= 0x80)
# Segments that a decoder needs: of frames, tables, restarts and scans (T.81 Table B.1), and of JPEG-LS (T.87 C.1).
FRAMES = (*range(0xFFC0, 0xFFD0), 0xFFF7)
NEEDED = (*FRAMES, *range(0xFFDA, 0xFFE0))
LS_PARAMETERS, LS_TYPES = 0xFFF8, (1, 2, 3, 4)
STANDALONE = (0xFF01, *range(0xFFD0, 0xFFD8))  # markers without a segment
JFIF, ADOBE, HP_COLOURS = (0xFFE0, b"JFIF\0"), (0xFFEE, b"Adobe"), (0xFFE8, b"mrfx")

J2K_COMMENT, J2K_TILE, J2K_DATA, J2K_END = 0xFF64, 0xFF90, 0xFF93, b"\xff\xd9"  # T.800 A.2
# Marker segments of headers (T.800 Table A.2, T.801 Table A.1). Others become comments.
J2K_SEGMENTS = (*range(0xFF50, 0xFF64), *range(0xFF72, 0xFF7A))
# Boxes that a picture needs (T.800 I.5; ISO/IEC 18181-2 9). The content of others is overwritten.
BOXES = (b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"JXL ", b"jxlc", b"jxlp", b"jxll")


def without_text(stream: bytes) -> bytes:
    """The stream of a frame without text and thumbnails, and without what follows its end.

    Raises Unusable if a stream of JPEG, JPEG-LS, JPEG 2000 or JPEG XL is broken. Other streams stay.
    """
    try:
        if stream.startswith(START_OF_IMAGE):
            return b"".join(_jpeg(stream))
        if stream.startswith(CODESTREAM_START):
            return _codestream(stream)
        if stream.startswith((FILE_START, jpeg_xl.STARTS[1])):
            return b"".join(_boxes(stream))
    except (struct.error, IndexError, ValueError):
        raise Unusable(BROKEN) from None
    return stream


def _jpeg(stream: bytes) -> Iterator[bytes]:
    """ITU-T T.81 B.1.1."""
    yield START_OF_IMAGE
    position, markers = 2, MARKERS
    while True:
        while stream[position : position + 2] == b"\xff\xff":  # fill bytes
            position += 1
        (marker,) = struct.unpack_from(">H", stream, position)
        if marker < 0xFF00:
            raise Unusable(BROKEN)
        if marker == 0xFFD9:
            yield END_OF_IMAGE
            return
        if marker in STANDALONE:
            yield stream[position : position + 2]
            position += 2
            continue
        (length,) = struct.unpack_from(">H", stream, position + 2)
        segment = stream[position : position + 2 + length]
        if marker == 0xFFF7:
            markers = MARKERS_LS
        yield _needed(marker, segment)
        position += 2 + length
        if marker == 0xFFDA:  # coded data follows
            end = _end_of_data(stream, position, markers)
            yield stream[position:end]
            if end == len(stream):  # cut short
                return
            position = end


def _end_of_data(stream: bytes, position: int, markers: NDArray[np.bool_]) -> int:
    """Where the next marker is, or the end. NumPy looks at 100 kB in 0.1 ms, a regular expression in 1 ms."""
    data = np.frombuffer(stream, np.uint8)[position:]
    places = np.flatnonzero(data[:-1] == 0xFF)
    found = places[markers[data[places + 1]]]
    return position + int(found[0]) if len(found) else len(stream)


def _needed(marker: int, segment: bytes) -> bytes:
    """What a decoder needs of a segment: of those for applications, how to take the colours."""
    content = segment[4:]
    if marker in NEEDED or (marker == LS_PARAMETERS and content[0] in LS_TYPES):
        return segment
    if (marker, content[:5]) == JFIF:  # T.871 10.1, without thumbnail
        return b"\xff\xe0\x00\x10" + content[:12].ljust(12, b"\0") + b"\0\0"
    if (marker, content[:5]) == ADOBE:  # T.872 6.5.3
        return b"\xff\xee\x00\x0e" + content[:12].ljust(12, b"\0")
    if (marker, content[:4]) == HP_COLOURS:
        return b"\xff\xe8\x00\x07" + content[:5].ljust(5, b"\0")
    return b""


def _codestream(stream: bytes) -> bytes:
    """ITU-T T.800 A.3: the main header, and tile-parts with headers of their own. Lengths stay as they are."""
    cleaned = bytearray(stream)
    position = _clear_comments(cleaned, 2, J2K_TILE)
    while stream[position : position + 2] == b"\xff\x90":
        (length,) = struct.unpack_from(">L", stream, position + 6)
        _clear_comments(cleaned, position + 12, J2K_DATA)
        if length == 0 or position + length > len(stream):  # the last tile-part, up to the end marker
            length = max(14, stream.index(J2K_END, position + 12) - position)
        if length < 14:
            raise Unusable(BROKEN)
        position += length
    return bytes(cleaned[:position]) + (J2K_END if stream[position : position + 2] == J2K_END else b"")


def _clear_comments(stream: bytearray, position: int, until: int) -> int:
    """Overwrites the comments of a header by spaces (T.800 A.9.2), and returns where the marker `until` is.

    A segment that the standard does not have becomes a comment.
    """
    while True:
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == until:
            return position
        if marker not in J2K_SEGMENTS and length >= 4:
            start, stop = position + 6, position + 2 + length
            stream[position : position + 2] = J2K_COMMENT.to_bytes(2)
            stream[position + 4 : position + 6] = b"\0\1"  # text
            stream[start:stop] = b" " * len(stream[start:stop])
        position += 2 + max(length, 2)


def _boxes(stream: bytes) -> Iterator[bytes]:
    """The boxes of a JPEG 2000 or JPEG XL file (T.800 I.4)."""
    position = 0
    while position < len(stream):
        length, kind = struct.unpack_from(">L4s", stream, position)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", stream, position + 8)
            head = 16
        stop = min(position + length, len(stream)) if length else len(stream)
        if stop < position + head:
            raise Unusable(BROKEN)
        header, content = stream[position : position + head], stream[position + head : stop]
        if kind == b"jp2c":
            yield header
            # The box keeps its length. Nothing follows the codestream in it.
            yield _codestream(content).ljust(len(content), b"\0")
        elif kind in BOXES:
            yield header + content
        else:
            yield header[:4] + b"free" + header[8:] + bytes(len(content))
        position = stop
