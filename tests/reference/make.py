"""Small files of what pydicom's and pydicom-data's lack, from pixels written out here, compressed by others' encoders.

`python -m tests.reference.make` writes those that `files` lacks (Debian: dcmtk, libgdcm-tools, openjph-tools,
libjpeg-turbo-progs).
"""

import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian

from tests.dicom_files import encapsulated_file, picture_file

FILES = Path(__file__).parent / "files"
ROWS, COLUMNS = 13, 11  # odd both, so that whatever is padded to words or blocks shows
FAMILY = "1.2.840.10008.1.2.4"
Made = tuple[str, bytes, NDArray[Any] | None]  # name, file, stored values, if no loss makes them the encoder's affair


def grey(bits: int, *, signed: bool = False) -> NDArray[Any]:
    """A ramp with folds: the lowest and the highest value, neighbours far apart, and rows that differ."""
    row, column = np.indices((ROWS, COLUMNS))
    top = (1 << bits) - 1
    values = (row * 1237 + column * 3571 + row * column * 211) * (top // 4000 + 1) % (top + 1)
    values[0, 0], values[0, 1] = 0, top
    container = 8 if bits <= 8 else 16 if bits <= 16 else 32
    return (values - (top + 1 >> 1)).astype(f"i{container // 8}") if signed else values.astype(f"u{container // 8}")


def smooth(bits: int) -> NDArray[Any]:
    """Slow waves from nearly the lowest value to nearly the highest, as encoders with loss like them."""
    row, column = np.indices((41, 43))
    waves = np.sin(row / 9) * np.cos(column / 11) * 0.5 + 0.5
    return np.floor(waves * ((1 << bits) - 1) + 0.5).astype(np.uint8 if bits <= 8 else np.uint16)


def colour() -> NDArray[np.uint8]:
    """Three samples a pixel that are unlike each other."""
    first = grey(8)
    return np.stack([first, first[::-1], first[:, ::-1]], axis=-1)


def main() -> None:
    """Writes the files that are not there yet: some encoders put the time of day into theirs."""
    FILES.mkdir(exist_ok=True)
    for name, content, _ in files():
        path = FILES / f"{name}.dcm"
        if not path.exists():
            path.write_bytes(content)


def files() -> Iterator[Made]:
    """Every made file."""
    yield from _jpeg()
    yield from _jpeg_ls()
    yield from _jpeg_2000()
    yield from _run_lengths()
    yield from _recent()
    yield from _stored_forms()
    yield from _grey_pipelines()
    yield from _palettes()


def _bits(bits: int) -> dict[str, int]:
    return {"BitsStored": bits, "HighBit": bits - 1}


def _compressed(content: bytes, *command: str) -> bytes:
    """The file, after a tool that takes the names of the input and of the output last."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.dcm"), Path(folder, "after.dcm")
        before.write_bytes(content)
        subprocess.run([*command, before, after], check=True, capture_output=True)
        return after.read_bytes()


def _jpeg() -> Iterator[Made]:
    twelve, eight, sixteen = grey(12), grey(8), grey(16, signed=True)
    for predictor in range(1, 8):
        form = ["dcmcjpeg", "+el", "+sv", str(predictor), "+un"]
        yield f"jpeg_lossless_{predictor}", _compressed(picture_file(twelve, **_bits(12)), *form), twelve
        shifted = _compressed(picture_file(twelve, **_bits(12)), *form, "+pt", "2")
        yield f"jpeg_lossless_{predictor}_point_transform_2", shifted, twelve >> 2 << 2
        yield f"jpeg_lossless_{predictor}_8", _compressed(picture_file(eight), *form), eight
    sv1 = ["dcmcjpeg", "+e1", "+un"]
    yield "jpeg_lossless_sv1_signed_16", _compressed(picture_file(sixteen), *sv1), sixteen
    yield "jpeg_lossless_sv1_colour", _compressed(picture_file(colour()), *sv1), colour()
    for name, process, bits in (("baseline", "+eb", 8), ("extended_8", "+ee", 8), ("extended_12", "+ee", 12)):
        content = picture_file(smooth(bits), **_bits(bits))
        yield f"jpeg_{name}", _compressed(content, "dcmcjpeg", process, "+un"), None
    yield "jpeg_arithmetic", _arithmetic(".52"), None
    yield "jpeg_arithmetic_spectral_selection", _arithmetic(".54", "-scans", b"0: 0-0, 0, 0; 0: 1-63, 0, 0;"), None
    yield "jpeg_arithmetic_progressive", _arithmetic(".56", "-progressive"), None
    yield "jpeg_progressive", _compressed(picture_file(smooth(8)), "dcmcjpeg", "+ep", "+un"), None
    yield "jpeg_spectral_selection", _compressed(picture_file(smooth(8)), "dcmcjpeg", "+es", "+un"), None


def _arithmetic(syntax: str, *options: str | bytes) -> bytes:
    """By libjpeg-turbo's cjpeg, with arithmetic coding; an option of bytes is the content of a file."""
    with tempfile.TemporaryDirectory() as folder:
        before, script = Path(folder, "before.pgm"), Path(folder, "script")
        before.write_bytes(b"P5 %d %d 255\n" % smooth(8).shape[::-1] + smooth(8).tobytes())
        command: list[str | Path] = ["cjpeg", "-arithmetic", "-quality", "100"]
        for option in options:
            if isinstance(option, bytes):
                script.write_bytes(option)
            command.append(script if isinstance(option, bytes) else option)
        stream = subprocess.run([*command, before], capture_output=True, check=True).stdout
        return encapsulated_file(smooth(8), [stream], f"{FAMILY}{syntax}")


def _jpeg_ls() -> Iterator[Made]:
    twelve, sixteen = grey(12), grey(16, signed=True)
    yield "jpeg_ls_12", _compressed(picture_file(twelve, **_bits(12)), "dcmcjpls", "+el", "+un"), twelve
    yield "jpeg_ls_signed_16", _compressed(picture_file(sixteen), "dcmcjpls", "+el", "+un"), sixteen
    for name, mode in (("line", "+il"), ("sample", "+is"), ("none", "+in")):
        content = _compressed(picture_file(colour()), "dcmcjpls", "+el", "+un", mode)
        yield f"jpeg_ls_colour_interleave_{name}", content, colour()
    near = _compressed(picture_file(twelve, **_bits(12)), "dcmcjpls", "+en", "+md", "3", "+un")
    yield "jpeg_ls_near_3", near, None
    yield "jpeg_ls_colour_by_plane", _compressed(_by_plane(colour()), "gdcmconv", "-L"), colour()


def _jpeg_2000() -> Iterator[Made]:
    # GDCM's encoder fails on pictures that don't get smaller: these are smooth.
    waves = np.stack([smooth(8), smooth(8)[::-1], 255 - smooth(8)[:, ::-1]], axis=-1)
    for name, pixels, bits in (
        ("8", smooth(8), 8),
        ("12", smooth(12), 12),
        ("16", smooth(16), 16),
        ("signed_12", smooth(12).astype(np.int16) - 2048, 12),
        ("signed_16", (smooth(16).astype(np.int32) - 32768).astype(np.int16), 16),
    ):
        content = picture_file(pixels, **_bits(bits))
        yield f"jpeg_2000_{name}", _compressed(content, "gdcmconv", "-K"), pixels
    yield "jpeg_2000_colour", _compressed(picture_file(waves), "gdcmconv", "-K"), waves
    yield "jpeg_2000_colour_by_plane", _compressed(_by_plane(waves), "gdcmconv", "-K"), waves
    tiles = _compressed(picture_file(smooth(12), **_bits(12)), "gdcmconv", "-K", "-t", "16,16")
    yield "jpeg_2000_tiles", tiles, smooth(12)
    for bits in (8, 12):
        content = picture_file(smooth(bits), **_bits(bits))
        yield f"jpeg_2000_lossy_{bits}", _compressed(content, "gdcmconv", "-K", "-Y", "--irreversible", "-r", "8"), None
    for name, pixels, bits in (("8", grey(8), 8), ("12", grey(12), 12), ("16", grey(16), 16), ("colour", colour(), 8)):
        content = encapsulated_file(pixels, [_htj2k(pixels, bits)], "1.2.840.10008.1.2.4.201", **_bits(bits))
        yield f"htj2k_{name}", content, pixels
    rpcl = _htj2k(smooth(8), 8, "-prog_order", "RPCL")
    yield "htj2k_rpcl", encapsulated_file(smooth(8), [rpcl], "1.2.840.10008.1.2.4.202"), smooth(8)


def _htj2k(pixels: NDArray[Any], bits: int, *options: str) -> bytes:
    """By OpenJPH, from a netpbm file."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "p.ppm" if pixels.ndim == 3 else "p.pgm"), Path(folder, "p.j2c")
        header = f"P{6 if pixels.ndim == 3 else 5} {pixels.shape[1]} {pixels.shape[0]} {(1 << bits) - 1}\n"
        before.write_bytes(header.encode() + pixels.astype(">u2" if bits > 8 else "u1").tobytes())
        colour_transform = ["-colour_trans", "true"] if pixels.ndim == 3 else []
        form = ["-reversible", "true", *colour_transform, *options]
        subprocess.run(["ojph_compress", "-i", before, "-o", after, *form], check=True, capture_output=True)
        return after.read_bytes()


def _run_lengths() -> Iterator[Made]:
    thirty_two = grey(24).astype(np.uint32) * 255
    for name, content, expected in (
        ("8", picture_file(grey(8)), grey(8)),
        ("signed_16", picture_file(grey(16, signed=True)), grey(16, signed=True)),
        ("32", picture_file(thirty_two), thirty_two),
        ("colour", picture_file(colour()), colour()),
        ("colour_by_plane", _by_plane(colour()), colour()),
        ("ybr_full", picture_file(colour(), PhotometricInterpretation="YBR_FULL"), colour()),
    ):
        yield f"rle_{name}", _compressed(content, "dcmcrle", "+un"), expected


def _recent() -> Iterator[Made]:
    """Transfer syntaxes that no other program here knows: by the codec's own encoder."""
    pixels, attributes = grey(12), _bits(12)
    compressor = zlib.compressobj(9, wbits=-15)
    deflated = compressor.compress(pixels.tobytes()) + compressor.flush()
    for name, stream, syntax in (
        ("deflated_frame", deflated, "1.2.840.10008.1.2.8.1"),
        ("encapsulated_uncompressed", pixels.tobytes(), "1.2.840.10008.1.2.1.98"),
        ("jpeg_xl_lossless", imagecodecs.jpegxl_encode(pixels, lossless=True, bitspersample=12), f"{FAMILY}.110"),
    ):
        yield name, encapsulated_file(pixels, [stream], syntax, **attributes), pixels
    jpeg = bytes(imagecodecs.jpeg8_encode(smooth(8)))
    again = bytes(imagecodecs.jpegxl_encode_jpeg(jpeg, usecontainer=True))
    yield "jpeg_xl_of_a_jpeg", encapsulated_file(smooth(8), [again], f"{FAMILY}.111"), None
    lossy = bytes(imagecodecs.jpegxl_encode(colour(), lossless=False, level=90))
    yield "jpeg_xl_lossy", encapsulated_file(colour(), [lossy], f"{FAMILY}.112", PhotometricInterpretation="XYB"), None
    near = bytes(imagecodecs.htj2k_encode(smooth(8), reversible=False, level=0.01))
    yield "htj2k_lossy", encapsulated_file(smooth(8), [near], "1.2.840.10008.1.2.4.203"), None


def _by_plane(pixels: NDArray[Any], **attributes: Any) -> bytes:
    planes = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    return picture_file(pixels, PlanarConfiguration=1, PixelData=planes.tobytes(), **attributes)


def _stored_forms() -> Iterator[Made]:
    """Uncompressed, each in a form of its own (PS3.5 8.1, 8.2, Annex D)."""
    bits = np.arange(3 * ROWS * COLUMNS) % 7 % 2
    packed = np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()
    one = {"BitsAllocated": 1, **_bits(1), "NumberOfFrames": 3, "PixelData": packed}
    yield "one_bit_3_frames", picture_file(grey(8), **one), bits.reshape(3, ROWS, COLUMNS)
    eight = np.concatenate([grey(8), grey(8)[::-1]])
    words = np.append(eight.reshape(-1), [0] * (eight.size % 2)).astype(np.uint8).view("<u2").astype(">u2").tobytes()
    swapped = [DataElement(Tag("PixelData"), "OW", words)]
    two = {"Rows": ROWS, "NumberOfFrames": 2, "transfer_syntax": ExplicitVRBigEndian}
    yield "big_endian_words_of_8_bits", picture_file(eight, elements=swapped, **two), eight.reshape(2, ROWS, COLUMNS)
    sixteen = grey(16, signed=True)
    big = {"PixelData": sixteen.astype(">i2").tobytes(), "transfer_syntax": ExplicitVRBigEndian}
    yield "big_endian_signed_16", picture_file(sixteen, **big), sixteen
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
    yield "overlay_in_bit_12", picture_file(overlaid, elements=_overlay(12), **_bits(12)), twelve
    yield "colour_by_plane", _by_plane(colour()), colour()
    yield "ybr_full", picture_file(colour(), PhotometricInterpretation="YBR_FULL"), colour()
    yield "ybr_full_by_plane", _by_plane(colour(), PhotometricInterpretation="YBR_FULL"), colour()
    cells = (twelve.reshape(-1, 1) >> np.arange(12) & 1).astype(np.uint8).reshape(-1)
    packed_12 = {"BitsAllocated": 12, **_bits(12), "PixelData": np.packbits(cells, bitorder="little").tobytes()}
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
        stored = _bits(12) if pixels.dtype == np.uint16 else {}
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


if __name__ == "__main__":
    main()
