"""Pictures to PNG (ISO/IEC 15948)."""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.parallel import each_strip
from imaging.strips import strips

# As fast as isal's level 1 here, and 1 to 9 % smaller, most of all in colour. Pillow's default is another 2 to 17 %
# smaller, and takes 40 times as long.
DEFLATE_LEVEL = 2
STRIP_BYTES = 1 << 20  # compression starts again in each; with an eighth of this, a colour picture is 2 % larger


def encode(picture: NDArray[np.uint8], _quality: int, icc_profile: bytes | None) -> bytes:
    """The picture as a PNG file, with filter Up, by which medical pictures compress well."""
    from isal import isal_zlib

    rows = picture.reshape(len(picture), -1)
    colour_type = 2 if picture.ndim == 3 else 0
    header = struct.pack(">LLBBBBB", picture.shape[1], picture.shape[0], 8, colour_type, 0, 0, 0)
    # 11.3.2.3: a name, the method 0 and the profile deflated
    profile = _chunk(b"iCCP", b"ICC profile\0\0" + isal_zlib.compress(icc_profile)) if icc_profile else b""
    data = _chunk(
        b"IDAT", _zlib_stream(each_strip(lambda strip: _deflated(rows, strip), strips(rows.shape, STRIP_BYTES)))
    )
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + profile + data + _chunk(b"IEND", b"")


class Deflated(NamedTuple):
    """A compressed strip: its part of the stream, and the checksum and length of its rows."""

    stream: bytes
    adler32: int
    length: int


def _deflated(rows: NDArray[np.uint8], strip: slice) -> Deflated:
    """The filtered rows of a strip, compressed independently, so that strips can be made in parallel."""
    from isal import isal_zlib

    filtered = np.empty((strip.stop - strip.start, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # filter type Up (9.2)
    if strip.start == 0:
        filtered[0, 1:] = rows[0]
        np.subtract(rows[1 : strip.stop], rows[: strip.stop - 1], out=filtered[1:, 1:])
    else:
        np.subtract(rows[strip], rows[strip.start - 1 : strip.stop - 1], out=filtered[:, 1:])
    compressor = isal_zlib.compressobj(DEFLATE_LEVEL, isal_zlib.DEFLATED, -15)
    is_last = strip.stop == len(rows)
    stream = compressor.compress(filtered) + compressor.flush(isal_zlib.Z_FINISH if is_last else isal_zlib.Z_FULL_FLUSH)
    return Deflated(stream, isal_zlib.adler32(filtered), filtered.nbytes)


def _zlib_stream(parts: list[Deflated]) -> bytes:
    """The parts as one zlib stream (RFC 1950), whose checksum is combined from those of the parts."""
    low, high = 1, 0
    for part in parts:
        high = (high + (part.adler32 >> 16) + part.length * (low - 1)) % 65521
        low = (low + (part.adler32 & 0xFFFF) - 1) % 65521
    return b"".join((b"\x78\x01", *(part.stream for part in parts), struct.pack(">HH", high, low)))


def _chunk(name: bytes, content: bytes) -> bytes:
    from isal import isal_zlib

    checksum = isal_zlib.crc32(content, isal_zlib.crc32(name))
    return b"".join((struct.pack(">L", len(content)), name, content, struct.pack(">L", checksum)))
