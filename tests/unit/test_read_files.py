"""Every file of pydicom and pydicom-data, read as for a client."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image

from imaging.answers.options import ReadOptions
from imaging.dataset.dicom_file import parse
from imaging.pixels.frames import open_frames
from problems import Invalid
from tests.dicom_files import all_files, file_bytes
from tests.read_answer import read

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")  # warns about files that are broken on purpose

# A stray byte before its first element leaves no way to find the beginning.
NOT_DICOM = {"no_meta.dcm"}
# Its only stream has a broken size, and no decoder reads it.
UNDECODABLE = {"JPEG2000-embedded-sequence-delimiter.dcm"}
# They have pixel data, but no Rows and Columns.
WITHOUT_SIZE = {"meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm"}
# Its fragments have no end marker, so pydicom gives no pixel data at all.
UNREAD_BY_PYDICOM = {"emri_small_jpeg_2k_lossless_too_short.dcm": 10}
# Broken so that pydicom gives up.
NOT_FOR_PYDICOM = {"badVR.dcm", "MR_truncated.dcm", "nested_priv_SQ.dcm"}

TWINS = [  # compressed without loss, and the same pictures uncompressed
    ("693_J2KR.dcm", "693_UNCR.dcm"),
    ("MR2_J2KR.dcm", "MR2_UNCR.dcm"),
    ("RG1_J2KR.dcm", "RG1_UNCR.dcm"),
    ("RG3_J2KR.dcm", "RG3_UNCR.dcm"),
    ("US1_J2KR.dcm", "US1_UNCR.dcm"),
    ("MR_small_RLE.dcm", "MR_small.dcm"),
    ("MR_small_jp2klossless.dcm", "MR_small.dcm"),
    ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
    ("MR_small_bigendian.dcm", "MR_small.dcm"),
    ("MR_small_implicit.dcm", "MR_small.dcm"),
    ("emri_small_RLE.dcm", "emri_small.dcm"),
    ("emri_small_jpeg_2k_lossless.dcm", "emri_small.dcm"),
    ("emri_small_jpeg_ls_lossless.dcm", "emri_small.dcm"),
    ("emri_small_big_endian.dcm", "emri_small.dcm"),
    ("OBXXXX1A_rle.dcm", "OBXXXX1A.dcm"),
    ("OBXXXX1A_rle_2frame.dcm", "OBXXXX1A_2frame.dcm"),
    ("OBXXXX1A_expb.dcm", "OBXXXX1A.dcm"),
    ("SC_rgb_rle.dcm", "SC_rgb.dcm"),
    ("SC_rgb_rle_2frame.dcm", "SC_rgb_2frame.dcm"),
    ("SC_rgb_rle_16bit.dcm", "SC_rgb_16bit.dcm"),
    ("SC_rgb_rle_32bit_2frame.dcm", "SC_rgb_32bit_2frame.dcm"),
    ("SC_rgb_expb_32bit.dcm", "SC_rgb_32bit.dcm"),
    ("rtdose_rle.dcm", "rtdose.dcm"),
    ("gdcm-US-ALOKA-16_big.dcm", "gdcm-US-ALOKA-16.dcm"),
    ("SC_rgb_gdcm_KY.dcm", "SC_rgb_gdcm2k_uncompressed.dcm"),
    ("color-pl.dcm", "color-px.dcm"),
]


@pytest.mark.parametrize("path", all_files(), ids=lambda path: path.name)
def test_reads(path: Path) -> None:
    content = path.read_bytes()
    if path.name in NOT_DICOM:
        with pytest.raises(Invalid):
            read(path.name, content, ReadOptions())
        return
    answer = read(path.name, content, ReadOptions())
    dataset = pydicom.dcmread(path, force=True)
    assert list(answer)[-1] in ("Images", "Warnings")
    assert answer["ImageFormat"] == "PNG"
    missing = {element.keyword for element in dataset if element.keyword} - set(answer)
    assert not missing
    expected = _expected_frames(dataset, path.name)
    assert len(answer["Images"]) == expected
    for image in answer["Images"]:
        if path.name in UNDECODABLE:
            assert image == ""
            assert "Frame 1" in answer["Warnings"][0]
        else:
            size = Image.open(BytesIO(base64.b64decode(image))).size
            assert size == (int(answer["Columns"]), int(answer["Rows"]))


def _expected_frames(dataset: pydicom.Dataset, name: str) -> int:
    if name in UNREAD_BY_PYDICOM:
        return UNREAD_BY_PYDICOM[name]
    if name in WITHOUT_SIZE or "PixelData" not in dataset:
        return 0
    try:
        return int(dataset.get("NumberOfFrames") or 1)
    except ValueError:
        return 1


@pytest.mark.parametrize(("compressed", "twin"), TWINS)
def test_twins_are_alike(compressed: str, twin: str) -> None:
    assert _pictures(compressed) == _pictures(twin)


def _pictures(name: str) -> list[bytes]:
    images = read(name, file_bytes(name), ReadOptions())["Images"]
    return [Image.open(BytesIO(base64.b64decode(image))).tobytes() for image in images]


@pytest.mark.parametrize("path", all_files(), ids=lambda path: path.name)
def test_uncompressed_values_are_those_that_pydicom_sees(path: Path) -> None:
    dataset = pydicom.dcmread(path, force=True)
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if "PixelData" not in dataset or syntax is None or syntax.is_encapsulated or path.name in NOT_FOR_PYDICOM:
        return
    if not dataset.PhotometricInterpretation.startswith("YBR"):  # pydicom converts it to RGB
        assert np.array_equal(_stored(path.read_bytes()), dataset.pixel_array)


def _stored(content: bytes) -> NDArray[Any]:
    frames = open_frames(parse(content))
    assert frames is not None
    samples = [frames.frame(index).samples for index in range(frames.count)]
    return np.stack(samples) if len(samples) > 1 else samples[0]
