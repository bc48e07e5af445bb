"""Frames of colour to 8-bit RGB (PS3.3 C.7.6.3.1.2, C.7.9)."""

import numpy as np
from numpy.typing import NDArray

from imaging.dicom_file import DicomFile
from imaging.frames import Frame
from imaging.image_pixel import ImagePixel
from imaging.lookup_table import LookupTable, palette_table

# YBR_RCT and YBR_ICT are RGB once they are decompressed (PS3.5 8.2.4). A stream of three samples is RGB where the data
# set speaks of one.
SHOWN = ("RGB", "YBR_", "MONOCHROME", "PALETTE")

# Y, Cb, Cr to R, G, B: the inverse of the matrices of PS3.3 C.7.6.3.1.2. FULL uses all 256 levels, PARTIAL 16 to 235.
YBR_TO_RGB = {
    "YBR_FULL": (1.0, 0.0, np.array([[0, 1.402], [-0.344136, -0.714136], [1.772, 0]])),
    "YBR_PARTIAL": (255 / 219, 16.0, np.array([[0, 1.402], [-0.344136, -0.714136], [1.772, 0]]) * 255 / 224),
}


def render(image: ImagePixel, frame: Frame) -> NDArray[np.uint8]:
    """The frame, (rows, columns, 3) of stored values, as (rows, columns, 3) of 8-bit RGB.

    Raises ValueError for colours that the standard has given up (HSV, ARGB, CMYK).
    """
    if frame.samples.shape[2] != 3 or not frame.photometric.startswith(SHOWN):
        raise ValueError(f"its colours ({frame.photometric}, {frame.samples.shape[2]} samples) are not supported")
    samples = _eight_bits(frame.samples, image.bits_stored)
    for kind in YBR_TO_RGB:
        if frame.photometric.startswith(kind):
            return _ybr_to_rgb(samples, kind)
    return np.ascontiguousarray(samples)


def render_palette(file: DicomFile, image: ImagePixel, frame: Frame) -> NDArray[np.uint8]:
    """The frame, (rows, columns) of palette indices, as (rows, columns, 3) of 8-bit RGB.

    Raises ValueError without a palette.
    """
    channels = []
    for name in ("Red", "Green", "Blue"):
        table = palette_table(file.dataset, name, signed_input=image.signed, little_endian=file.little_endian)
        if table is None:
            raise ValueError("its palette is missing or broken")
        channels.append(_palette_bytes(table)[_indices(table, frame.samples)])
    return np.stack(channels, axis=-1)


def _indices(table: LookupTable, samples: NDArray[np.generic]) -> NDArray[np.int64]:
    return np.clip(samples.astype(np.int64) - table.first, 0, len(table.entries) - 1)


def _palette_bytes(table: LookupTable) -> NDArray[np.uint8]:
    """Entries of 16 bits by their upper byte; those of 8 bits as they are (PS3.3 C.7.6.3.1.5)."""
    if table.bits > 8 and table.entries.max() > 255:
        return (table.entries >> 8).astype(np.uint8)
    return table.entries.astype(np.uint8)


def _eight_bits(samples: NDArray[np.generic], bits: int) -> NDArray[np.uint8]:
    if samples.dtype == np.uint8 and bits == 8:
        return samples.astype(np.uint8, copy=False)
    top = (1 << bits) - 1
    return np.floor(np.clip(samples.astype(np.float64), 0, top) * (255 / top) + 0.5).astype(np.uint8)


def _ybr_to_rgb(samples: NDArray[np.uint8], kind: str) -> NDArray[np.uint8]:
    scale, black, matrix = YBR_TO_RGB[kind]
    luma = (samples[:, :, :1].astype(np.float32) - black) * scale
    chroma = samples[:, :, 1:].astype(np.float32) - 128
    rgb: NDArray[np.uint8] = np.floor(np.clip(luma + chroma @ matrix.T.astype(np.float32), 0, 255) + 0.5).astype(
        np.uint8
    )
    return rgb
