"""The pixel data of a file in another transfer syntax: frames as they are, or decoded and encoded again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from imaging.conversion.frame_coding import FrameCoder, numbered
from imaging.conversion.native_data import native_to_native, native_value
from imaging.conversion.options import USUAL_QUALITY, ConvertOptions
from imaging.conversion.passing import passes
from imaging.conversion.targets import EXPLICIT, JPEG_XL_OF_JPEG, NATIVE, name_of
from imaging.dataset.attributes import value
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.writing import PixelValue
from imaging.parallel import in_order
from imaging.pixels.codecs import codec_of, jpeg, jpeg_xl
from imaging.pixels.encoding import Encapsulated, encapsulated
from imaging.pixels.frames import Frames, open_frames
from imaging.pixels.native import FLOAT_TAGS
from imaging.pixels.streams import StreamKind, stream_header
from problems import Invalid, Unusable, not_valid

MAX_WARNINGS = 100


@dataclass
class NewPixels:
    """Pixel data for a transfer syntax. `value`: None if it stays as it is, byte for byte.

    `attributes`: what the data set has to say of it, by keyword. `offsets`: the values of the Extended Offset Table and
    its lengths. `passed`: whether frames have the streams that they had. `ratio` and `largest_error` are those of
    frames that were encoded with loss. `earlier_loss`: the codec that had lost something before.
    """

    transfer_syntax: str
    value: PixelValue | None = None
    attributes: dict[str, str | int] = field(default_factory=dict)
    offsets: tuple[bytes, bytes] = (b"", b"")
    passed: bool = True
    ratio: float | None = None
    largest_error: int | None = None
    earlier_loss: str = ""


def new_pixels(file: DicomFile, options: ConvertOptions) -> NewPixels:
    """The file's pixel data for the transfer syntax of the options. Raises Invalid if that has no place for it."""
    target = options.transfer_syntax
    if target is None:
        return NewPixels(file.transfer_syntax)
    if file.pixels is None or len(file.pixels.value) == 0:
        return _without_pixels(file, target)
    if not file.pixels.encapsulated and target in NATIVE:
        return NewPixels(target, native_to_native(file, target))
    if file.pixels.tag in FLOAT_TAGS:
        raise not_valid("transfer_syntax", "Pixels that are floating-point values are not compressed: use explicit.")
    try:
        frames = _opened(file)
    except Unusable as reason:
        if target != file.transfer_syntax or options.lossy:
            raise Invalid(f"The pixel data can't be converted: {reason.message}.") from None
        file.warnings.append(f"The pixel data stays as it is: {reason.message}.")
        return NewPixels(target)
    return _as_they_are(file, frames, options) or _converted(file, frames, target, options)


def _converted(file: DicomFile, frames: Frames, target: str, options: ConvertOptions) -> NewPixels:
    return _of_jpegs(file, frames) if target == JPEG_XL_OF_JPEG else _coded(file, frames, target, options)


def _without_pixels(file: DicomFile, target: str) -> NewPixels:
    if value(file.dataset, "PixelDataProviderURL"):
        raise Invalid("The file holds no pixel data, only the address of a server that does.")
    if target not in NATIVE:
        file.warnings.append("There is no pixel data to compress, so the file is in Explicit VR Little Endian.")
        target = EXPLICIT
    return NewPixels(target)


def _opened(file: DicomFile) -> Frames:
    """The frames, all that the data set says there are. Raises Unusable."""
    frames = open_frames(file)
    if frames is None:
        raise Unusable("there is none")
    if frames.held < frames.image.frames:
        missing = frames.held + 1
        raise Unusable(f"the data set says that there are {frames.image.frames} frames, and frame {missing} is missing")
    file.budget.spend_items(frames.count)
    return frames


def _stream(file: DicomFile, frames: Frames, index: int) -> bytes:
    assert file.pixels is not None  # noqa: S101 - there are frames
    return b"".join(file.pixels.value[place] for place in frames.places(index))


