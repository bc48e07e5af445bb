"""A picture as a Secondary Capture Image: the data set and its file (PS3.3 A.8.1, PS3.10 7)."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from imaging.secondary_capture import iod
from imaging.secondary_capture.attributes import to_dataset
from imaging.secondary_capture.picture import Picture, decode

IMPLEMENTATION_CLASS_UID = UID("2.25.274923280406133513338045872904810542222")  # a UUID of our own (PS3.5 B.2)
IMPLEMENTATION_VERSION_NAME = "DICOM_API_1"


def generate(picture: bytes, attributes: Mapping[str, str]) -> bytes:
    """A DICOM Part 10 file of `picture`, a PNG or JPEG file; `attributes` are values as text by keyword.

    Raises Invalid with what is wrong in `fields`, by keyword or "image"; TooLarge for more pixels than there is
    memory for.
    """
    dataset = to_dataset(attributes)
    _complete(dataset)
    _describe(dataset, decode(picture), len(picture))
    if not all(text.isascii() for text in attributes.values()):
        dataset.SpecificCharacterSet = "ISO_IR 192"  # else the default repertoire (PS3.3 C.12.1.1.2)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    dataset.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _complete(dataset: Dataset) -> None:
    """Adds what the IOD wants beside the attributes given: new UIDs, and Type 2 empty."""
    defaults: dict[str, Any] = {
        "SOPClassUID": SecondaryCaptureImageStorage,
        "SOPInstanceUID": generate_uid(prefix=None),
        "StudyInstanceUID": generate_uid(prefix=None),
        "SeriesInstanceUID": generate_uid(prefix=None),
        "Modality": "OT",
        "ConversionType": "WSD",
        "ImageType": ["DERIVED", "SECONDARY"],
        **dict.fromkeys(iod.TYPE_2),
    }
    if dataset.get("BodyPartExamined") not in iod.UNPAIRED and not any(k in dataset for k in iod.OTHER_LATERALITIES):
        defaults["Laterality"] = None  # Type 2C, and nobody says that it is known (PS3.3 C.7.3.1)
    for keyword, filled_in in iod.FILLED_IN.items():
        if keyword in dataset:
            defaults |= filled_in
    for keyword, value in defaults.items():
        if keyword not in dataset:
            setattr(dataset, keyword, value)


def _describe(dataset: Dataset, picture: Picture, compressed_size: int) -> None:
    """Adds what the picture decides: Image Pixel (PS3.3 C.7.6.3), its compression, a window that changes nothing."""
    pixels = picture.pixels
    bits = pixels.dtype.itemsize * 8
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    if pixels.ndim == 3:
        dataset.SamplesPerPixel = 3
        dataset.PhotometricInterpretation = "RGB"
        dataset.PlanarConfiguration = 0
    else:
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        if "WindowWidth" not in dataset and "RescaleSlope" not in dataset:  # a rescale gives the values another range
            dataset.WindowCenter, dataset.WindowWidth = str(2 ** (bits - 1)), str(2**bits)  # C.11.2.1.2.1
    if picture.lossy:  # C.7.6.1.1.5
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionRatio = f"{pixels.nbytes / compressed_size:.4g}"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"
    dataset.add_new("PixelData", "OB" if bits == 8 else "OW", pixels.astype(f"<u{bits // 8}", copy=False).tobytes())
