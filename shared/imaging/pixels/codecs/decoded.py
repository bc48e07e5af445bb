"""What a decoder gives, and what all decoders have in common."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.image_pixel import MAX_FRAME_BYTES, ImagePixel
from imaging.pixels.streams import StreamHeader
from problems import Unusable


@dataclass(frozen=True)
class DecodedFrame:
    """A frame's samples, (rows, columns) or (rows, columns, samples), with what they now are.

    `photometric` is RGB where the decoder made it so. `precision`: bits of a sample that the stream holds. `lossy`:
    samples may differ from the original. `warning` says what may be wrong with the picture.
    """

    samples: NDArray[np.generic]
    photometric: str
    precision: int
    lossy: bool
    warning: str | None = None


HeaderDecoder = Callable[[bytes, StreamHeader, ImagePixel], tuple[NDArray[np.generic], str]]


def by_header(
    stream: bytes, image: ImagePixel, header: StreamHeader | None, decode: HeaderDecoder, *, may_be_cut: bool = False
) -> DecodedFrame:
    """Decodes a stream whose header says how large it is. `decode` gives samples and what their colours are.

    `may_be_cut`: a reversible stream may lack some of its layers, which only the data set tells. Raises Unusable.
    """
    if header is None:
        raise Unusable("its stream is none that is known here")
    if header.rows * header.columns == 0 or header.samples not in (1, 3, 4):
        raise Unusable(f"its stream has {header.columns}x{header.rows} pixels of {header.samples} samples")
    if header.rows * header.columns * header.samples * (1 if header.precision <= 8 else 2) > MAX_FRAME_BYTES:
        raise Unusable(f"its stream of {header.columns}x{header.rows} pixels is larger than can be decoded")
    with broken_is_unusable(header.kind.value):
        samples, photometric = decode(stream, header, image)
    lossy = not header.lossless or (may_be_cut and image.lossy)
    return DecodedFrame(samples, photometric, header.precision, lossy, _doubts(header, image))


@contextmanager
def broken_is_unusable(kind: str) -> Iterator[None]:
    """Turns whatever a decoder raises on a stream of this kind into Unusable, with a reason that a client may read."""
    try:
        yield
    except Unusable:
        raise
    except MemoryError:
        raise Unusable(f"its {kind} stream takes more memory than there is") from None
    except Exception:
        raise Unusable(f"its {kind} stream is broken, or of another size than the data set says") from None


def refuse_large(image: ImagePixel, pixel_bytes: int) -> None:
    """Raises Unusable if the data set's size, which is all that is known before decoding, is beyond memory."""
    if image.pixels * pixel_bytes > MAX_FRAME_BYTES:
        raise Unusable(f"its {image.columns}x{image.rows} pixels are more than can be decoded")


def _doubts(header: StreamHeader, image: ImagePixel) -> str | None:
    if not header.complete:
        return "its stream is cut short, so a part of the picture may be missing"
    if (header.rows, header.columns) != (image.rows, image.columns):
        return f"its stream has {header.columns}x{header.rows} pixels, the data set says {image.columns}x{image.rows}"
    if header.samples != image.samples:
        return f"its stream has {header.samples} samples a pixel, the data set says {image.samples}"
    return None
