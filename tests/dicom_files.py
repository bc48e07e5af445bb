"""The real DICOM files that tests read, and small ones of their own making."""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian


def all_files() -> list[Path]:
    """Every DICOM file of both packages."""
    folders = []
    for package, folder in (("pydicom", "data/test_files"), ("pydicom", "data/charset_files"), ("data_store", "data")):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        folders.append(Path(spec.origin).parent / folder)
    return sorted(path for folder in folders for path in folder.glob("*.dcm"))


def file_bytes(name: str) -> bytes:
    """The content of one of them."""
    (path,) = (path for path in all_files() if path.name == name)
    return path.read_bytes()


def picture_file(pixels: NDArray[Any], *, transfer_syntax: str = ExplicitVRLittleEndian, **attributes: Any) -> bytes:
    """A file with these stored values, (rows, columns) or (rows, columns, 3) of one frame, and these attributes."""
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
    return written(dataset)


def written(dataset: Dataset) -> bytes:
    """A data set, which has its file meta, as a file."""
    file = BytesIO()
    if len(dataset.get("PixelData") or b"") % 2:
        dataset.PixelData += b"\0"
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
