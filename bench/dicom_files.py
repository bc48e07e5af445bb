"""DICOM files of pictures, as scanners write them."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit

from bench.encoders import Syntax


class Scanner(NamedTuple):
    """What the scanner writes. `window` is centre and width, in values after the intercept."""

    modality: str
    sop_class: UID
    bits: int
    window: tuple[int, int] | None
    intercept: int = 0


CT = Scanner("CT", UID("1.2.840.10008.5.1.4.1.1.2"), 12, (40, 400), -1024)
MAMMOGRAPHY = Scanner("MG", UID("1.2.840.10008.5.1.4.1.1.1.2"), 12, (2000, 2600))
ANGIOGRAPHY = Scanner("XA", UID("1.2.840.10008.5.1.4.1.1.12.1"), 8, None)
ULTRASOUND = Scanner("US", UID("1.2.840.10008.5.1.4.1.1.3.1"), 8, None)


def dicom_file(scanner: Scanner, frames: Sequence[NDArray[Any]], syntax: Syntax) -> bytes:
    """A file with a scanner's usual attributes and those of its pixels."""
    first = frames[0]
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.preamble = bytes(128)
    dataset.file_meta.FileMetaInformationGroupLength = 0  # until it is written
    dataset.file_meta.FileMetaInformationVersion = b"\0\1"
    dataset.file_meta.MediaStorageSOPClassUID = scanner.sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("2.25.3")
    dataset.file_meta.TransferSyntaxUID = syntax.uid
    dataset.file_meta.ImplementationClassUID = UID("2.25.4")
    dataset.SOPClassUID = scanner.sop_class
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "2.25.3", "2.25.1", "2.25.2"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex, dataset.PatientBirthDate = "Bench^Mark", "1", "O", ""
    dataset.StudyDate, dataset.StudyTime, dataset.AccessionNumber = "20250105", "120000", "4711"
    dataset.Modality, dataset.Manufacturer, dataset.StudyDescription = scanner.modality, "None", "Routine"
    dataset.SeriesNumber, dataset.InstanceNumber, dataset.KVP = 1, 1, "120"
    dataset.ImageType, dataset.PixelSpacing = ["ORIGINAL", "PRIMARY", "AXIAL"], [0.7, 0.7]
    dataset.Rows, dataset.Columns = first.shape[:2]
    dataset.SamplesPerPixel = 1 if first.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if first.ndim == 2 else "RGB"
    if first.ndim == 3:
        dataset.PlanarConfiguration = 0
        if syntax.uid == JPEGBaseline8Bit:
            dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.BitsAllocated = first.dtype.itemsize * 8
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = scanner.bits, scanner.bits - 1, 0
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
        dataset.FrameTime = "33.3"
    if scanner.window:
        dataset.WindowCenter, dataset.WindowWidth = scanner.window
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, scanner.intercept
    dataset.PixelData = _pixel_data(frames, scanner.bits, syntax)
    dataset["PixelData"].VR = "OW" if scanner.bits > 8 and not syntax.encode else "OB"
    dataset["PixelData"].is_undefined_length = syntax.encode is not None
    file = BytesIO()
    # By force, as pydicom does not know JPEG XL.
    implicit, little_endian = syntax.uid == ImplicitVRLittleEndian, syntax.uid != ExplicitVRBigEndian
    pydicom.dcmwrite(file, dataset, implicit_vr=implicit, little_endian=little_endian, force_encoding=True)
    return file.getvalue()


def _pixel_data(frames: Sequence[NDArray[Any]], bits: int, syntax: Syntax) -> bytes:
    if syntax.encode:
        return encapsulate([bytes(syntax.encode(frame, bits)) for frame in frames])
    swapped = syntax.uid == ExplicitVRBigEndian
    return b"".join((frame.byteswap() if swapped else frame).tobytes() for frame in frames)
