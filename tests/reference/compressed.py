"""Made files that are compressed, by others' encoders wherever there are any."""

import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from tests.dicom_files import encapsulated_file, picture_file
from tests.reference.pixels import Made, bits_stored, by_plane, colour, grey, smooth

FAMILY = "1.2.840.10008.1.2.4"


def compressed() -> Iterator[Made]:
    """All of them."""
    yield from _jpeg()
    yield from _jpeg_ls()
    yield from _jpeg_2000()
    yield from _run_lengths()
    yield from _recent()


def _jpeg() -> Iterator[Made]:
    twelve, eight, sixteen = grey(12), grey(8), grey(16, signed=True)
    for predictor in range(1, 8):
        form = ["dcmcjpeg", "+el", "+sv", str(predictor), "+un"]
        yield f"jpeg_lossless_{predictor}", _compressed(picture_file(twelve, **bits_stored(12)), *form), twelve
        shifted = _compressed(picture_file(twelve, **bits_stored(12)), *form, "+pt", "2")
        yield f"jpeg_lossless_{predictor}_point_transform_2", shifted, twelve >> 2 << 2
        yield f"jpeg_lossless_{predictor}_8", _compressed(picture_file(eight), *form), eight
    sv1 = ["dcmcjpeg", "+e1", "+un"]
    yield "jpeg_lossless_sv1_signed_16", _compressed(picture_file(sixteen), *sv1), sixteen
    yield "jpeg_lossless_sv1_colour", _compressed(picture_file(colour()), *sv1), colour()
    for name, process, bits in (("baseline", "+eb", 8), ("extended_8", "+ee", 8), ("extended_12", "+ee", 12)):
        content = picture_file(smooth(bits), **bits_stored(bits))
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
    yield "jpeg_ls_12", _compressed(picture_file(twelve, **bits_stored(12)), "dcmcjpls", "+el", "+un"), twelve
    yield "jpeg_ls_signed_16", _compressed(picture_file(sixteen), "dcmcjpls", "+el", "+un"), sixteen
    for name, mode in (("line", "+il"), ("sample", "+is"), ("none", "+in")):
        content = _compressed(picture_file(colour()), "dcmcjpls", "+el", "+un", mode)
        yield f"jpeg_ls_colour_interleave_{name}", content, colour()
    near = _compressed(picture_file(twelve, **bits_stored(12)), "dcmcjpls", "+en", "+md", "3", "+un")
    yield "jpeg_ls_near_3", near, None
    yield "jpeg_ls_colour_by_plane", _compressed(by_plane(colour()), "gdcmconv", "-L"), colour()


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
        content = picture_file(pixels, **bits_stored(bits))
        yield f"jpeg_2000_{name}", _compressed(content, "gdcmconv", "-K"), pixels
    yield "jpeg_2000_colour", _compressed(picture_file(waves), "gdcmconv", "-K"), waves
    yield "jpeg_2000_colour_by_plane", _compressed(by_plane(waves), "gdcmconv", "-K"), waves
    tiles = _compressed(picture_file(smooth(12), **bits_stored(12)), "gdcmconv", "-K", "-t", "16,16")
    yield "jpeg_2000_tiles", tiles, smooth(12)
    for bits in (8, 12):
        content = picture_file(smooth(bits), **bits_stored(bits))
        yield f"jpeg_2000_lossy_{bits}", _compressed(content, "gdcmconv", "-K", "-Y", "--irreversible", "-r", "8"), None
    for name, pixels, bits in (("8", grey(8), 8), ("12", grey(12), 12), ("16", grey(16), 16), ("colour", colour(), 8)):
        content = encapsulated_file(pixels, [_htj2k(pixels, bits)], "1.2.840.10008.1.2.4.201", **bits_stored(bits))
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
        ("colour_by_plane", by_plane(colour()), colour()),
        ("ybr_full", picture_file(colour(), PhotometricInterpretation="YBR_FULL"), colour()),
    ):
        yield f"rle_{name}", _compressed(content, "dcmcrle", "+un"), expected


def _recent() -> Iterator[Made]:
    """Transfer syntaxes that no other program here knows: by the codec's own encoder."""
    pixels, attributes = grey(12), bits_stored(12)
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


def _compressed(content: bytes, *command: str) -> bytes:
    """The file, after a tool that takes the names of the input and of the output last."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.dcm"), Path(folder, "after.dcm")
        before.write_bytes(content)
        subprocess.run([*command, before, after], check=True, capture_output=True)
        return after.read_bytes()
