"""The floor: what the codecs take by themselves on one core. No parsing, no windowing, no HTTP, no JSON.

Reading: each frame's stream decoded, its picture as PNG (every row as the difference to the one above, and isal's
deflate at level 1), and base64 of that. Generating: the picture decoded, and base64 of its pixels, which is most of the
answer. Converting: each frame encoded, decoded to see whether it is the same, and base64 of the streams.
"""

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pybase64
import pydicom
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import generate_frames

from bench.encoders import SYNTAXES

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from imaging.answers.options import ReadOptions
from imaging.answers.read import write_answer

JPEG_2000 = partial(imagecodecs.jpeg2k_decode, numthreads=1)
# Names of transfer syntaxes in the API, and in bench.encoders.
TARGETS = {"jpeg-lossless": "JPEG lossless SV1", "jpeg-ls": "JPEG-LS", "j2k": "JPEG 2000", "htj2k": "HTJ2K"}
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "1.2.840.10008.1.2.4.50": partial(imagecodecs.jpeg8_decode, colorspace="YCBCR", outcolorspace="RGB"),
    "1.2.840.10008.1.2.4.51": imagecodecs.jpeg8_decode,
    "1.2.840.10008.1.2.4.57": imagecodecs.jpeg8_decode,
    "1.2.840.10008.1.2.4.70": imagecodecs.jpeg8_decode,
    "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_decode,
    "1.2.840.10008.1.2.4.81": imagecodecs.jpegls_decode,
    "1.2.840.10008.1.2.4.90": JPEG_2000,
    "1.2.840.10008.1.2.4.91": JPEG_2000,
    "1.2.840.10008.1.2.4.110": partial(imagecodecs.jpegxl_decode, numthreads=1),
    "1.2.840.10008.1.2.4.201": imagecodecs.htj2k_decode,
}


def read(content: bytes) -> Callable[[], list[str]]:
    answer = bytearray()
    write_answer("file.dcm", content, ReadOptions(), answer.extend)
    pictures = [_picture(image) for image in json.loads(answer)["Images"]]
    steps = list(zip(_decodings(content, len(pictures)), pictures, strict=True))
    return lambda: [_frame(decode, picture) for decode, picture in steps]


def generate(content: bytes) -> Callable[[], list[str]]:
    decode = imagecodecs.png_decode if content.startswith(b"\x89PNG") else imagecodecs.jpeg8_decode
    return lambda: [pybase64.b64encode(decode(content).data).decode()]


def convert(content: bytes, target: str) -> Callable[[], list[str]]:
    dataset = pydicom.dcmread(BytesIO(content))
    pixels = dataset.pixel_array
    frames = list(pixels) if dataset.get("NumberOfFrames", 1) > 1 else [pixels]
    syntax = SYNTAXES[TARGETS[target]]
    encode, decode = syntax.encode, DECODERS[syntax.uid]
    assert encode

    def work(frame: NDArray[Any]) -> str:
        stream = bytes(encode(frame, dataset.BitsStored))
        assert decode(stream).shape == frame.shape
        return pybase64.b64encode(stream).decode()

    return lambda: [work(frame) for frame in frames]


def answer(texts: list[str]) -> bytes:
    return json.dumps(texts).encode()


def facts(_: list[str]) -> dict[str, Any]:
    return {}


def _frame(decode: Callable[[], Any], picture: NDArray[np.uint8]) -> str:
    decode()
    rows = picture.reshape(len(picture), -1)
    filtered = np.full((rows.shape[0], rows.shape[1] + 1), 2, np.uint8)
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return pybase64.b64encode(isal_zlib.compress(filtered, 1)).decode()


def _decodings(content: bytes, frames: int) -> Iterator[Callable[[], Any]]:
    """The function that decodes each frame."""
    dataset = pydicom.dcmread(BytesIO(content))
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == "1.2.840.10008.1.2.1.99":  # all but the file meta information is deflated
        # After the preamble, "DICM", and the group length, which counts what comes after itself (PS3.10 7.1).
        start = 144 + dataset.file_meta.FileMetaInformationGroupLength
        yield partial(isal_zlib.decompress, content[start:], -15)
        return
    if not dataset["PixelData"].is_undefined_length:
        yield from [lambda: None] * frames
        return
    decoder = DECODERS.get(syntax) or partial(
        imagecodecs.dicomrle_decode,
        dtype=np.dtype(f"u{dataset.BitsAllocated // 8}"),
        out=dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated // 8,
    )
    for stream in generate_frames(dataset.PixelData, number_of_frames=frames):
        yield partial(decoder, stream)


def _picture(image: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(pybase64.b64decode(image))))
