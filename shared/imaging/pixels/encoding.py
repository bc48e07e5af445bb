"""Frames to the value of Pixel Data, in a transfer syntax (PS3.5 8, A): the counterpart of `frames`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from imaging.parallel import in_order
from imaging.pixels.codecs import codec_of


class Encoded(NamedTuple):
    """The value of Pixel Data, in parts, and what the rest of the file has to say of it."""

    transfer_syntax: UID
    photometric: str
    pixel_data: Sequence[bytes | memoryview]


def encode_frames(frames: Sequence[NDArray[Any]], transfer_syntax: UID) -> Encoded:
    """Encodes frames without loss: uint8 or uint16, (rows, columns) or (rows, columns, 3) RGB, all alike.

    The codec of the transfer syntax is native little endian, or has an encoder.
    """
    codec = codec_of(transfer_syntax)
    colour = frames[0].ndim == 3
    if codec is None or codec.encode is None:
        little_endian = frames[0].dtype.newbyteorder("<")
        native = [np.ascontiguousarray(frame, little_endian).data for frame in frames]
        return Encoded(transfer_syntax, "RGB" if colour else "MONOCHROME2", native)
    encode = codec.encode
    streams = in_order(lambda frame: encode(np.ascontiguousarray(frame)), frames)
    photometric = codec.encoded_colours if colour else "MONOCHROME2"
    return Encoded(transfer_syntax, photometric, [encapsulate([*streams])])