def _as_they_are(file: DicomFile, frames: Frames, options: ConvertOptions) -> NewPixels | None:
    """The streams of all frames, if the target has them as they stand, and nobody asked for others."""
    target = options.transfer_syntax or file.transfer_syntax
    if not (file.pixels and file.pixels.encapsulated) or target in NATIVE or options.quality or options.ratio:
        return None
    says_lossless = str(value(file.dataset, "LossyImageCompression")).strip() == "00"
    streams, doubts = [], []
    passed = True
    for index in range(frames.count):
        file.budget.check_time()
        found = _stream(file, frames, index)
        stream = numbered(index, partial(_unwrapped, found)) if target in jpeg.LOSSY else found
        if not passes(stream, file.transfer_syntax, target, frames.image, says_lossless=says_lossless):
            return None
        file.budget.spend_bytes(len(stream))
        header = stream_header(stream)
        doubts.append("its stream is cut short" if header and not header.complete else None)
        passed = passed and stream is found
        streams.append(stream)
    file.warnings += _warnings(doubts)
    return replace(_encapsulated(target, streams), passed=passed)


def _unwrapped(stream: bytes) -> bytes:
    """The JPEG, of a stream that is one in another form."""
    return jpeg_xl.original_jpeg(stream) or stream


def _of_jpegs(file: DicomFile, frames: Frames) -> NewPixels:
    def coded(index: int) -> bytes:
        stream = _without_padding(_stream(file, frames, index))
        header = stream_header(stream)
        if header is None or header.kind is not StreamKind.JPEG or header.lossless or header.precision != 8:
            raise Unusable("jpeg-xl-of-jpeg holds nothing but JPEGs of 8 bits with loss: use jpeg-xl")
        made = jpeg_xl.encode_jpeg(stream)
        if jpeg_xl.original_jpeg(made) != stream:
            raise Unusable("its JPEG can't be had back from JPEG XL, byte for byte")
        file.budget.spend_bytes(len(made))
        return made

    streams = list(in_order(lambda index: numbered(index, partial(coded, index)), range(frames.count)))
    return replace(_encapsulated(JPEG_XL_OF_JPEG, streams), passed=False)


def _without_padding(stream: bytes) -> bytes:
    """A JPEG without the byte that makes its length even."""
    return stream[:-1] if stream.endswith(b"\xff\xd9\0") else stream


def _encapsulated(target: str, streams: Sequence[bytes]) -> NewPixels:
    made: Encapsulated = encapsulated(streams)
    pixels = PixelValue("OB", made.parts, encapsulated=True)
    return NewPixels(target, pixels, offsets=(made.offsets, made.lengths))


def _coded(file: DicomFile, frames: Frames, target: str, options: ConvertOptions) -> NewPixels:
    """The frames decoded, and encoded for the target."""
    codec = codec_of(target)
    assert codec is not None  # noqa: S101 - targets are known
    loses = options.lossy
    if target in codec.lossy and not loses:
        raise not_valid("transfer_syntax", f"{name_of(target)} may change values: send lossy=true to allow that.")
    quality = (options.quality or USUAL_QUALITY) if loses else None
    coder = FrameCoder(file, frames, target, quality, options.ratio)
    coded = list(in_order(lambda index: numbered(index, partial(coder.coded, index)), range(frames.count)))
    first = coded[0]
    if any(frame.photometric != first.photometric for frame in coded):
        raise Invalid("The frames have different colours, and a file has one photometric interpretation.")
    file.warnings += _warnings([frame.warning for frame in coded])
    if target in NATIVE:
        pixels = native_value([frame.content for frame in coded], frames.image, target)
        made = NewPixels(target, pixels)
    else:
        made = _encapsulated(target, [frame.content for frame in coded])
    made.passed = False
    made.attributes = coder.attributes(first.photometric)
    header = stream_header(_stream(file, frames, 0)) if file.pixels and file.pixels.encapsulated else None
    if header and not header.lossless:
        made.earlier_loss = header.kind.value
    if loses:
        size = sum(len(frame.content) for frame in coded)
        made.ratio = coder.native_bytes * frames.count / size
        errors = [frame.error for frame in coded if frame.error is not None]
        made.largest_error = max(errors) if len(errors) == len(coded) else None
    return made


def _warnings(found: Sequence[str | None]) -> Iterator[str]:
    warned = [(number, warning) for number, warning in enumerate(found, 1) if warning]
    for number, warning in warned[:MAX_WARNINGS]:
        yield f"Frame {number}: {warning}."
    if len(warned) > MAX_WARNINGS:
        yield f"{len(warned) - MAX_WARNINGS} more frames have such warnings."
