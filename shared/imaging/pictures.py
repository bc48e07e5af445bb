"""8-bit pictures, (rows, columns) grey or (rows, columns, 3) RGB, to PNG, JPEG or GIF files."""

import struct
import zlib
from io import BytesIO

import imagecodecs
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

FORMATS = ("png", "jpeg", "gif")


def encode(picture: NDArray[np.uint8], picture_format: str, quality: int) -> bytes:
    """The picture as a file. `quality`, 1 to 100, is JPEG's."""
    if picture_format == "png":
        return _png(picture)
    if picture_format == "jpeg":
        return bytes(imagecodecs.jpeg8_encode(picture, level=quality, subsampling="444"))
    return _gif(picture)


def fit(picture: NDArray[np.uint8], columns: int, rows: int) -> NDArray[np.uint8]:
    """The picture scaled to the largest size that fits in columns by rows and keeps its aspect (PS3.18 8.3.5.1.3)."""
    scale = min(columns / picture.shape[1], rows / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def _png(picture: NDArray[np.uint8]) -> bytes:
    """PNG (ISO/IEC 15948) with every row as its difference to the one above: medical pictures compress well so."""
    rows = picture.reshape(len(picture), -1)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # filter type Up (9.2)
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    colour_type = 2 if picture.ndim == 3 else 0
    header = struct.pack(">LLBBBBB", picture.shape[1], picture.shape[0], 8, colour_type, 0, 0, 0)
    data = isal_zlib.compress(filtered, 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(content, zlib.crc32(name)))


def _gif(picture: NDArray[np.uint8]) -> bytes:
    """Grey is kept to the bit; colours are brought down to the 256 that GIF holds."""
    image = Image.fromarray(picture)
    if picture.ndim == 3:
        image = image.quantize(256)
    file = BytesIO()
    image.save(file, "GIF", optimize=False)
    return file.getvalue()
