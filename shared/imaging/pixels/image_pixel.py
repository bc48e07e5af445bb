"""The attributes that describe pixel data: the Image Pixel Module (PS3.3 C.7.6.3)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.dataset.attributes import items, value, whole_number
from problems import Unusable

# The maximum for one decoded frame. The largest that scanners make (mammograms, panoramic X-ray) take a fifth.
MAX_FRAME_BYTES = 256 * 1024 * 1024

# The attributes that say how pixel data is to be read (PS3.3 C.7.6.3, C.7.6.6).
KEYWORDS = (
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
)
LABEL_MAP_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.7"


@dataclass(frozen=True)
class ImagePixel:
    """The format of a frame.

    `lossy`: the data set says that its values were once compressed with loss. `pairs_end_with_rows`: of YBR_FULL_422
    with an odd number of columns, whether each row is padded to whole pairs of pixels. `ends`: the lowest and the
    highest value of any frame, if the data set gives them otherwise than by bits.
    """

    rows: int
    columns: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: bool  # colour by plane: all red samples, then all green, … (PS3.3 C.7.6.3.1.3)
    frames: int
    lossy: bool = False
    pairs_end_with_rows: bool = False
    ends: tuple[int, int] | None = None

    @property
    def pixels(self) -> int:
        """Pixels of a frame."""
        return self.rows * self.columns

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a frame's array: (rows, columns), or (rows, columns, samples)."""
        return (self.rows, self.columns) + ((self.samples,) if self.samples > 1 else ())


def image_pixel(dataset: Dataset) -> ImagePixel:
    """The module's values, with the only plausible defaults for missing ones. Raises Unusable if they make no sense."""
    rows, columns = _extent(dataset, "Rows"), _extent(dataset, "Columns")
    samples, allocated = _number(dataset, "SamplesPerPixel", 1), _number(dataset, "BitsAllocated", 8)
    if samples not in (1, 3, 4) or not 0 < allocated <= 64:
        raise Unusable(f"{samples} samples a pixel of {allocated} bits are not supported")
    stored = _number(dataset, "BitsStored", allocated)
    if not 0 < stored <= allocated:
        stored = allocated
    high_bit = _number(dataset, "HighBit", stored - 1)
    if not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    photometric = str(value(dataset, "PhotometricInterpretation") or "").strip().upper()
    return ImagePixel(
        rows=rows,
        columns=columns,
        samples=samples,
        photometric=photometric or ("RGB" if samples == 3 else "MONOCHROME2"),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high_bit,
        signed=samples == 1 and _number(dataset, "PixelRepresentation", 0) == 1,  # colours have no sign
        planar=_number(dataset, "PlanarConfiguration", 0) == 1,
        frames=max(1, _number(dataset, "NumberOfFrames", 1)),
        lossy=str(value(dataset, "LossyImageCompression")).strip() == "01",  # PS3.3 C.7.6.1.1.5
        ends=(0, 1) if stored == 1 else _ends_of_segments(dataset),
    )


def _ends_of_segments(dataset: Dataset) -> tuple[int, int] | None:
    """The range of a segmentation by labels or fractions, so that a value looks alike in all frames (PS3.3 C.8.20)."""
    segments = items(dataset, "SegmentSequence")
    if not segments:
        return None
    kind = str(value(dataset, "SegmentationType")).strip()
    if kind == "LABELMAP" or value(dataset, "SOPClassUID") == LABEL_MAP_SEGMENTATION:
        highest = max(_number(segment, "SegmentNumber", 0) for segment in segments)
    else:
        highest = _number(dataset, "MaximumFractionalValue", 0) if kind == "FRACTIONAL" else 0
    return (0, highest) if highest > 0 else None


def _extent(dataset: Dataset, keyword: str) -> int:
    found = value(dataset, keyword)
    number = whole_number(found)
    if number is not None and number > 0:
        return number
    raise Unusable(f"{keyword} is missing" if found is None else f"{keyword} is not one whole number above 0")


def _number(dataset: Dataset, keyword: str, default: int) -> int:
    number = whole_number(value(dataset, keyword))
    return default if number is None else number
