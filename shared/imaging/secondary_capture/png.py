"""PNG pictures to samples with every bit they carry, on white where they are transparent (W3C PNG, third edition)."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from imaging.strips import strips

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SCALE = {"1": 255, "L;2": 85, "L;4": 17}  # of samples of 1, 2 and 4 bits to 8 (13.12)
_IHDR = 16  # offset of its data: it is the first chunk
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type (11.2.1)
_ALL_AT_ONCE = ((0, 0, 1, 1),)
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # 8.1
_BUFFER = 2**20


def open_image(data: bytes) -> ImageFile:
    """Every chunk's CRC is checked, nothing is decoded. An animation's default image stands for it."""
    image = PngImageFile(BytesIO(data))
    image.verify()
    return PngImageFile(BytesIO(data))


def samples(image: ImageFile, data: bytes) -> NDArray[Any]:
    """uint8 or uint16 (rows, columns) for grayscale, else uint8 (rows, columns, 3) RGB.

    Depths below 8 bits are scaled to 8. Transparency is composited over white, as on the paper that a viewer
    shows; DICOM has no alpha.
    """
    _check_rows(data)
    stored = str(image.tile[0].args)  # Pillow's name for the samples' layout in the file
    if stored == "LA;16B":
        return _gray_alpha_16(image)
    if stored in ("RGB;16B", "RGBA;16B"):
        return _colour_16(image, data)
    key = image.info.get("transparency")
    if image.mode == "P":
        if image.palette is None:
            raise ValueError("the palette is missing")
        return _flat(np.asarray(image.convert("RGB" if key is None else "RGBA")))
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    if key is not None:  # one sample value, or one colour, is transparent (11.3.1.1)
        match = (
            pixels == key * _SCALE.get(stored, 1) if pixels.ndim == 2 else (pixels == key).all(axis=-1, keepdims=True)
        )
        pixels = np.where(match, np.iinfo(pixels.dtype).max, pixels)
    return _flat(pixels)


def _check_rows(data: bytes) -> None:
    """Raises ValueError where the rows end early: Pillow leaves the rest black, if they end with a whole one."""
    columns, rows, depth, colour_type, interlaced = struct.unpack_from(">IIBB2xB", data, _IHDR)
    bits = depth * _CHANNELS[colour_type]
    missing = 0
    for left, top, right, down in _ADAM7 if interlaced else _ALL_AT_ONCE:
        width, height = len(range(left, columns, right)), len(range(top, rows, down))
        missing += height * (1 + (width * bits + 7) // 8) if width else 0  # a filter type before each row (7.3)
    inflate = zlib.decompressobj()
    for chunk in _image_data(data):
        rest = chunk
        while rest and missing > 0:
            missing -= len(inflate.decompress(rest, _BUFFER))
            rest = inflate.unconsumed_tail
    if missing > len(inflate.flush()):
        raise ValueError("rows are missing")


def _image_data(data: bytes) -> Iterator[bytes]:
    start, name = len(SIGNATURE), b""
    while name != b"IEND":  # what may follow it is no part of the picture
        length, name = struct.unpack_from(">I4s", data, start)
        if name == b"IDAT":
            yield data[start + 8 : start + 8 + length]
        start += length + 12


def _gray_alpha_16(image: ImageFile) -> NDArray[np.uint16]:
    # Pillow keeps only the high bytes of these; four bytes a pixel, unfiltered as such, are its plain RGBA.
    big_endian = _raw(image, "RGBA").view(">u2")
    return _flat(big_endian).astype(np.uint16)


def _colour_16(image: ImageFile, data: bytes) -> NDArray[np.uint8]:
    """A Secondary Capture Image in RGB has 8 bits a sample (PS3.3 A.8.1.4): rounded, not cut."""
    high = _raw(image, f"{image.mode};16B")
    low = _raw(PngImageFile(BytesIO(data)), f"{image.mode};16L")  # the other byte, which Pillow leaves out
    key = image.info.get("transparency")
    rgb = np.empty((*high.shape[:2], 3), np.uint8)
    for strip in strips(high.shape):
        values = high[strip].astype(np.uint32) * 256 + low[strip]
        if key is not None:
            values[(values == key).all(axis=-1)] = 65535
        if values.shape[-1] == 4:
            values = _over_white(values, 65535)
        rgb[strip] = (values + 128) // 257  # 65535 is 255 * 257
    return rgb


def _raw(image: ImageFile, raw_mode: str) -> NDArray[np.uint8]:
    """(rows, columns, bands), unpacked from the stored samples by another of Pillow's raw modes than its choice."""
    image.tile = [tile._replace(args=raw_mode) for tile in image.tile]
    return np.asarray(image)


def _flat(pixels: NDArray[Any]) -> NDArray[Any]:
    """Without its alpha, the last of two or four bands; without a bands' axis for grayscale."""
    if pixels.ndim == 2 or pixels.shape[-1] == 3:
        return pixels
    flat = np.empty_like(pixels[..., :-1])
    for strip in strips(pixels.shape):
        flat[strip] = _over_white(pixels[strip].astype(np.uint32), np.iinfo(pixels.dtype).max)
    return flat[..., 0] if flat.shape[-1] == 1 else flat


def _over_white(values: NDArray[np.uint32], white: int) -> NDArray[np.uint32]:
    alpha = values[..., -1:]
    return (values[..., :-1] * alpha + white * (white - alpha) + white // 2) // white
