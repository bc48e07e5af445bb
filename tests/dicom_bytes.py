"""Data sets encoded by hand (PS3.5 7.1), valid or not: libraries refuse to write invalid ones."""

import struct

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
UNDEFINED = 0xFFFFFFFF
LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")


def element(tag: int, vr: str, value: bytes = b"", length: int | None = None) -> bytes:
    """An element in Explicit VR Little Endian. `length` replaces the length of the value."""
    length = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    return head + struct.pack("<xxL" if vr in LONG else "<H", length) + value


def implicit(tag: int, value: bytes = b"", length: int | None = None) -> bytes:
    """An element, item or delimiter in Implicit VR Little Endian."""
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def item(content: bytes, length: int | None = None) -> bytes:
    return implicit(0xFFFEE000, content, length)


ITEM_END, SEQUENCE_END = implicit(0xFFFEE00D), implicit(0xFFFEE0DD)


def file_of(*elements: bytes, syntax: str = EXPLICIT) -> bytes:
    """A Part 10 file with these elements. Its file meta has only the transfer syntax."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    return bytes(128) + b"DICM" + element(0x00020010, "UI", uid) + b"".join(elements)
