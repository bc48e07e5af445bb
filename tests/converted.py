"""Files in other transfer syntaxes, and what is different in their pixels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.conversion import ConvertOptions, convert
from imaging.pixels.codecs import codec_of
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import open_frames


def needs_loss(uid: str) -> bool:
    """Whether a transfer syntax is written with loss only, unless frames pass as they are."""
    codec = codec_of(uid)
    return codec is not None and uid in codec.lossy


def converted(content: bytes, uid: str) -> bytes:
    """The file in this transfer syntax: with loss, if that is what it is for."""
    options = ConvertOptions(uid, lossy=needs_loss(uid))
    return b"".join(convert(open_file(content, keep_places=True), options).parts)


def stored(content: bytes) -> Iterator[tuple[NDArray[Any], str]]:
    """Each frame's stored values, and their photometric interpretation, with full chroma."""
    frames = open_frames(open_file(content))
    for index in range(frames.count if frames else 0):
        assert frames is not None
        frame = frames.frame(index)
        yield frame.samples, frame.photometric.replace("YBR_FULL_422", "YBR_FULL")


def difference(content: bytes, other: bytes) -> str:
    """What is different between the pixels of two files; "" if nothing is."""
    for number, (one, two) in enumerate(zip(stored(content), stored(other), strict=True), 1):
        if one[1] != two[1]:
            return f"frame {number} is {two[1]} and was {one[1]}"
        if not np.array_equal(one[0], two[0], equal_nan=one[0].dtype.kind == "f"):
            return f"frame {number} has other values"
    return ""
