"""The program that a developer would write in a weekend: pydicom, Pillow and json, used as in their manuals.

It has every decoder that pydicom supports, and uses the fastest for each transfer syntax. It runs in a process of its
own (served.py), as pydicom imports every decoder that is installed.
"""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import iter_pixels

# Which of pydicom's decoders is the fastest here, where there are several (measured with pydicom 3.0.2).
PLUGINS = {
    "1.2.840.10008.1.2.5": "pylibjpeg",
    "1.2.840.10008.1.2.4.50": "pillow",
    "1.2.840.10008.1.2.4.51": "pylibjpeg",
    "1.2.840.10008.1.2.4.57": "gdcm",
    "1.2.840.10008.1.2.4.70": "gdcm",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.4.201": "pylibjpeg",
}


def read(content: bytes) -> Callable[[], bytes]:
    return lambda: _read(content)


def _read(content: bytes) -> bytes:
    """The same answer as ours: metadata and a PNG a frame, as JSON."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    answer: dict[str, Any] = {element.keyword: _text(element.value) for element in dataset}
    answer["ImageFormat"] = "PNG"
    answer["Images"] = []
    for frame in iter_pixels(dataset, decoding_plugin=PLUGINS.get(dataset.file_meta.TransferSyntaxUID, "")):
        file = io.BytesIO()
        Image.fromarray(_shown(frame, dataset)).save(file, "PNG")
        answer["Images"].append(base64.b64encode(file.getvalue()).decode())
    return json.dumps(answer).encode()


def _text(value: Any) -> str:
    return f"{value[:20]!r}....." if isinstance(value, bytes) else str(value)


def _shown(frame: np.ndarray[Any, Any], dataset: pydicom.Dataset) -> np.ndarray[Any, Any]:
    """A frame as 8-bit grey or RGB; a grey one without a window from its darkest to its brightest value."""
    if frame.ndim == 3:
        return frame
    values = apply_voi_lut(apply_modality_lut(frame, dataset), dataset)
    if "WindowCenter" in dataset:  # 0 to the largest that the bits stored can be: pydicom's scale of what it windows
        low, high = _output_range(dataset)
    else:
        low, high = values.min(), values.max()
    return np.floor((values - low) / ((high - low) or 1) * 255 + 0.5).astype(np.uint8)


def _output_range(dataset: pydicom.Dataset) -> tuple[float, float]:
    slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    return intercept, (2**dataset.BitsStored - 1) * slope + intercept


def answer(written: bytes) -> bytes:
    return written


def facts(_: bytes) -> dict[str, Any]:
    return {}
