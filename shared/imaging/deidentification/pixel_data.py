"""Pixel data without what was burned into it, and without text in its streams, in the file's own transfer syntax."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.tag import BaseTag

from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import PixelElement
from imaging.dataset.writing import PixelValue, element, put, remove
from imaging.deidentification.blanking import blank, blank_native, has_unused_bits
from imaging.deidentification.pictures import embedded_overlays
from imaging.deidentification.regions import Region, blanked
from imaging.deidentification.segments import without_text
from imaging.parallel import in_order
from imaging.pixels import codecs
from imaging.pixels.codecs.coding import Coding
from imaging.pixels.encoding import encapsulated
from imaging.pixels.frames import Frames, encapsulated_frames, open_frames
from imaging.pixels.native import frame_bits
from imaging.pixels.streams import stream_header
from problems import Unusable, not_valid

RLE = "1.2.840.10008.1.2.5"
QUALITY = 95  # of frames that were compressed with loss, and are encoded again
EXTENDED_OFFSETS, EXTENDED_LENGTHS = BaseTag(0x7FE00001), BaseTag(0x7FE00002)
PHOTOMETRIC_INTERPRETATION = BaseTag(0x00280004)

UNKNOWN = "The pixel data was left as it is, text in its streams included: {}."
BROKEN = "Streams of frames were left as they are: {}."
LONGER = "The pixel data had more bytes than its frames need, which were removed."
HIDDEN = "Bits beside the pixels' values were set, as overlays in the pixel data do, and were cleared."
AGAIN = "Blanked frames were compressed with loss, and so they are again, by quality {}."


class Source(NamedTuple):
    """What is to be cleaned: the pixel data of a file, and its frames."""

    file: DicomFile
    pixels: PixelElement
    frames: Frames

    def stream(self, index: int) -> bytes:
        places = self.frames.places(index)
        self.file.budget.spend_bytes(sum(place.stop - place.start for place in places))
        return b"".join(self.pixels.value[place] for place in places)


class BlankedFrame(NamedTuple):
    """The stream of a frame, and what the data set has to say of it."""

    stream: bytes
    photometric: str
    lossy: bool


@dataclass
class CleanPixels:
    """`value`: None if the pixel data stays as it is. `blanked`: the number of frames with blanked pixels.

    `findings`: sentences for the report. `judged`: whether nothing is left that might be text.
    """

    value: PixelValue | None = None
    blanked: int = 0
    findings: list[str] = field(default_factory=list)
    judged: bool = True


def clean_pixels(file: DicomFile, regions: tuple[Region, ...], *, ultrasound: bool) -> CleanPixels:
    """Blanks the pixels of the regions in each frame, and removes text from the streams of frames.

    `ultrasound`: blanks what is outside of the file's ultrasound regions as well. Encoding changes the data set's
    photometric interpretation and its tables of offsets. Raises Invalid if the file can't be blanked as asked.
    """
    asked = "regions" if regions else "ultrasound" if ultrasound else ""
    try:
        frames = open_frames(file)
        if file.pixels is not None and frames is not None:
            return _cleaned(Source(file, file.pixels, frames), regions, ultrasound)
    except Unusable as reason:
        if asked:
            raise not_valid(asked, f"The pixels can't be blanked: {reason.message}.") from None
        return CleanPixels(findings=[UNKNOWN.format(reason.message)], judged=False)
    if asked:
        raise not_valid(asked, "The file has no pixel data.")
    return CleanPixels()


def _cleaned(source: Source, regions: tuple[Region, ...], ultrasound: bool) -> CleanPixels:
    file, pixels, frames = source
    if not frames.count:
        raise Unusable("it has no frames")
    mask = blanked(file.dataset, frames.image, regions, ultrasound=ultrasound)
    if pixels.encapsulated:
        # An overlay in bits of the pixels is not part of the values that are encoded again (PS3.5 8.1.2). Only run
        # lengths themselves say where they end, and nothing tells what is between and after them (PS3.5 G).
        again = mask.any() or embedded_overlays(file) or file.transfer_syntax == RLE
        return _encoded_again(source, mask) if again else _without_text(source)
    image = replace(frames.image, frames=frames.count)
    hides = has_unused_bits(pixels, image)
    is_longer = len(pixels.value) > (frame_bits(image) * image.frames + 7) // 8 + 1
    if not (mask.any() or hides or is_longer):
        return CleanPixels()
    file.budget.spend_bytes(len(pixels.value))
    value = blank_native(pixels, image, mask, clears_unused=hides)
    findings = [LONGER] * is_longer + [HIDDEN] * hides
    return CleanPixels(
        PixelValue(pixels.vr, [memoryview(value)], encapsulated=False), image.frames if mask.any() else 0, findings
    )


def _without_text(source: Source) -> CleanPixels:
    frames = source.frames
    broken, streams = "", []
    changed = frames.held > frames.count  # the others, which no viewer shows
    for index in range(frames.count):
        stream = source.stream(index)
        try:
            streams.append(without_text(stream))
        except Unusable as reason:
            broken = reason.message
            streams.append(stream)
        changed |= streams[-1] != stream
    findings = [BROKEN.format(broken)] if broken else []
    value = _encapsulated(source.file, streams) if changed else None
    return CleanPixels(value, findings=findings, judged=not broken)


def _encoded_again(source: Source, mask: NDArray[np.bool_]) -> CleanPixels:
    """Each frame decoded, blanked, and encoded again."""
    file, _, frames = source
    made = list(in_order(lambda index: _blanked_frame(source, index, mask), range(frames.count)))
    colours = {frame.photometric for frame in made}
    if len(colours) > 1:
        raise Unusable("its frames have different colours")
    if colours != {frames.image.photometric}:
        put(file.dataset, element(PHOTOMETRIC_INTERPRETATION, "CS", colours.pop().encode()))
    findings = [AGAIN.format(QUALITY)] if any(frame.lossy for frame in made) else []
    value = _encapsulated(file, [frame.stream for frame in made])
    return CleanPixels(value, len(made) if mask.any() else 0, findings)


def _blanked_frame(source: Source, index: int, mask: NDArray[np.bool_]) -> BlankedFrame:
    """With loss only where there was loss, and where the transfer syntax has it. Raises Unusable."""
    file, pixels, frames = source
    syntax, image = file.transfer_syntax, frames.image
    codec = codecs.codec_of(syntax)
    frame = frames.frame(index)
    if codec is None or frame.samples.shape[:2] != mask.shape:
        raise Unusable(f"frame {index + 1} is not what the data set says")
    file.budget.spend_bytes(frame.samples.nbytes)
    header = stream_header(source.stream(index))
    lossy = syntax in codec.lossy and (syntax not in codec.lossless or (header is not None and not header.lossless))
    samples = blank(frame.samples, mask, frame.photometric, image.bits_stored)
    packed = image.bits_allocated == 1
    coding = Coding(syntax, image.bits_stored, frame.photometric, QUALITY if lossy else None, packed)
    stream = codecs.encode(samples, coding)
    photometric = codec.colours_of(coding) if samples.ndim == 3 else frame.photometric
    if not lossy:
        image = replace(image, photometric=photometric)
        alone = replace(file, pixels=replace(pixels, value=memoryview(stream)))
        decoded = encapsulated_frames(alone, image, [[slice(0, len(stream))]]).frame(0)
        if not np.array_equal(decoded.samples, samples):
            raise Unusable(f"frame {index + 1} can't be encoded again without loss")
    return BlankedFrame(stream, photometric, lossy)


def _encapsulated(file: DicomFile, streams: list[bytes]) -> PixelValue:
    """The streams as pixel data, with the tables that say where each begins."""
    made = encapsulated(streams)
    for tag, table in ((EXTENDED_OFFSETS, made.offsets), (EXTENDED_LENGTHS, made.lengths)):
        if table:
            put(file.dataset, element(tag, "OV", table))
        elif tag in file.dataset:
            remove(file.dataset, tag)
    return PixelValue("OB", made.parts, encapsulated=True)
