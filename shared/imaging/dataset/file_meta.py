"""What stands before the data set of a DICOM file: the preamble and the file meta information (PS3.10 7.1)."""

import struct

IMPLEMENTATION_CLASS_UID = "2.25.274923280406133513338045872904810542222"  # a UUID of our own (PS3.5 B.2)
IMPLEMENTATION_VERSION_NAME = "DICOM_API_1"


def file_start(sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """An empty preamble, DICM, and the file meta information, which names this program as the file's writer."""
    elements = [
        _header(0x0001, b"OB", 2) + b"\0\1",
        _uid(0x0002, sop_class),
        _uid(0x0003, sop_instance),
        _uid(0x0010, transfer_syntax),
        _uid(0x0012, IMPLEMENTATION_CLASS_UID),
        _text(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME, b" "),
    ]
    length = struct.pack("<L", sum(map(len, elements)))
    return b"".join([bytes(128), b"DICM", _header(0x0000, b"UL", 4), length, *elements])


def _uid(number: int, uid: str) -> bytes:
    return _text(number, b"UI", uid, b"\0")


def _text(number: int, vr: bytes, text: str, padding: bytes) -> bytes:
    value = text.encode("ascii", "replace")
    value += padding * (len(value) % 2)
    return _header(number, vr, len(value)) + value


def _header(number: int, vr: bytes, length: int) -> bytes:
    """File meta information is in Explicit VR Little Endian, whatever the data set is in."""
    return struct.pack("<HH2s2xL" if vr == b"OB" else "<HH2sH", 0x0002, number, vr, length)
