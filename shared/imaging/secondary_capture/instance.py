"""Pictures as a Secondary Capture Image: what its data set says (PS3.3 A.8)."""

import hmac
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID, SecondaryCaptureImageStorage

import tally
from imaging.secondary_capture import iod, multi_frame
from imaging.secondary_capture.attributes import to_dataset
from imaging.secondary_capture.encoding import COMPRESSIONS, encode
from imaging.secondary_capture.file import dicom_file
from imaging.secondary_capture.frames import decode_alike
from imaging.secondary_capture.picture import Picture
from problems import Invalid, not_valid


@tally.stage("Generate")
def generate(
    images: Sequence[bytes], attributes: Mapping[str, str], compression: str = "none", seed: bytes = b""
) -> bytes:
    """A DICOM Part 10 file of `images`, PNG or JPEG files. Several become the frames of one image, in order.

    `attributes` are values as text by keyword; `compression` is a name in COMPRESSIONS. UIDs that are not given are
    derived from `seed`, random bytes, so that the same call gives the same file. Without a seed they are new each time.

    Raises Invalid with what is wrong in `fields`, by keyword, "image" or "compression"; TooLarge for more pixels than
    there is memory for.
    """
    dataset = check(attributes, compression)
    pictures = decode_alike(images)
    tally.add("Frames", len(pictures))
    _complete(dataset, seed or secrets.token_bytes(32))
    _describe(dataset, pictures)
    if len(pictures) > 1:
        multi_frame.complete(dataset, len(pictures))
    encoded = encode(pictures, compression)
    dataset.PhotometricInterpretation = encoded.photometric
    if not all(text.isascii() for text in attributes.values()):
        dataset.SpecificCharacterSet = "ISO_IR 192"  # else the default repertoire (PS3.3 C.12.1.1.2)
    return dicom_file(dataset, encoded)


def check(attributes: Mapping[str, str], compression: str) -> Dataset:
    """The data set of the attributes alone. Raises Invalid for what `generate` would refuse without seeing an image."""
    if compression not in COMPRESSIONS:
        why = f"Use one of {', '.join(COMPRESSIONS)}."
        raise not_valid("compression", why)
    return to_dataset(attributes)


def _complete(dataset: Dataset, seed: bytes) -> None:
    """Adds what the IOD requires beside the given attributes: new UIDs, and empty Type 2 elements."""
    defaults: dict[str, Any] = {
        "SOPClassUID": SecondaryCaptureImageStorage,
        "SOPInstanceUID": _new_uid(seed, "SOPInstanceUID"),
        "StudyInstanceUID": _new_uid(seed, "StudyInstanceUID"),
        "SeriesInstanceUID": _new_uid(seed, "SeriesInstanceUID"),
        "Modality": "OT",
        "ConversionType": "WSD",
        "ImageType": ["DERIVED", "SECONDARY"],
        **dict.fromkeys(iod.TYPE_2),
    }
    if dataset.get("BodyPartExamined") not in iod.UNPAIRED and not any(k in dataset for k in iod.OTHER_LATERALITIES):
        defaults["Laterality"] = None  # Type 2C, and unknown (PS3.3 C.7.3.1)
    for keyword, filled_in in iod.FILLED_IN.items():
        if keyword in dataset:
            defaults |= filled_in
    for keyword, value in defaults.items():
        if keyword not in dataset:
            setattr(dataset, keyword, value)


def _new_uid(seed: bytes, keyword: str) -> UID:
    """A UUID as a UID (PS3.5 B.2)."""
    made = uuid.UUID(bytes=hmac.digest(seed, keyword.encode(), "sha256")[:16], version=4)
    return UID(f"2.25.{made.int}")


def _describe(dataset: Dataset, pictures: Sequence[Picture]) -> None:
    """Adds what the pictures decide: Image Pixel (PS3.3 C.7.6.3), earlier lossy compression, and a full window."""
    pixels = pictures[0].pixels
    bits = pixels.dtype.itemsize * 8
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
        if profile := _icc_profile(pictures):
            dataset.ICCProfile = profile
    elif "WindowWidth" not in dataset and "RescaleSlope" not in dataset:  # a rescale gives the values another range
        dataset.WindowCenter, dataset.WindowWidth = str(2 ** (bits - 1)), str(2**bits)  # C.11.2.1.2.1
    lossy = [picture for picture in pictures if picture.jpeg]
    if lossy:  # C.7.6.1.1.5
        ratio = pixels.nbytes * len(lossy) / sum(len(picture.file) for picture in lossy)
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionRatio = f"{ratio:.4g}"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"


def _icc_profile(pictures: Sequence[Picture]) -> bytes | None:
    """The profile that all pictures share; a file has room for one only (C.11.15)."""
    for number, picture in enumerate(pictures, 1):
        if picture.icc_profile != pictures[0].icc_profile:
            why = f"Image {number} has another ICC profile than the first; save the images with one, or without."
            raise Invalid(why, fields={"image": why})
    return pictures[0].icc_profile
