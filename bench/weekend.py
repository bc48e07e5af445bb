"""The program that a developer would write on a weekend: pydicom, Pillow and json, as their manuals show it."""

import base64
import io
import json

import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import iter_pixels


def read(content: bytes) -> bytes:
    """The same answer as ours: metadata and a PNG a frame, as JSON."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    answer = {element.keyword: str(element.value) for element in dataset if element.keyword != "PixelData"}
    answer["ImageFormat"] = "PNG"
    images = []
    for frame in iter_pixels(dataset):
        if frame.ndim == 2:
            windowed = apply_voi_lut(apply_modality_lut(frame, dataset), dataset).astype(float)
            low, high = windowed.min(), windowed.max()
            shown = ((windowed - low) / ((high - low) or 1) * 255).round().astype(np.uint8)
        else:
            shown = frame
        file = io.BytesIO()
        Image.fromarray(shown).save(file, "PNG")
        images.append(base64.b64encode(file.getvalue()).decode())
    return json.dumps({**answer, "Images": images}).encode()
