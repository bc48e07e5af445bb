"""PNG files of any kind, encoded by hand (W3C PNG, third edition), as Pillow can't write most of them."""

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6  # colour types
BANDS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
DEPTHS = {GRAY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GRAY_ALPHA: (8, 16), RGBA: (8, 16)}
KINDS = [(colour_type, depth) for colour_type, depths in DEPTHS.items() for depth in depths]
_ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(
    samples: NDArray[Any], depth: int, colour_type: int, *chunks: tuple[bytes, bytes], interlaced: bool = False
) -> bytes:
    """A PNG of `samples` (rows, columns, bands), stored as they are. `chunks` go before the image data."""
    rows, columns = samples.shape[:2]
    if interlaced:
        passes = [samples[top::down, left::right] for left, top, right, down in _ADAM7]
        data = b"".join(scan_lines(one, depth) for one in passes if one.size)
    else:
        data = scan_lines(samples, depth)
    return png_of_data(rows, columns, depth, colour_type, data, *chunks, interlaced=interlaced)


def png_of_data(
    rows: int,
    columns: int,
    depth: int,
    colour_type: int,
    data: bytes,
    *chunks: tuple[bytes, bytes],
    interlaced: bool = False,
) -> bytes:
    """A PNG with `data` as its scan lines, whatever the header says."""
    header = struct.pack(">IIBBBBB", columns, rows, depth, colour_type, 0, 0, interlaced)
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in every)


def scan_lines(samples: NDArray[Any], depth: int) -> bytes:
    """The scan lines: each row after filter type 0, which means none."""
    return b"".join(b"\0" + _packed(row.reshape(-1), depth) for row in samples)


def _packed(row: NDArray[Any], depth: int) -> bytes:
    if depth >= 8:
        return row.astype(">u2" if depth == 16 else "u1").tobytes()
    bits = (row[:, None] >> np.arange(depth)[::-1]) & 1
    return np.packbits(bits.astype(np.uint8)).tobytes()


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
