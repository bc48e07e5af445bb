"""A data set and its pixel data to a DICOM Part 10 file (PS3.10 7)."""

import struct

from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from imaging.dataset.file_meta import file_start
from imaging.pixels.encoding import Encoded

_PIXEL_DATA = (0x7FE0, 0x0010)
_UNDEFINED_LENGTH = 0xFFFFFFFF
_SEQUENCE_DELIMITATION_ITEM = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def dicom_file(dataset: Dataset, encoded: Encoded) -> bytes:
    """The file of `dataset`, which is complete but for its pixel data."""
    file = DicomBytesIO(initial_bytes=b"")
    file.is_implicit_VR, file.is_little_endian = False, True
    file.write(file_start(dataset.SOPClassUID, dataset.SOPInstanceUID, encoded.transfer_syntax))
    write_dataset(file, dataset)
    # pydicom's writer would copy the pixel data three times. No attribute that text can give comes after it.
    return b"".join((file.getvalue(), *_pixel_data(encoded, dataset.BitsAllocated)))


def _pixel_data(encoded: Encoded, bits: int) -> list[bytes | memoryview]:
    """The parts of the element (PS3.5 7.1.2, A.2, A.4)."""
    compressed = encoded.transfer_syntax.is_compressed
    length = sum(memoryview(part).nbytes for part in encoded.pixel_data)
    vr = b"OB" if compressed or bits == 8 else b"OW"
    header = struct.pack("<HH2s2xL", *_PIXEL_DATA, vr, _UNDEFINED_LENGTH if compressed else length + length % 2)
    return [header, *encoded.pixel_data, _SEQUENCE_DELIMITATION_ITEM if compressed else bytes(length % 2)]
