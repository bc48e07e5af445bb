"""Frames of colour to 8-bit RGB (PS3.3 C.7.6.3.1.2, C.7.9)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.dicom_file import DicomFile
from imaging.display.lookup_table import LookupTable, palette_table
from imaging.display.pointwise import pointwise
from imaging.parallel import each_strip
from imaging.pixels.frames import Frame
from imaging.pixels.image_pixel import MAX_FRAME_BYTES, ImagePixel
from imaging.strips import strips
from problems import Unusable

# YBR_RCT and YBR_ICT are RGB after decompression (PS3.5 8.2.4). A stream of three samples is RGB if the data set has
# one.
SHOWN = ("RGB", "YBR_", "MONOCHROME", "PALETTE")

# Y, Cb, Cr to R, G, B: the inverse of the matrices of PS3.3 C.7.6.3.1.2, as the scale and the black of Y and the shares
# of Cb and Cr. FULL uses all 256 levels, PARTIAL 16 to 235 for Y and 16 to 240 for the others.
CHROMA = np.array([[0, -0.344136, 1.772], [1.402, -0.714136, 0]], np.float32)
YBR_TO_RGB = {
    "YBR_FULL": (1.0, 0.0, CHROMA),
    "YBR_PARTIAL": (255 / 219, 16.0, CHROMA * np.float32(255 / 224)),
}


def render(image: ImagePixel, frame: Frame) -> NDArray[np.uint8]:
    """The frame, (rows, columns, 3) of stored values, as (rows, columns, 3) of 8-bit RGB.

    Raises Unusable for retired colours (HSV, ARGB, CMYK).
    """
    if frame.samples.shape[2] != 3 or not frame.photometric.startswith(SHOWN):
        raise Unusable(f"its colours ({frame.photometric}, {frame.samples.shape[2]} samples) are not supported")
    matrix = next((matrix for kind, matrix in YBR_TO_RGB.items() if frame.photometric.startswith(kind)), None)
    if matrix is None and frame.samples.dtype == np.uint8 and image.bits_stored == 8:
        return np.ascontiguousarray(frame.samples, np.uint8)
    rgb = np.empty(frame.samples.shape, np.uint8)

    def work(strip: slice) -> None:
        samples = _eight_bits(frame.samples[strip], image.bits_stored)
        rgb[strip] = samples if matrix is None else _ybr_to_rgb(samples, *matrix)

    each_strip(work, strips(rgb.shape))
    return rgb


def render_palette(file: DicomFile, image: ImagePixel, frame: Frame) -> NDArray[np.uint8]:
    """The frame, (rows, columns) of palette indices, as (rows, columns, 3) of 8-bit RGB.

    Raises Unusable without a palette.
    """
    palette = read_palette(file, image)
    if palette is None:
        raise Unusable("its palette is missing or broken")
    refuse_large(frame)
    return pointwise(palette.apply, frame.samples, channels=(3,))


def refuse_large(frame: Frame) -> None:
    """Raises Unusable if a frame of one sample per pixel is too large to be shown in colour."""
    if frame.samples.size * 3 > MAX_FRAME_BYTES:
        raise Unusable("its pixels are more than can be shown in colour")


@dataclass(frozen=True)
class Palette:
    """The tables of red, green and blue."""

    tables: list[LookupTable]

    @property
    def first(self) -> int:
        """The lowest value in the palette."""
        return self.tables[0].first

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Stored values of any shape (…) as 8-bit RGB, (…, 3)."""
        return np.stack([_palette_bytes(table)[_indices(table, stored)] for table in self.tables], axis=-1)


def read_palette(file: DicomFile, image: ImagePixel) -> Palette | None:
    """The file's palette; None if it is missing or broken."""
    tables = [
        palette_table(file.dataset, name, signed_input=image.signed, little_endian=file.little_endian)
        for name in ("Red", "Green", "Blue")
    ]
    found = [table for table in tables if table is not None]
    return Palette(found) if len(found) == len(tables) else None


def _indices(table: LookupTable, samples: NDArray[np.generic]) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):  # of floats, which may be no numbers
        return np.clip(samples.astype(np.int64) - table.first, 0, len(table.entries) - 1)


def _palette_bytes(table: LookupTable) -> NDArray[np.uint8]:
    """The upper byte of 16-bit entries; 8-bit entries as they are (PS3.3 C.7.6.3.1.5), whatever the descriptor says."""
    return (table.entries >> 8 if np.max(table.entries) > 255 else table.entries).astype(np.uint8)


def _eight_bits(samples: NDArray[np.generic], bits: int) -> NDArray[np.uint8]:
    if samples.dtype == np.uint8 and bits == 8:
        return samples.astype(np.uint8, copy=False)
    top = (1 << bits) - 1
    return np.floor(np.clip(samples.astype(np.float64), 0, top) * (255 / top) + 0.5).astype(np.uint8)


def _ybr_to_rgb(
    samples: NDArray[np.uint8], scale: float, black: float, matrix: NDArray[np.float32]
) -> NDArray[np.uint8]:
    luma = (samples[:, :, :1].astype(np.float32) - np.float32(black)) * np.float32(scale)
    chroma = samples[:, :, 1:].astype(np.float32) - np.float32(128)
    rgb: NDArray[np.uint8] = np.floor(np.clip(luma + chroma @ matrix, 0, 255) + np.float32(0.5)).astype(np.uint8)
    return rgb
