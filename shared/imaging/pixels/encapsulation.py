"""Whether pixel data is encapsulated: its content counts, whatever its transfer syntax and its length say."""

from dataclasses import replace

from pydicom.dataset import Dataset

from imaging.budget import Budget
from imaging.dataset.dicom_file import DicomFile, parse
from imaging.dataset.elements import ITEM_TAG, PixelElement
from imaging.pixels.codecs import begins_stream, is_encapsulated, jpeg_xl
from imaging.pixels.image_pixel import image_pixel
from imaging.pixels.native import frame_bits
from problems import Unusable

AS_IT_IS = "it was read as what it is."
COMPRESSED = f"The pixel data is compressed, though the transfer syntax is one of uncompressed pixel data; {AS_IT_IS}"
UNCOMPRESSED = f"The pixel data is uncompressed, though the transfer syntax is one of compressed pixel data; {AS_IT_IS}"
OF_GIVEN_LENGTH = (
    f"The pixel data is compressed, though its length is given, which PS3.5 A.4 does not allow; {AS_IT_IS}"
)


def open_file(content: bytes | memoryview, budget: Budget | None = None, *, keep_places: bool = False) -> DicomFile:
    """Parses a DICOM file, whose pixel data gets `encapsulated` as it is; a contradiction goes to its warnings.

    Pixel data of a given length is encapsulated if it begins with an item or a stream, or if its transfer syntax says
    so and it has not the length of uncompressed pixel data: what nobody knows must not be shown as if it were pixels.
    Raises NotDicom, and other problems for a file that can't be read.
    """
    file = parse(content, budget, keep_places=keep_places)
    if file.pixels is not None:
        file.pixels = _settled(file.pixels, file.dataset, file.transfer_syntax, file.warnings)
    return file


def _settled(pixels: PixelElement, dataset: Dataset, transfer_syntax: str, warnings: list[str]) -> PixelElement:
    if pixels.encapsulated:
        if is_encapsulated(transfer_syntax) is False:
            warnings.append(COMPRESSED)
        return pixels
    says_encapsulated = is_encapsulated(transfer_syntax) or False
    compressed = pixels.value[:4] == ITEM_TAG or begins_stream(pixels.value)
    if not (says_encapsulated or compressed):
        return pixels
    length = _native_length(dataset)
    fits = len(pixels.value) in (length, length + length % 2)
    if says_encapsulated and not compressed and fits:
        warnings.append(UNCOMPRESSED)
        return pixels
    # Uncompressed samples may begin like a stream by chance. They do if they fill their frames exactly, or if they
    # begin like JPEG XL, which has only two bytes of signature.
    is_longer = len(pixels.value) > length and pixels.value[:2] == jpeg_xl.STARTS[0]
    if not says_encapsulated and (fits or is_longer):
        return pixels
    warnings.append(OF_GIVEN_LENGTH if says_encapsulated else COMPRESSED)
    return replace(pixels, encapsulated=True)


def _native_length(dataset: Dataset) -> int:
    """The size in bytes of all frames uncompressed; 0 if the data set does not tell."""
    try:
        image = image_pixel(dataset)
    except Unusable:
        return 0
    return (frame_bits(image) * image.frames + 7) // 8
