"""8-bit pictures, (rows, columns) grey or (rows, columns, 3) RGB, to PNG, JPEG or GIF files."""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO

import imagecodecs
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

FORMATS = ("png", "jpeg", "gif")
MAX_JPEG_PROFILE = 255 * 65519  # bytes: segments are counted in a byte (ICC.1:2022, B.4)


def encode(picture: NDArray[np.uint8], picture_format: str, quality: int, icc_profile: bytes | None) -> bytes:
    """The picture as a file. `quality`, 1 to 100, is JPEG's; `icc_profile` says what its colours are (GIF has none)."""
    if picture_format == "png":
        return _png(picture, icc_profile)
    if picture_format == "jpeg":
        jpeg = bytes(imagecodecs.jpeg8_encode(picture, level=quality, subsampling="444"))
        return _with_icc_profile(jpeg, icc_profile) if icc_profile else jpeg
    file = BytesIO()
    _gif_image(picture).save(file, "GIF", optimize=False)
    return file.getvalue()


def animate(pictures: Iterable[NDArray[np.uint8]], milliseconds: list[float]) -> bytes:
    """One GIF that shows the pictures, all of one size, over and over, each for its time (to a hundredth second)."""
    first, *others = map(_gif_image, pictures)
    file = BytesIO()
    first.save(
        file,
        "GIF",
        save_all=True,
        append_images=others,
        duration=[max(10, round(time, -1)) for time in milliseconds],
        loop=0,
        optimize=False,
        disposal=1,
    )
    return file.getvalue()


def _png(picture: NDArray[np.uint8], icc_profile: bytes | None) -> bytes:
    """PNG (ISO/IEC 15948) with every row as its difference to the one above: medical pictures compress well so."""
    rows = picture.reshape(len(picture), -1)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # filter type Up (9.2)
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    colour_type = 2 if picture.ndim == 3 else 0
    header = struct.pack(">LLBBBBB", picture.shape[1], picture.shape[0], 8, colour_type, 0, 0, 0)
    data = isal_zlib.compress(filtered, 1)
    # 11.3.2.3: a name, the method 0 and the profile deflated
    profile = _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc_profile)) if icc_profile else b""
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + profile + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(content, zlib.crc32(name)))


def _with_icc_profile(jpeg: bytes, icc_profile: bytes) -> bytes:
    """The profile in as many APP2 segments as it needs, right after SOI (B.4); without it if it is too large."""
    if len(icc_profile) > MAX_JPEG_PROFILE:
        return jpeg
    parts = [icc_profile[start : start + 65519] for start in range(0, len(icc_profile), 65519)]
    segments = [
        struct.pack(">HH12sBB", 0xFFE2, len(part) + 16, b"ICC_PROFILE\0", number, len(parts)) + part
        for number, part in enumerate(parts, 1)
    ]
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def _gif_image(picture: NDArray[np.uint8]) -> Image.Image:
    """Grey is kept to the bit; colours are brought down to the 256 that GIF holds."""
    image = Image.fromarray(picture)
    return image.quantize(256) if picture.ndim == 3 else image
