"""Icons that are compressed, which a new transfer syntax would leave unreadable (PS3.3 F.7)."""

from pydicom.dataelem import RawDataElement

from imaging.conversion.describing import describe
from imaging.dataset.attributes import items
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import ITEM_TAG, Item
from imaging.dataset.writing import element, put, remove
from imaging.pixels.fragments import split_frames
from imaging.pixels.frames import decoded_frame
from imaging.pixels.image_pixel import image_pixel
from imaging.pixels.native import frame_octets, sample_bytes
from problems import Unusable

ICON_IMAGE_SEQUENCE, PIXEL_DATA = 0x00880200, 0x7FE00010


def decompress(file: DicomFile) -> None:
    """Decompresses the file's icon, or leaves it out, with a warning, if it can't be decoded."""
    try:
        for item in items(file.dataset, "IconImageSequence"):
            if isinstance(item, Item):
                _decompress(file, item)
    except Unusable:
        remove(file.dataset, ICON_IMAGE_SEQUENCE)
        file.warnings.append("The icon is compressed and can't be decoded, so it is left out.")


def _decompress(file: DicomFile, item: Item) -> None:
    found = next((place.element for place in item.places if place.tag == PIXEL_DATA), None)
    content = (found.value or b"") if isinstance(found, RawDataElement) else b""
    if content[:4] != ITEM_TAG:
        return
    image = image_pixel(item)
    view = memoryview(content)
    frames = split_frames(view, 1, None, file.budget)
    if len(frames) != 1:
        raise Unusable("it is not one picture")
    frame = decoded_frame(b"".join(view[place] for place in frames[0]), image)
    size = sample_bytes(image.bits_allocated)
    octets = frame_octets(frame.samples.astype(f"{'i' if image.signed else 'u'}{size}"), packed=False)
    put(item, element(PIXEL_DATA, "OB" if size == 1 else "OW", octets))
    describe(item, {"PhotometricInterpretation": frame.photometric, "HighBit": image.bits_stored - 1})
    if image.samples > 1:
        describe(item, {"PlanarConfiguration": 0})
