"""Pictures to JPEG, and the profile of their colours (ICC.1:2022, B.4)."""

import struct

import numpy as np
from numpy.typing import NDArray

MAX_PROFILE = 255 * 65519  # bytes: segments are counted in a byte


def encode(picture: NDArray[np.uint8], quality: int, icc_profile: bytes | None) -> bytes:
    """The picture as a JPEG file, without chroma subsampling."""
    import imagecodecs

    jpeg = bytes(imagecodecs.jpeg8_encode(picture, level=quality, subsampling="444"))
    return _with_profile(jpeg, icc_profile) if icc_profile else jpeg


def _with_profile(jpeg: bytes, profile: bytes) -> bytes:
    """The profile in as many APP2 segments as it needs, right after SOI; without it if it is too large."""
    if len(profile) > MAX_PROFILE:
        return jpeg
    parts = [profile[start : start + 65519] for start in range(0, len(profile), 65519)]
    segments = [
        struct.pack(">HH12sBB", 0xFFE2, len(part) + 16, b"ICC_PROFILE\0", number, len(parts)) + part
        for number, part in enumerate(parts, 1)
    ]
    return jpeg[:2] + b"".join(segments) + jpeg[2:]
