"""A file generated from a picture alone is a complete Secondary Capture Image."""

import re
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from imaging.secondary_capture import generate
from imaging.secondary_capture.iod import TYPE_2
from problems import Invalid


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def stored(image: Image.Image, **attributes: str) -> Dataset:
    return dcmread(BytesIO(generate([png(image)], attributes)))


GRAY = Image.fromarray(np.arange(15, dtype=np.uint8).reshape(3, 5))
GRAY_16 = Image.fromarray(np.arange(15, dtype=np.uint16).reshape(3, 5) * 4000)
COLOUR = Image.fromarray(np.arange(45, dtype=np.uint8).reshape(3, 5, 3))


def test_a_picture_is_enough() -> None:
    dataset = stored(GRAY)
    assert dataset.SOPClassUID == SecondaryCaptureImageStorage
    assert dataset.Modality == "OT"
    assert dataset.ConversionType == "WSD"
    assert dataset.ImageType == ["DERIVED", "SECONDARY"]
    assert all(dataset[keyword].is_empty for keyword in TYPE_2)
    assert "SpecificCharacterSet" not in dataset
    assert "LossyImageCompression" not in dataset


def test_file_meta_information() -> None:
    file = generate([png(GRAY)], {})
    assert file[128:132] == b"DICM"
    dataset = dcmread(BytesIO(file))
    assert dataset.file_meta.MediaStorageSOPClassUID == SecondaryCaptureImageStorage
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert dataset.file_meta.ImplementationClassUID.startswith("2.25.")
    assert dataset.file_meta.FileMetaInformationVersion == b"\0\1"


def test_uids_are_new_each_time() -> None:
    uids = [
        stored(GRAY)[keyword].value
        for _ in range(2)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    ]
    assert len(set(uids)) == 6
    assert all(re.fullmatch(r"2\.25\.[1-9][0-9]*", uid) and len(uid) <= 64 for uid in uids)


def test_uids_that_are_given_are_kept() -> None:
    dataset = stored(GRAY, StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.4", SOPInstanceUID="1.2.5")
    assert (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID) == ("1.2.3", "1.2.4", "1.2.5")
    assert dataset.file_meta.MediaStorageSOPInstanceUID == "1.2.5"


@pytest.mark.parametrize(
    ("image", "photometric", "samples", "bits"),
    [(GRAY, "MONOCHROME2", 1, 8), (GRAY_16, "MONOCHROME2", 1, 16), (COLOUR, "RGB", 3, 8)],
)
def test_image_pixel_module(image: Image.Image, photometric: str, samples: int, bits: int) -> None:
    dataset = stored(image)
    assert (dataset.Rows, dataset.Columns) == (3, 5)
    assert dataset.PhotometricInterpretation == photometric
    assert dataset.SamplesPerPixel == samples
    assert (dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit) == (bits, bits, bits - 1)
    assert dataset.PixelRepresentation == 0
    assert dataset.get("PlanarConfiguration") == (0 if samples == 3 else None)
    vr = dataset["PixelData"].VR
    assert vr == ("OB" if bits == 8 else "OW")
    np.testing.assert_array_equal(dataset.pixel_array, np.asarray(image))


def test_pixel_data_has_an_even_length() -> None:
    dataset = stored(GRAY)
    assert len(dataset.PixelData) == 16
    assert dataset.PixelData[-1] == 0


@pytest.mark.parametrize("image", [GRAY, GRAY_16])
def test_the_window_shows_each_value_as_it_is(image: Image.Image) -> None:
    """The window by PS3.3 C.11.2.1.2.1, with the range of the stored values as its output range."""
    dataset = stored(image)
    center, width, most = float(dataset.WindowCenter), float(dataset.WindowWidth), 2**dataset.BitsStored - 1
    values = np.arange(most + 1)
    shown = ((values - (center - 0.5)) / (width - 1) + 0.5) * most
    np.testing.assert_allclose(shown, values, atol=1e-6)


def test_colour_and_rescaled_values_have_no_window_of_ours() -> None:
    assert "WindowCenter" not in stored(COLOUR)
    assert "WindowCenter" not in stored(GRAY, RescaleSlope="2", RescaleIntercept="-1024")


def test_a_window_that_is_given_is_kept() -> None:
    dataset = stored(GRAY, WindowCenter="40", WindowWidth="400")
    assert (dataset.WindowCenter, dataset.WindowWidth) == (40, 400)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"BM", b"\x89PNG", b"\xff\xd8", b"<svg/>", b"RIFF\0\0\0\0WEBP", bytes(200)]
)
def test_neither_png_nor_jpeg(content: bytes) -> None:
    with pytest.raises(Invalid, match="PNG or JPEG") as refused:
        generate([content], {})
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["image"]


def test_importing_it_loads_no_codec_but_pillow() -> None:
    loaded = "import sys, imaging.secondary_capture; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", loaded], env={"PYTHONPATH": "shared"}, capture_output=True, check=True)
    assert b"imagecodecs" not in run.stdout.split()
