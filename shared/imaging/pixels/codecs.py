"""Decoders of compressed frames, one line each in DECODERS: what a stream says that it is picks its decoder.

Each decoder takes the stream, its header and what the data set says, and gives a `DecodedFrame`. imagecodecs gives raw
values; what it is known to get wrong is caught here.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from imaging.parallel import CORES
from imaging.pixels.image_pixel import MAX_FRAME_BYTES, ImagePixel
from imaging.pixels.streams import (
    ARITHMETIC_FRAME,
    CODESTREAM_START,
    JPEG_XL_STARTS,
    MAX_SCANS,
    START_OF_SCAN,
    StreamHeader,
    StreamKind,
    stream_header,
)
from imaging.pixels.unraised import unraised
from problems import Unusable

WAVELETS = (StreamKind.JPEG_2000, StreamKind.HTJ2K)
RLE_HEADER_BYTES = 64
MAX_ARITHMETIC_SAMPLES = 64 << 20  # of all scans: they take some seconds


@dataclass(frozen=True)
class DecodedFrame:
    """A frame's samples, (rows, columns) or (rows, columns, samples), with what they now are.

    `photometric` is RGB where the decoder made it so. `precision`: bits of a sample that the stream holds. `lossy`:
    samples may be other than they were. `warning` says what may be wrong with the picture.
    """

    samples: NDArray[np.generic]
    photometric: str
    precision: int
    lossy: bool
    warning: str | None = None


def decode(stream: bytes, image: ImagePixel) -> DecodedFrame:
    """Decodes one frame's stream. Raises Unusable, with the reason, if that can't be done."""
    if stream.startswith(JPEG_XL_STARTS):
        return _jpeg_xl(stream, image)
    header = stream_header(stream)
    if header is None:
        return _rle(stream, image)
    if header.rows * header.columns == 0 or header.samples not in (1, 3, 4):
        raise Unusable(f"its stream has {header.columns}x{header.rows} pixels of {header.samples} samples")
    if header.rows * header.columns * header.samples * (1 if header.precision <= 8 else 2) > MAX_FRAME_BYTES:
        raise Unusable(f"its stream of {header.columns}x{header.rows} pixels is larger than can be decoded")
    with _broken_is_unusable(header.kind.value):
        samples, photometric = DECODERS[header.kind](stream, header, image)
    # JPEG 2000's reversible wavelet loses what a limit of the rate cuts off, which only the data set tells.
    lossy = not header.lossless or (header.kind in WAVELETS and image.lossy)
    return DecodedFrame(samples, photometric, header.precision, lossy, _doubts(header, image))


@contextmanager
def _broken_is_unusable(kind: str) -> Iterator[None]:
    """Whatever a decoder raises on a stream of this kind, with a reason that a client may read."""
    try:
        yield
    except Unusable:
        raise
    except MemoryError:
        raise Unusable(f"its {kind} stream takes more memory than there is") from None
    except Exception:
        raise Unusable(f"its {kind} stream is broken, or of another size than the data set says") from None


def _doubts(header: StreamHeader, image: ImagePixel) -> str | None:
    if not header.complete:
        return "its stream is cut short, so a part of the picture may be missing"
    if (header.rows, header.columns) != (image.rows, image.columns):
        return f"its stream has {header.columns}x{header.rows} pixels, the data set says {image.columns}x{image.rows}"
    if header.samples != image.samples:
        return f"its stream has {header.samples} samples a pixel, the data set says {image.samples}"
    return None


def _jpeg(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    scans = stream.count(START_OF_SCAN)
    samples = header.rows * header.columns * header.samples
    if scans > MAX_SCANS or (ARITHMETIC_FRAME.search(stream) and scans * samples > MAX_ARITHMETIC_SAMPLES):
        raise Unusable("its stream has more scans than can be decoded")
    if header.samples != 3:
        return imagecodecs.jpeg8_decode(stream), image.photometric
    # Only where the stream does not say what its colours are the data set does (PS3.5 8.2.1).
    usual = "RGB" if header.lossless and not image.photometric.startswith("YBR") else "YBR_FULL"
    colours = header.colours or ("RGB" if image.photometric == "RGB" else usual)
    if header.lossless or colours == "RGB":
        # libjpeg transforms no colours of lossless streams.
        return imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB"), colours
    return imagecodecs.jpeg8_decode(stream, colorspace="YCBCR", outcolorspace="RGB"), "RGB"


def _jpeg_ls(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    # CharLS takes seconds to notice the end of a stream that has no end marker.
    return imagecodecs.jpegls_decode(stream if header.complete else stream + b"\xff\xd9"), image.photometric


def _jpeg2000(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    if header.end is not None:  # OpenJPEG gives up at whatever else there is
        stream = stream[: header.end] + b"\xff\xd9"
    samples = imagecodecs.jpeg2k_decode(stream, numthreads=CORES)
    return _without_alpha(samples, image), _after_jpeg2000(header, image)


def _htj2k(stream: bytes, header: StreamHeader, image: ImagePixel) -> tuple[NDArray[np.generic], str]:
    if not header.lossless or image.lossy or header.subsampled or not stream.startswith(CODESTREAM_START):
        # OpenJPH wraps around at the ends of the range on lossy streams, and knows neither subsampled chroma nor
        # boxes; OpenJPEG does.
        return _jpeg2000(stream, header, image)
    with unraised() as failures:  # imagecodecs goes on where OpenJPH fails
        samples = imagecodecs.htj2k_decode(stream, planar=False)
    if failures:
        raise RuntimeError("OpenJPH failed")
    return _without_alpha(samples, image), _after_jpeg2000(header, image)


def _without_alpha(samples: NDArray[np.generic], image: ImagePixel) -> NDArray[np.generic]:
    """Of four samples a pixel the first three, where these are what the data set speaks of."""
    return samples[..., :3] if samples.ndim == 3 and image.samples == 3 else samples


def _after_jpeg2000(header: StreamHeader, image: ImagePixel) -> str:
    # The stream's own transform (YBR_RCT, YBR_ICT) is undone by the decoder (PS3.5 8.2.4).
    return header.colours if header.samples >= 3 and header.colours else image.photometric


def _jpeg_xl(stream: bytes, image: ImagePixel) -> DecodedFrame:
    """ISO/IEC 18181. Its size is only known to its decoder, which checks it against the array that it is to fill."""
    size = 1 if image.bits_allocated <= 8 else 2
    _refuse_large(image, image.samples * size)
    with _broken_is_unusable("JPEG XL"):
        if b"jbrd" in stream[:4096]:  # a JPEG in disguise: its own decoder shows it as the JPEG would be
            return decode(bytes(imagecodecs.jpegxl_decode_jpeg(stream, numthreads=1)), image)
        samples = imagecodecs.jpegxl_decode(stream, out=np.empty(image.shape, f"u{size}"))
    # libjxl gives RGB, whatever colours it found best to store.
    photometric = "RGB" if image.samples == 3 else image.photometric
    return DecodedFrame(samples, photometric, size * 8, image.lossy)


def _rle(stream: bytes, image: ImagePixel) -> DecodedFrame:
    """PS3.5 G: a segment for each byte of a sample, of all pixels."""
    _refuse_large(image, 1)
    if image.bits_allocated == 1:  # packed as when uncompressed, and then run lengths of the bytes
        packed = _rle(stream, replace(image, rows=1, columns=(image.pixels + 7) // 8, bits_allocated=8, bits_stored=8))
        bits = np.unpackbits(packed.samples.astype(np.uint8), bitorder="little")[: image.pixels]
        return replace(packed, samples=bits.reshape(image.rows, image.columns), precision=1)
    size = image.bits_allocated // 8
    if image.bits_allocated not in (8, 16, 32):
        raise Unusable(f"RLE frames of {image.bits_allocated} bits are not supported")
    _refuse_large(image, image.samples * size)
    segments = _rle_segments(stream)
    needed = image.samples * size
    doubts = [] if len(segments) == needed else [f"its RLE stream has {len(segments)} segments instead of {needed}"]
    if len(segments) < needed:
        raise Unusable(*doubts)
    planes = np.zeros((image.samples, image.pixels), f"u{size}")
    whole = True
    for number, segment in enumerate(segments[:needed]):
        octets = np.zeros(image.pixels, np.uint8)  # what a segment that is cut short leaves is black
        whole &= _unpack(segment, octets)
        plane = planes[number // size]  # the most significant byte comes first
        np.bitwise_or(plane << 8 if size > 1 else plane, octets, out=plane)
    samples = np.ascontiguousarray(planes.T).reshape(image.shape)
    doubts += [] if whole else ["its stream is cut short, so a part of the picture is missing"]
    return DecodedFrame(
        samples, image.photometric, image.bits_allocated, lossy=False, warning="; ".join(doubts) or None
    )


def _rle_segments(stream: bytes) -> list[bytes]:
    """The segments of a frame, each up to where another one begins (PS3.5 G.5)."""
    if len(stream) < RLE_HEADER_BYTES:
        raise Unusable("its stream is none that is known here")
    count, *offsets = struct.unpack("<16L", stream[:RLE_HEADER_BYTES])
    begun = [offset for offset in offsets[:count] if RLE_HEADER_BYTES <= offset <= len(stream)]
    if len(begun) != count:
        raise Unusable("its stream is none that is known here")
    bounds = sorted({*begun, len(stream)})
    return [stream[start : bounds[bisect_right(bounds, start)]] if start < len(stream) else b"" for start in begun]


def _unpack(segment: bytes, octets: NDArray[np.uint8]) -> bool:
    """Fills the octets with a segment's runs (PS3.5 G.3); False if they end before. What follows them is nobody's."""
    try:
        return len(imagecodecs.packbits_decode(segment, out=octets.data)) == len(octets)
    except RuntimeError:  # its runs do not end where the octets do
        return len(imagecodecs.packbits_decode(_runs(segment, len(octets)), out=octets.data)) == len(octets)


def _runs(segment: bytes, most: int) -> bytes:
    """The runs of a segment, cut off after so many octets, and where the segment ends within one."""
    position = filled = 0
    while position + 1 < len(segment):
        head = segment[position]
        literal = head < 128
        length = head + 1 if literal else (257 - head) % 129  # 128 stands for none
        after = position + 1 + (length if literal else min(length, 1))
        if filled + length > most or after > len(segment):
            octets = segment[position + 1 : after] * (1 if literal else length)
            rest = octets[: most - filled]
            return segment[:position] + (bytes([len(rest) - 1]) + rest if rest else b"")
        filled += length
        position = after
    return segment[:position]


def _refuse_large(image: ImagePixel, pixel_bytes: int) -> None:
    """Raises Unusable if the data set's size, which is all that is known before decoding, is beyond memory."""
    if image.pixels * pixel_bytes > MAX_FRAME_BYTES:
        raise Unusable(f"its {image.columns}x{image.rows} pixels are more than can be decoded")


Decoder = Callable[[bytes, StreamHeader, ImagePixel], tuple[NDArray[np.generic], str]]

DECODERS: dict[StreamKind, Decoder] = {
    StreamKind.JPEG: _jpeg,
    StreamKind.JPEG_LS: _jpeg_ls,
    StreamKind.JPEG_2000: _jpeg2000,
    StreamKind.HTJ2K: _htj2k,
}
