"""The codecs of pixel data, one entry each in CODECS: its transfer syntaxes, its streams, its decoder and encoder.

What a stream says that it is picks its decoder, since files whose transfer syntax is wrong are common. Libraries are
loaded by the first frame that needs them: imagecodecs takes a while, and many files need none of it.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.dataset.deflate import deflate, inflate
from imaging.pixels.codecs import jpeg, jpeg_2000, jpeg_ls, jpeg_xl, rle
from imaging.pixels.codecs.coding import Coding
from imaging.pixels.codecs.decoded import DecodedFrame
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.native import frame_octets
from imaging.pixels.streams import CODESTREAM_START, FILE_START, JPEG_START, StreamHeader, stream_header
from problems import Unusable

ROOT = "1.2.840.10008.1.2"  # of DICOM's transfer syntaxes (PS3.6 A)


MAX_LOSSY_BITS = 16  # which all decoders read


class Codec(NamedTuple):
    """A way to store frames.

    - `name`: as messages have it.
    - `transfer_syntaxes`: the UIDs in which its frames are stored; `perhaps_lossy`: those of them whose streams do not
      say whether there was loss. A stream with a header that `streams` reads is told by that, whatever its UID.
    - `starts`: what its streams begin with; `begins` tells a stream by more than its first bytes.
    - `decode`: a stream, what the data set says of it, and its header if it has one, to samples.
    - `encode`: samples to a stream. `lossless` and `lossy` are the transfer syntaxes in which it does so without and
      with loss. A stream has a place for `most_bits` of a sample and, of three samples, for these `colours`.
      `colours_of`: the photometric interpretation of encoded colours.
    - `unpack`: a stream to the bytes of a native frame, at most so many; `pack`: the way back.
    - `refusal`: why its frames can't be decoded, as a part of a sentence.
    """

    name: str
    transfer_syntaxes: tuple[str, ...]
    perhaps_lossy: tuple[str, ...] = ()
    is_encapsulated: bool = True
    starts: tuple[bytes, ...] = ()
    begins: Callable[[bytes | memoryview], bool] | None = None
    decode: Callable[[bytes, ImagePixel, StreamHeader | None], DecodedFrame] | None = None
    encode: Callable[[NDArray[Any], Coding], bytes] | None = None
    lossless: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()
    most_bits: int = 16
    colours: tuple[str, ...] = ("RGB", "YBR_FULL")
    colours_of: Callable[[Coding], str] = attrgetter("photometric")
    unpack: Callable[[bytes, int], bytes] | None = None
    pack: Callable[[bytes], bytes] | None = None
    refusal: str | None = None


CODECS = (
    Codec(
        "native",  # PS3.5 A.1 to A.3, A.5; and GE's own, of big endian samples
        (ROOT, f"{ROOT}.1", f"{ROOT}.1.99", f"{ROOT}.2", "1.2.840.113619.5.2"),
        is_encapsulated=False,
    ),
    Codec(
        "encapsulated uncompressed",  # A.4.11
        (f"{ROOT}.1.98",),
        unpack=lambda stream, _: stream,
        pack=lambda frame: frame,
    ),
    Codec(
        "deflated image frames",  # A.4.14
        (f"{ROOT}.8.1",),
        unpack=inflate,
        pack=lambda frame: deflate([frame]),
    ),
    Codec(
        "JPEG XL",
        (f"{ROOT}.4.110", f"{ROOT}.4.111", f"{ROOT}.4.112"),
        perhaps_lossy=(f"{ROOT}.4.112",),
        starts=jpeg_xl.STARTS,
        decode=jpeg_xl.decode,
        encode=jpeg_xl.encode,
        lossless=(f"{ROOT}.4.110",),
        lossy=(f"{ROOT}.4.112",),
        colours=("RGB",),
        colours_of=jpeg_xl.colours_of,
    ),
    Codec(
        "JPEG",
        (f"{ROOT}.4.50", f"{ROOT}.4.51", f"{ROOT}.4.57", f"{ROOT}.4.70"),
        starts=(JPEG_START,),
        decode=jpeg.decode,
        encode=jpeg.encode,
        lossless=(f"{ROOT}.4.57", f"{ROOT}.4.70"),
        lossy=jpeg.LOSSY,
        colours_of=jpeg.colours_of,
    ),
    Codec(
        "JPEG-LS",
        (f"{ROOT}.4.80", f"{ROOT}.4.81"),
        starts=(JPEG_START,),
        decode=jpeg_ls.decode,
        encode=jpeg_ls.encode,
        lossless=(f"{ROOT}.4.80", f"{ROOT}.4.81"),
        lossy=(f"{ROOT}.4.81",),
    ),
    Codec(
        "JPEG 2000",
        (f"{ROOT}.4.90", f"{ROOT}.4.91", f"{ROOT}.4.92", f"{ROOT}.4.93"),
        perhaps_lossy=(f"{ROOT}.4.91",),
        starts=(CODESTREAM_START, FILE_START),
        decode=jpeg_2000.decode,
        encode=jpeg_2000.encode,
        lossless=(f"{ROOT}.4.90", f"{ROOT}.4.91"),
        lossy=(f"{ROOT}.4.91",),
        most_bits=24,
        colours_of=jpeg_2000.colours_of,
    ),
    Codec(
        "HTJ2K",
        (f"{ROOT}.4.201", f"{ROOT}.4.202", f"{ROOT}.4.203"),
        perhaps_lossy=(f"{ROOT}.4.203",),
        starts=(CODESTREAM_START, FILE_START),
        decode=jpeg_2000.decode_htj2k,
        encode=jpeg_2000.encode_htj2k,
        lossless=(f"{ROOT}.4.201", f"{ROOT}.4.202", f"{ROOT}.4.203"),
        lossy=(f"{ROOT}.4.203",),
        most_bits=32,
        colours_of=jpeg_2000.colours_of,
    ),
    Codec(
        "RLE",
        (f"{ROOT}.5",),
        begins=rle.begins,
        decode=rle.decode,
        encode=rle.encode,
        lossless=(f"{ROOT}.5",),
        most_bits=32,
    ),
    Codec(
        "video",
        tuple(f"{ROOT}.4.{number}" for number in range(100, 109)),
        refusal="it is video (MPEG-2, H.264 or HEVC), which is not decoded here",
    ),
)

# Whatever else begins so is encapsulated, retired transfer syntaxes and those to come (PS3.5 A.4).
ENCAPSULATED_FAMILIES = (f"{ROOT}.4.", f"{ROOT}.8.")


def codec_of(transfer_syntax: str) -> Codec | None:
    """The codec of a transfer syntax; None of one that is not known here."""
    return next((codec for codec in CODECS if transfer_syntax in codec.transfer_syntaxes), None)


def is_encapsulated(transfer_syntax: str) -> bool | None:
    """Whether pixel data of this transfer syntax is in fragments; None of one that is not known."""
    codec = codec_of(transfer_syntax)
    if codec:
        return codec.is_encapsulated
    return True if transfer_syntax.startswith(ENCAPSULATED_FAMILIES) else None


def has_known_start(content: bytes | memoryview) -> bool:
    """Whether a stream begins here that its first bytes tell from samples. RLE has no such bytes."""
    head = bytes(content[:12])
    return any(head.startswith(codec.starts) for codec in CODECS if codec.starts)


def begins_stream(content: bytes | memoryview) -> bool:
    """Whether a stream of any codec begins here."""
    return has_known_start(content) or any(codec.begins(content) for codec in CODECS if codec.begins)


def decode(stream: bytes, image: ImagePixel) -> DecodedFrame:
    """Decodes one frame's stream. Raises Unusable, with the reason, if that can't be done."""
    header = stream_header(stream)
    name = header.kind.value if header else _name_by_start(stream)
    decoder = next(codec.decode for codec in CODECS if codec.name == name and codec.decode)
    return decoder(stream, image, header)


def encode(samples: NDArray[Any], coding: Coding) -> bytes:
    """Encodes one frame: (rows, columns) or (rows, columns, samples), integers, signed or not.

    RLE and the codecs of whole frames keep all of the array's bits, and the others the lowest ones, as `coding` says.
    Raises Unusable, with the reason, for what the codec of the transfer syntax has no place for.
    """
    codec = codec_of(coding.transfer_syntax)
    if codec and codec.pack:
        return codec.pack(frame_octets(samples, packed=coding.packed))
    syntaxes = () if codec is None else codec.lossless if coding.quality is None else codec.lossy
    if codec is None or codec.encode is None or coding.transfer_syntax not in syntaxes:
        raise Unusable(f"nothing here writes it {'without' if coding.quality is None else 'with'} loss")
    _check_place(samples, coding, codec)
    return codec.encode(np.ascontiguousarray(samples), coding)


def _check_place(samples: NDArray[Any], coding: Coding, codec: Codec) -> None:
    if samples.dtype.kind == "f":
        raise Unusable(f"{codec.name} has no place for floating-point values: use a native transfer syntax")
    if coding.packed and codec.encode is not rle.encode:
        raise Unusable(f"{codec.name} has no place for single bits: use rle or deflated-frames")
    bits = samples.itemsize * 8 if codec.encode is rle.encode else coding.bits
    if bits > codec.most_bits:
        raise Unusable(f"{codec.name} has at most {codec.most_bits} bits a sample here, and these have {bits}")
    if samples.ndim == 3 and samples.shape[-1] == 3 and coding.photometric not in codec.colours:
        raise Unusable(f"{codec.name} has no place for {coding.photometric}, only for {' and '.join(codec.colours)}")
    if samples.ndim == 3 and samples.shape[-1] == 4 and codec.encode is not rle.encode:
        raise Unusable(f"{codec.name} has no place for four samples a pixel: use rle or a native transfer syntax")
    if coding.quality is not None and bits > MAX_LOSSY_BITS:
        raise Unusable(f"{codec.name} with loss has at most {MAX_LOSSY_BITS} bits a sample, and these have {bits}")
    if coding.quality is not None and (coding.photometric == "PALETTE COLOR" or coding.bits == 1):
        raise Unusable("its values are numbers of colours, or of one bit, which no loss may change")


def _name_by_start(stream: bytes) -> str:
    """The codec of a stream without a header that `streams` knows. One that begins like none is tried as RLE."""
    return next((codec.name for codec in CODECS if codec.starts and stream.startswith(codec.starts)), "RLE")
