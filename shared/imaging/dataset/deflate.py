"""Deflated data as DICOM has it: RFC 1951, without the header of a zlib stream (PS3.5 A.5, A.4.14)."""

import zlib

from problems import Unusable


class Oversized(Unusable):
    """The stream inflates to more bytes than allowed."""


def inflate(deflated: bytes | memoryview, most: int) -> bytes:
    """Inflates a stream, as far as it goes. Raises Unusable if it is broken, and Oversized beyond `most` bytes."""
    inflator = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflator.decompress(deflated, most)
    except zlib.error:
        raise Unusable("its deflated stream is broken") from None
    if inflator.unconsumed_tail and inflator.decompress(inflator.unconsumed_tail, 1):
        raise Oversized(f"its deflated stream grows beyond {most} bytes")
    return inflated
