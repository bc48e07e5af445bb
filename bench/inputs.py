"""The files that are measured, made here: the shapes that scanners make, with noise as scanners have it."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

Encoder = Callable[[NDArray[Any]], Any]

LOSSLESS_JPEG = partial(imagecodecs.jpeg8_encode, lossless=True, predictor=1)


def inputs() -> dict[str, bytes]:
    """DICOM files by a name that says what they are."""
    ct, mammogram = _ct(), _mammogram()
    film = [_ultrasound(index) for index in range(60)]
    angiogram = [_angiogram(index) for index in range(96)]
    return {
        "CT 512x512, uncompressed": _file([ct], 16, ExplicitVRLittleEndian, None),
        "CT 512x512, JPEG lossless": _file([ct], 12, JPEGLosslessSV1, partial(LOSSLESS_JPEG, bitspersample=12)),
        "CT 512x512, JPEG-LS": _file([ct], 12, JPEGLSLossless, imagecodecs.jpegls_encode),
        "CT 512x512, JPEG 2000": _file([ct], 12, JPEG2000Lossless, partial(imagecodecs.jpeg2k_encode, reversible=True)),
        "CT 512x512, HTJ2K": _file([ct], 12, HTJ2KLossless, partial(imagecodecs.htj2k_encode, reversible=True)),
        "Mammogram 4096x3072, uncompressed": _file([mammogram], 12, ExplicitVRLittleEndian, None),
        "Mammogram 4096x3072, JPEG lossless": _file(
            [mammogram], 12, JPEGLosslessSV1, partial(LOSSLESS_JPEG, bitspersample=12)
        ),
        "Angiogram 96 x 512x512, JPEG lossless": _file(angiogram, 8, JPEGLosslessSV1, LOSSLESS_JPEG),
        "Ultrasound 60 x 640x480, JPEG": _file(
            film, 8, JPEGBaseline8Bit, partial(imagecodecs.jpeg8_encode, level=90, subsampling="422")
        ),
    }


def _ct() -> NDArray[Any]:
    y, x = np.mgrid[:512, :512]
    body = np.hypot((x - 256) / 200, (y - 256) / 150) < 1
    tissue = 1064 + 40 * np.sin(x / 17) * np.cos(y / 23) + _noise((512, 512), 12, 1)
    return np.where(body, tissue, 24 + _noise((512, 512), 8, 2)).clip(0, 4095).astype(np.uint16)


def _mammogram() -> NDArray[Any]:
    y, x = np.mgrid[:4096, :3072]
    breast = np.hypot(x / 2100, (y - 2048) / 1900) < 1
    tissue = 1800 + 500 * np.sin(x / 211) * np.cos(y / 173) + _noise((4096, 3072), 15, 3)
    return np.where(breast, tissue, 0).clip(0, 4095).astype(np.uint16)


def _angiogram(index: int) -> NDArray[Any]:
    y, x = np.mgrid[:512, :512]
    vessel = np.abs(y - 256 - 90 * np.sin(x / 60 + index / 12)) < 9
    shadow: NDArray[Any] = 150 + 30 * np.cos(x / 140) - 70 * vessel + _noise((512, 512), 2, index)
    return shadow.clip(0, 255).astype(np.uint8)


def _ultrasound(index: int) -> NDArray[Any]:
    y, x = np.mgrid[:480, :640]
    fan = (np.abs(x - 320) < y * 0.7) & (np.hypot(x - 320, y) < 460)
    speckle: NDArray[Any] = fan * (60 + 40 * np.sin(y / 30 + index / 5) + _noise((480, 640), 18, index))
    grey = speckle.clip(0, 255).astype(np.uint8)
    picture = np.stack([grey, grey, grey], axis=-1)
    picture[20:40, 20:200] = (200, 60, 30)
    return picture


def _noise(shape: tuple[int, int], deviation: float, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, deviation, shape)


def _file(frames: list[NDArray[Any]], bits: int, transfer_syntax: UID, encoder: Encoder | None) -> bytes:
    first = frames[0]
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = transfer_syntax
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    dataset.PatientName, dataset.PatientID, dataset.StudyDate, dataset.Modality = "Bench^Mark", "1", "20250105", "OT"
    dataset.Rows, dataset.Columns = first.shape[:2]
    dataset.SamplesPerPixel = 1 if first.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if first.ndim == 2 else "YBR_FULL_422"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = first.dtype.itemsize * 8
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits - 1, 0
    dataset.NumberOfFrames = len(frames)
    if bits > 8:
        dataset.WindowCenter, dataset.WindowWidth = 1064, 400
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    if encoder:
        dataset.PixelData = encapsulate([bytes(encoder(frame)) for frame in frames])
    else:
        dataset.PixelData = b"".join(frame.tobytes() for frame in frames)
    dataset["PixelData"].is_undefined_length = encoder is not None
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
