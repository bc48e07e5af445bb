"""What DCMTK, GDCM and FFmpeg see in a DICOM file. Only `regenerate` needs them (Debian: dcmtk, libgdcm-tools, ffmpeg).

Stored values come back as integers, (frames, rows, columns) or (frames, rows, columns, samples); None where a witness
does not read the file.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
RLE = "1.2.840.10008.1.2.5"
BIG_ENDIAN = ("1.2.840.10008.1.2.2", "1.2.840.113619.5.2")  # the latter, GE's, for pixel data alone


def digest(frames: Iterable[NDArray[Any]]) -> str:
    """SHA-256, its first 16 digits, of the values of all frames, each in 32 bits, little endian."""
    sha256 = hashlib.sha256()
    for frame in frames:
        sha256.update(frame.astype("<i8").astype("<u4").tobytes())
    return sha256.hexdigest()[:16]


def by_hand(path: Path) -> NDArray[Any] | None:
    """Uncompressed pixel data, cut up as PS3.5 8.1 and 8.2 have it."""
    dataset = pydicom.dcmread(path, force=True)
    syntax = dataset.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2")
    try:
        if dataset["PixelData"].is_undefined_length:
            return None
        return _unpack(dataset, big_endian=syntax in BIG_ENDIAN)
    except ValueError:
        return None


def by_dcmtk(path: Path) -> NDArray[Any] | None:
    """Decompressed by DCMTK, YCbCr of lossy JPEG turned into RGB as the photometric interpretation says."""
    syntax = _syntax(path)
    if syntax in JPEG:
        return _converted("dcmdjpeg", path)
    if syntax in JPEG_LS:
        return _converted("dcmdjpls", path)
    if syntax == RLE:
        return _converted("dcmdrle", path)
    return None if syntax.startswith("1.2.840.10008.1.2.4") else _converted("dcmconv", "+te", path)


def by_gdcm(path: Path) -> NDArray[Any] | None:
    """Decompressed by GDCM, which leaves YCbCr of lossy JPEG as it is: such files are not asked of it."""
    dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    if _syntax(path) in JPEG[:2] and str(dataset.get("PhotometricInterpretation")).startswith("YBR"):
        return None
    return _converted("gdcmconv", "--raw", path)


def by_ffmpeg(path: Path) -> NDArray[Any] | None:
    """JPEG 2000 of one component, decoded by FFmpeg: the one decoder here that is not OpenJPEG."""
    dataset = pydicom.dcmread(path, force=True)
    if _syntax(path) not in JPEG_2000 or dataset.get("SamplesPerPixel") != 1:
        return None
    frames = []
    try:
        for stream in generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1)):
            start = stream.find(b"\xff\x4f\xff\x51")
            precision, signed = (stream[start + 42] & 0x7F) + 1, stream[start + 42] >> 7  # T.800 A.5.1
            form = ["-f", "rawvideo", "-pix_fmt", "gray16le", "-"]
            options = ["-v", "error", "-f", "j2k_pipe", "-i", "-", *form]
            seen = subprocess.run(["ffmpeg", *options], input=stream[start:], capture_output=True, check=True).stdout
            # FFmpeg moves the values to the top of 16 bits, and the zero of signed ones to the middle.
            values = np.frombuffer(seen, "<u2").astype(np.int64) >> 16 - precision
            frames.append(values - (signed << precision - 1))
        values = np.stack(frames).reshape(-1, dataset.Rows, dataset.Columns)
    except (ValueError, subprocess.CalledProcessError):
        return None
    return _signed(values % (1 << dataset.BitsStored), dataset)


def shown_by_dcmtk(path: Path, frame: int, *options: str) -> NDArray[Any] | None:
    """Frame `frame` (from 1) as DCMTK shows it: RGB of 0 to 255, or grey of 0 to 255, with fractions if windowed."""
    with tempfile.TemporaryDirectory() as folder:
        picture, readable = Path(folder, "picture"), path
        if _syntax(path) in JPEG_2000:
            readable = Path(folder, "raw.dcm")
            _run("gdcmconv", "--raw", path, readable)
        if "SegmentedRedPaletteColorLookupTableData" in pydicom.dcmread(path, force=True, stop_before_pixels=True):
            readable = Path(folder, "expanded.dcm")
            _run("gdcmconv", "--decompress-lut", path, readable)
        tool = "dcmj2pnm" if _syntax(path) in JPEG else "dcml2pnm" if _syntax(path) in JPEG_LS else "dcm2pnm"
        depth = "+opw" if options and options[0] in ("+Wi", "+Wm", "+Ww") else "+opb"  # netpbm as text, of 16 or 8 bits
        if not _run(tool, depth, "-O", "-S", "+F", str(frame), *options, readable, picture):
            return None
        kind, columns, rows, top, *values = (
            word for line in picture.read_text().splitlines() if not line.startswith("#") for word in line.split()
        )
        shape = (int(rows), int(columns), 3) if kind == "P3" else (int(rows), int(columns))
        return np.array(values, np.float64).reshape(shape) * 255 / int(top)


def _syntax(path: Path) -> str:
    return str(pydicom.dcmread(path, force=True, stop_before_pixels=True).file_meta.get("TransferSyntaxUID", ""))


def _run(*command: str | Path) -> bool:
    return subprocess.run([*command], capture_output=True, check=False, timeout=300).returncode == 0


def _converted(*command: str | Path) -> NDArray[Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder, "converted.dcm")
        return by_hand(converted) if _run(*command, converted) and converted.exists() else None


def _unpack(dataset: Dataset, *, big_endian: bool) -> NDArray[Any]:
    samples, allocated = int(dataset.get("SamplesPerPixel") or 1), int(dataset.BitsAllocated)
    frames, rows, columns = int(dataset.get("NumberOfFrames") or 1), int(dataset.Rows), int(dataset.Columns)
    data, count = bytes(dataset.PixelData), frames * rows * columns * samples
    if allocated == 1:
        values = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:count].astype(np.int64)
        return values.reshape(frames, rows, columns)
    if big_endian and allocated == 8 and dataset["PixelData"].VR == "OW":
        data = np.frombuffer(data, ">u2").astype("<u2").tobytes()
    if dataset.PhotometricInterpretation == "YBR_FULL_422" and len(data) < count:
        quads = np.frombuffer(data[: count * 2 // 3], np.uint8).reshape(-1, 4)  # Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2)
        return quads[:, [0, 2, 3, 1, 2, 3]].astype(np.int64).reshape(frames, rows, columns, 3)
    words = np.frombuffer(data[: count * allocated // 8], f"{'>' if big_endian else '<'}u{allocated // 8}")
    values = words.astype(np.int64) >> int(dataset.HighBit) + 1 - int(dataset.BitsStored)
    values = _signed(values & (1 << int(dataset.BitsStored)) - 1, dataset)
    if samples == 1:
        return values.reshape(frames, rows, columns)
    if dataset.PlanarConfiguration == 1:
        return values.reshape(frames, samples, rows, columns).transpose(0, 2, 3, 1)
    return values.reshape(frames, rows, columns, samples)


def _signed(values: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    half = 1 << int(dataset.BitsStored) - 1
    return np.where(values >= half, values - 2 * half, values) if dataset.PixelRepresentation else values
