"""The real DICOM files that tests read, and functions that make small ones."""

from collections.abc import Iterable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit


def all_files() -> list[Path]:
    """Every DICOM file of pydicom and pydicom-data."""
    folders = []
    for package, folder in (("pydicom", "data/test_files"), ("pydicom", "data/charset_files"), ("data_store", "data")):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        folders.append(Path(spec.origin).parent / folder)
    return sorted(path for folder in folders for path in folder.glob("*.dcm"))


def file_bytes(name: str) -> bytes:
    """The content of one of these files."""
    (path,) = (path for path in all_files() if path.name == name)
    return path.read_bytes()


def picture_file(
    pixels: NDArray[Any],
    *,
    transfer_syntax: str = ExplicitVRLittleEndian,
    elements: Iterable[DataElement] = (),
    **attributes: Any,
) -> bytes:
    """A file of one frame with these stored values, (rows, columns) or (rows, columns, 3), and these attributes.

    `elements` are for attributes without a keyword.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = transfer_syntax
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else pixels.shape[2]
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = pixels.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    for element in elements:
        dataset.add(element)
    return written(dataset)


def float_picture_file(values: NDArray[Any], **attributes: Any) -> bytes:
    """A file with Float or Double Float Pixel Data (PS3.3 C.7.6.24, C.7.6.25)."""
    kind, tag, vr = ("u4", b"\x08", b"OF") if values.itemsize == 4 else ("u8", b"\x09", b"OD")
    content = picture_file(values.view(kind), **attributes)
    head = b"\xe0\x7f\x10\x00OW"
    assert content.count(head) == 1
    return content.replace(head, b"\xe0\x7f" + tag + b"\x00" + vr)


def encapsulated_file(pixels: NDArray[Any], streams: list[bytes], transfer_syntax: str, **attributes: Any) -> bytes:
    """A file with these compressed streams as its frames. `pixels` is one frame, decompressed."""
    if streams:
        attributes = {"PixelData": encapsulate([bytes(stream) for stream in streams]), **attributes}
    content = picture_file(pixels, transfer_syntax=JPEGBaseline8Bit, **attributes)
    # pydicom refuses transfer syntaxes that it does not know, so the UID is replaced afterwards.
    known, wanted = (uid.encode() + b"\0" * (len(uid) % 2) for uid in (JPEGBaseline8Bit, transfer_syntax))
    element = b"\x02\x00\x10\x00UI"
    return content.replace(
        element + len(known).to_bytes(2, "little") + known, element + len(wanted).to_bytes(2, "little") + wanted
    )


def written(dataset: Dataset) -> bytes:
    """The bytes of a file with this data set and its file meta."""
    file = BytesIO()
    dataset["PixelData"].is_undefined_length = dataset.file_meta.TransferSyntaxUID.is_encapsulated
    if len(dataset.PixelData) % 2:
        dataset.PixelData += b"\0"
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
