"""One frame, decoded and encoded for a target: exactly, which is checked, or with as much loss as is allowed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from imaging.conversion.targets import NATIVE, name_of
from imaging.dataset.dicom_file import DicomFile
from imaging.pixels import codecs
from imaging.pixels.codecs import ROOT, codec_of, jpeg, rle
from imaging.pixels.codecs.coding import Coding
from imaging.pixels.frames import Frame, Frames, decoded_frame
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.native import frame_octets, sample_bytes
from problems import Invalid, Unusable

_T = TypeVar("_T")
# Those whose readers expect samples of up to 8 bits in a byte (PS3.5 8.2.1, 8.2.15).
BYTE_FORMS = (jpeg.BASELINE, f"{ROOT}.4.110", f"{ROOT}.4.112")
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
LOWEST_QUALITY, HIGHEST_QUALITY = 1, 100
# Photometric interpretations that say how chroma is stored, and what decoded samples of them are (PS3.3 C.7.6.3.1.2).
FULL_CHROMA = {"YBR_FULL_422": "YBR_FULL"}


def numbered(index: int, work: Callable[[], _T]) -> _T:
    """What the work gives. Raises Invalid, with the number of the frame, for whatever is wrong with it."""
    try:
        return work()
    except Unusable as reason:
        raise Invalid(f"Frame {index + 1} can't be converted: {reason.message}.") from None


@dataclass(frozen=True)
class CodedFrame:
    """`content`: a stream, or the bytes of a native frame. `photometric`: of the samples in it.

    `error`: of what was lost now, the largest difference to what the frame was; None if its colours became others.
    """

    content: bytes
    photometric: str
    warning: str | None
    error: int | None = None


class FrameCoder:
    """Encodes the frames of a file for a target: as whole allocated words, or as values alone (PS3.5 8.1.1).

    Native forms and RLE have words. Other codecs have the values, unless the bits beside them hold an overlay.
    """

    def __init__(self, file: DicomFile, frames: Frames, target: str, quality: int | None, ratio: float | None) -> None:
        self.file = file
        self.frames = frames
        self.image = image = frames.image
        self.target = target
        self.quality = quality
        self.ratio = ratio
        codec = codec_of(target)
        self.codec = codec
        self.has_words = target in NATIVE or codec is None or codec.encode in (None, rle.encode)
        self.packed = image.bits_allocated == 1
        has_overlay = _has_overlay_in_pixels(file)
        if has_overlay and quality is not None:
            raise Invalid("Bits beside the pixels' values hold an overlay, which loss would destroy: leave lossy out.")
        self.keeps_words = self.has_words or has_overlay
        allocated = 1 if self.packed else sample_bytes(image.bits_allocated) * 8
        if image.bits_stored <= 8 and not self.keeps_words and target in BYTE_FORMS:
            allocated = 8
        self.stored = image.bits_stored
        if target in jpeg.LOSSY:  # whose streams have 8 or 12 (PS3.5 8.2.1)
            self.stored = 8 if image.bits_stored <= 8 else max(jpeg.MAX_LOSSY_BITS, image.bits_stored)
        self.high_bit = image.high_bit if self.keeps_words else self.stored - 1
        self.allocated = allocated
        self.native_bytes = image.pixels * image.samples * allocated / 8

    def attributes(self, photometric: str) -> dict[str, str | int]:
        """What the data set has to say of the encoded frames, by keyword. `photometric`: of the samples."""
        image = self.image
        coding = self._coding(photometric, self.quality)
        colours = self.codec.colours_of(coding) if self.codec and image.samples == 3 else photometric
        found: dict[str, str | int] = {"PhotometricInterpretation": colours}
        if image.samples > 1:
            found["PlanarConfiguration"] = 0
        return {**found, "BitsAllocated": self.allocated, "BitsStored": self.stored, "HighBit": self.high_bit}

    def coded(self, index: int) -> CodedFrame:
        """The frame in its new form. Raises Unusable if it can't be decoded, or has no place in the target."""
        self.file.budget.check_time()
        frame = self.frames.frame(index)
        photometric = FULL_CHROMA.get(frame.photometric, frame.photometric)
        if frame.samples.shape != self.image.shape:
            raise Unusable(frame.warning or "its size is another than the data set says")
        if photometric == "YBR_PARTIAL_422":
            raise Unusable("YBR_PARTIAL_422 is retired, and nothing else has a place for it")
        if self.packed and self.codec and self.codec.encode is rle.encode and self.file.transfer_syntax != self.target:
            raise Unusable("few programs read run lengths of single bits: use deflated-frames")
        samples = self._words(frame) if self.keeps_words else self._values(frame)
        coding = self._coding(photometric, self.quality)
        error = None
        if self.target in NATIVE:
            content = samples.astype(np.uint8).tobytes() if self.packed else frame_octets(samples, packed=False)
        elif self.quality is None:
            content = codecs.encode(samples, coding)
            if not self._is_same(content, samples, coding):
                raise Unusable(f"{name_of(self.target)} does not give its values back without loss")
        else:
            content = self._small_enough(samples, coding) if self.ratio else codecs.encode(samples, coding)
            error = self._error(content, samples, coding)
        self.file.budget.spend_bytes(len(content))
        return CodedFrame(content, photometric, frame.warning, error)

    def _coding(self, photometric: str, quality: int | None) -> Coding:
        bits = self.allocated if self.keeps_words else self.image.bits_stored
        return Coding(self.target, bits, photometric, quality, self.packed)

    def _words(self, frame: Frame) -> NDArray[Any]:
        """Whole allocated words, with the sign that the values have, if a codec has a place for it."""
        image = self.image
        kind = "i" if image.signed and not self.has_words else "u"
        size = sample_bytes(image.bits_allocated)
        if frame.words is not None:
            return frame.words.astype(f"u{size}", copy=False).view(f"{kind}{size}")
        shifted = frame.samples.astype(f"i{size}" if image.signed else f"u{size}") << (
            image.high_bit + 1 - image.bits_stored
        )
        words: NDArray[Any] = shifted.view(f"{kind}{size}")
        return words

    def _values(self, frame: Frame) -> NDArray[Any]:
        """Stored values, in as few bytes as they need."""
        kind = "i" if self.image.signed else "u"
        return frame.samples.astype(f"{kind}{sample_bytes(self.image.bits_stored)}", copy=False)

    def _is_same(self, content: bytes, samples: NDArray[Any], coding: Coding) -> bool:
        """Whether the stream gives the samples back, to the bit, to whoever reads the new file."""
        codec = self.codec
        if codec and codec.unpack:
            octets = frame_octets(samples, packed=self.packed)
            return codec.unpack(content, len(octets) + 1) == octets
        image = self._image(coding)
        if codec and codec.encode is rle.encode:
            return np.array_equal(codecs.decode(content, image).samples, samples)
        back = decoded_frame(content, image)
        found = back.samples
        if self.keeps_words and back.words is not None and back.words.itemsize == samples.itemsize:
            found = back.words.view(samples.dtype)  # a codec without sign gives the same bits
        return back.photometric == coding.photometric and back.warning is None and np.array_equal(found, samples)

    def _image(self, coding: Coding) -> ImagePixel:
        """What the data set of the new file says."""
        colours = self.codec.colours_of(coding) if self.codec and self.image.samples == 3 else coding.photometric
        lossy = coding.quality is not None or self.image.lossy
        return replace(
            self.image,
            photometric=colours,
            bits_allocated=self.allocated,
            bits_stored=self.stored,
            high_bit=self.high_bit,
            planar=False,
            lossy=lossy,
        )

    def _error(self, content: bytes, samples: NDArray[Any], coding: Coding) -> int | None:
        """The largest difference between what was encoded with loss and what it was, in stored values."""
        back = decoded_frame(content, self._image(coding))
        if back.photometric != coding.photometric:
            return None
        error = int(np.abs(np.subtract(back.samples, samples, dtype=np.int64)).max())
        if self.image.signed and error >= 1 << (self.stored - 1):  # beyond the highest value, bits mean a negative one
            raise Unusable("loss would turn its highest values into negative ones: use j2k-lossy or htj2k-lossy")
        return error

    def _small_enough(self, samples: NDArray[Any], coding: Coding) -> bytes:
        """The stream of the highest quality that is as small as the ratio asks for. Raises Unusable if none is."""
        most = self.native_bytes / (self.ratio or 1)
        low, high = LOWEST_QUALITY, HIGHEST_QUALITY
        best = b""
        while low <= high:
            self.file.budget.check_time()
            quality = (low + high) // 2
            stream = codecs.encode(samples, replace(coding, quality=quality))
            if len(stream) <= most:
                best, low = stream, quality + 1
            else:
                high = quality - 1
        if not best:
            raise Unusable(f"{name_of(self.target)} can't make it {self.ratio:g} times smaller: ask for a lower ratio")
        return best


def _has_overlay_in_pixels(file: DicomFile) -> bool:
    """Whether unused bits of the pixels hold an overlay: one with a bit position, and without data (PS3.3 C.9.2)."""
    said = file.dataset
    groups = [group << 16 for group in OVERLAY_GROUPS]
    return any(group | 0x0102 in said and group | 0x0010 in said and group | 0x3000 not in said for group in groups)
