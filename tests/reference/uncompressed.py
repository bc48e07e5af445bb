"""Made files that are not compressed: forms of stored values, ways from them to what is shown."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from tests.dicom_files import picture_file
from tests.reference.pixels import COLUMNS, ROWS, Made, bits_stored, by_plane, colour, grey


def uncompressed() -> Iterator[Made]:
    """All of them."""
    yield from _stored_forms()
    yield from _grey_pipelines()
    yield from _palettes()


def _stored_forms() -> Iterator[Made]:
    """Uncompressed, each in a form of its own (PS3.5 8.1, 8.2, Annex D)."""
    bits = np.arange(3 * ROWS * COLUMNS) % 7 % 2
    packed = np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()
    one = {"BitsAllocated": 1, **bits_stored(1), "NumberOfFrames": 3, "PixelData": packed}
    yield "one_bit_3_frames", picture_file(grey(8), **one), bits.reshape(3, ROWS, COLUMNS)
    eight = np.concatenate([grey(8), grey(8)[::-1]])
    words = np.append(eight.reshape(-1), [0] * (eight.size % 2)).astype(np.uint8).view("<u2").astype(">u2").tobytes()
    swapped = [DataElement(Tag("PixelData"), "OW", words)]
    two = {"Rows": ROWS, "NumberOfFrames": 2, "transfer_syntax": ExplicitVRBigEndian}
    yield "big_endian_words_of_8_bits", picture_file(eight, elements=swapped, **two), eight.reshape(2, ROWS, COLUMNS)
    sixteen = grey(16, signed=True)
    big = {"PixelData": sixteen.astype(">i2").tobytes(), "transfer_syntax": ExplicitVRBigEndian}
    yield "big_endian_signed_16", picture_file(sixteen, **big), sixteen
    implicit = {"PixelData": big["PixelData"], "transfer_syntax": ImplicitVRLittleEndian}
    ge_private = picture_file(sixteen, **implicit).replace(b"1.2.840.10008.1.2\0", b"1.2.840.113619.5.2")
    yield "ge_private_signed_16", ge_private, sixteen
    signed = grey(24, signed=True).astype(np.int32) * 100
    yield "signed_32", picture_file(signed), signed
    ten = grey(10)
    dirty = (ten.astype(np.uint16) << 4) | 0x8005
    yield "high_bit_13_of_10", picture_file(dirty, BitsStored=10, HighBit=13), ten
    signed_ten = grey(10, signed=True)
    dirty = ((signed_ten.astype(np.int32) & 0x3FF) << 2 | 0x9003).astype(np.uint16)
    yield "high_bit_11_of_10_signed", picture_file(dirty, BitsStored=10, HighBit=11, PixelRepresentation=1), signed_ten
    twelve = grey(12)
    overlaid = twelve | (np.indices(twelve.shape).sum(0) % 2 << 12).astype(np.uint16)
    yield "overlay_in_bit_12", picture_file(overlaid, elements=_overlay(12), **bits_stored(12)), twelve
    yield "colour_by_plane", by_plane(colour()), colour()
    yield "ybr_full", picture_file(colour(), PhotometricInterpretation="YBR_FULL"), colour()
    yield "ybr_full_by_plane", by_plane(colour(), PhotometricInterpretation="YBR_FULL"), colour()
    cells = (twelve.reshape(-1, 1) >> np.arange(12) & 1).astype(np.uint8).reshape(-1)
    packed_12 = {"BitsAllocated": 12, **bits_stored(12), "PixelData": np.packbits(cells, bitorder="little").tobytes()}
    yield "packed_12_bits", picture_file(twelve, **packed_12), twelve
    for name, dtype, tag, vr in (("float", "<f4", 0x7FE00008, "OF"), ("double_float", "<f8", 0x7FE00009, "OD")):
        values = (grey(8) / 16 - 4).astype(dtype)
        yield f"{name}_pixel_data", _float_file(values, DataElement(Tag(tag), vr, values.tobytes())), None
    deep = colour().astype(np.uint16) * 257
    yield "colour_16", picture_file(deep), deep


def _float_file(values: NDArray[Any], element: DataElement) -> bytes:
    """A file whose samples are floats, and not in Pixel Data (PS3.3 C.7.6.24, C.7.6.25)."""
    dataset = pydicom.dcmread(BytesIO(picture_file(values.astype(f"u{values.itemsize}"))))
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        del dataset[keyword]
    dataset.add(element)
    file = BytesIO()
    dataset.save_as(file)
    return file.getvalue()


def _overlay(bit: int) -> list[DataElement]:
    """An overlay plane in a bit of the pixels (PS3.3-2004 C.9.2)."""
    plane = [(0x10, "US", ROWS), (0x11, "US", COLUMNS), (0x40, "CS", "G"), (0x50, "SS", [1, 1])]
    plane += [(0x100, "US", 16), (0x102, "US", bit)]
    return [DataElement(Tag(0x6000, element), vr, value) for element, vr, value in plane]


def _lut(first: int, bits: int, entries: NDArray[Any], vr: str = "US") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(entries), first, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return item


def _grey_pipelines() -> Iterator[Made]:
    """Modality, VOI and polarity (PS3.4 N.2): what they hold is simple, what is shown of it is not."""
    twelve, sixteen, eight = grey(12), grey(16, signed=True), grey(8)
    window = {"WindowCenter": 1000, "WindowWidth": 1500}
    curve = np.floor(np.sqrt(np.arange(4096) / 4095) * 4095)
    for name, pixels, attributes in (
        ("window", twelve, window),
        ("window_of_width_1", twelve, {"WindowCenter": 2000, "WindowWidth": 1}),
        ("window_with_fractions", eight, {"WindowCenter": 100.25, "WindowWidth": 33.5}),
        ("window_sigmoid", twelve, {**window, "VOILUTFunction": "SIGMOID"}),
        ("range", twelve.clip(300, 2900), {}),
        ("range_signed", sixteen, {}),
        ("monochrome1_range", twelve, {"PhotometricInterpretation": "MONOCHROME1"}),
        ("monochrome1_window", twelve, {"PhotometricInterpretation": "MONOCHROME1", **window}),
        ("rescale_to_below_zero", twelve, {"RescaleSlope": 1, "RescaleIntercept": -1024, **window}),
        ("rescale_downwards", twelve, {"RescaleSlope": -0.5, "RescaleIntercept": 2047, **window}),
        ("rescale_fractions_range", eight, {"RescaleSlope": 0.013, "RescaleIntercept": -7.5}),
        ("signed_rescale_window", sixteen, {"RescaleSlope": 0.1, "RescaleIntercept": 3, **window}),
        ("voi_lut_8", twelve, {"VOILUTSequence": [_lut(500, 8, np.arange(255, -1, -1))]}),
        ("voi_lut_12", twelve, {"VOILUTSequence": [_lut(0, 12, curve)]}),
        ("voi_lut_of_signed", sixteen, {"VOILUTSequence": [_lut(-2048, 12, curve, "SS")]}),
        ("modality_lut", twelve, {"ModalityLUTSequence": [_lut(0, 16, curve * 16)], **window}),
        ("monochrome1_voi_lut", twelve, {"VOILUTSequence": [_lut(0, 12, curve)]}),
    ):
        stored = bits_stored(12) if pixels.dtype == np.uint16 else {}
        if "modality_lut" in name:
            attributes["ModalityLUTSequence"][0].ModalityLUTType = "US"
        if "monochrome1" in name:
            attributes["PhotometricInterpretation"] = "MONOCHROME1"
        yield f"grey_{name}", picture_file(pixels, **stored, **attributes), pixels


def _palettes() -> Iterator[Made]:
    """PS3.3 C.7.6.3.1.5, C.7.6.3.1.6"""
    rising, steps = np.arange(256), np.arange(256) * 7 % 256
    yield from (
        ("palette_8", _palette(grey(8), 0, 8, [rising, rising[::-1], steps]), grey(8)),
        ("palette_16", _palette(grey(8), 0, 16, [rising * 257, rising[::-1] * 257, steps * 257]), grey(8)),
        ("palette_begins_at_100", _palette(grey(8), 100, 16, [t[:50] * 257 for t in (rising, steps, steps)]), grey(8)),
    )
    signed = grey(8, signed=True)
    tables = [rising * 257, rising[::-1] * 257, steps * 257]
    yield "palette_begins_below_zero", _palette(signed, -128, 16, tables, "SS"), signed


def _palette(pixels: NDArray[Any], first: int, bits: int, tables: list[NDArray[Any]], vr: str = "US") -> bytes:
    elements = []
    for place, entries in enumerate(tables):
        elements.append(DataElement(Tag(0x0028, 0x1101 + place), vr, [len(entries), first, bits]))
        data = entries.astype("u1" if bits == 8 else "<u2").tobytes()
        elements.append(DataElement(Tag(0x0028, 0x1201 + place), "OW", data))
    return picture_file(pixels, elements=elements, PhotometricInterpretation="PALETTE COLOR")
