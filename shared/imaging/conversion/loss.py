"""What a file says of itself after compression with loss (PS3.3 C.7.6.1.1.5, C.12.4)."""

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from imaging.dataset.attributes import items, several, value
from imaging.dataset.elements import Item
from imaging.dataset.writing import (
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    Written,
    element,
    new_item,
    put,
    sequence,
    written_uid,
)

IMAGE_TYPE, DERIVATION_DESCRIPTION, SOURCE_IMAGES = 0x00080008, 0x00082111, 0x00082112
REFERENCED_SOP_CLASS, REFERENCED_SOP_INSTANCE = 0x00081150, 0x00081155
CODE_VALUE, CODING_SCHEME, CODE_MEANING = 0x00080100, 0x00080102, 0x00080104
DERIVATION_CODES, PURPOSE_CODES = 0x00089215, 0x0040A170
SHARED_FUNCTIONAL_GROUPS = 0x52009229
LOSSY_IMAGE_COMPRESSION, RATIO, METHOD = 0x00282110, 0x00282112, 0x00282114
MAX_DESCRIPTION = 1024  # characters of an ST (PS3.5 6.2)

# By the names of codecs (PS3.3 C.7.6.1.1.5.1).
METHODS = {
    "JPEG": "ISO_10918_1",
    "JPEG-LS": "ISO_14495_1",
    "JPEG 2000": "ISO_15444_1",
    "HTJ2K": "ISO_15444_15",
    "JPEG XL": "ISO_18181_1",
}


def state_loss(dataset: Item, codec: str, ratio: float, instance: str) -> None:
    """Says that frames were compressed by this codec, and that the file is derived from what it was.

    `instance`: the SOP Instance UID of the new file.
    """
    source: list[Written] = [
        element(REFERENCED_SOP_CLASS, "UI", written_uid(dataset, SOP_CLASS_UID).encode()),
        element(REFERENCED_SOP_INSTANCE, "UI", _present_uid(dataset).encode()),
        sequence(PURPOSE_CODES, [_code("121320", "Uncompressed predecessor")]),
    ]
    method = METHODS[codec]
    put(dataset, element(LOSSY_IMAGE_COMPRESSION, "CS", b"01"))
    put(dataset, element(RATIO, "DS", _appended(dataset, "LossyImageCompressionRatio", f"{ratio:.4g}")))
    put(dataset, element(METHOD, "CS", _appended(dataset, "LossyImageCompressionMethod", method)))
    if SHARED_FUNCTIONAL_GROUPS not in dataset:  # with them, acquisition attributes are for original frames alone
        put(dataset, element(IMAGE_TYPE, "CS", _image_type(dataset)))
    put(dataset, sequence(SOURCE_IMAGES, [*_present(dataset, "SourceImageSequence"), new_item(source)]))
    lossy = _code("113040", "Lossy Compression")
    put(dataset, sequence(DERIVATION_CODES, [*_present(dataset, "DerivationCodeSequence"), lossy]))
    described = _described(dataset, f"Compressed with loss ({method}), {ratio:.4g} to 1")
    if described is not None:
        put(dataset, described)
    put(dataset, element(SOP_INSTANCE_UID, "UI", instance.encode()))


def note_earlier_loss(dataset: Item, codec: str) -> bool:
    """Says so if the frames were once compressed with loss, and nothing in the data set tells. Whether it did."""
    if str(value(dataset, "LossyImageCompression")).strip() == "01":
        return False
    put(dataset, element(LOSSY_IMAGE_COMPRESSION, "CS", b"01"))
    if value(dataset, "LossyImageCompressionMethod") is None:
        put(dataset, element(METHOD, "CS", METHODS[codec].encode()))
    return True


def _present_uid(dataset: Item) -> str:
    """The SOP Instance UID that the file came with."""
    return str(value(dataset, "SOPInstanceUID") or "")


def _present(dataset: Item, keyword: str) -> list[Item]:
    """The items of a sequence that the file came with."""
    return [item for item in items(dataset, keyword) if isinstance(item, Item)]


def _appended(dataset: Item, keyword: str, text: str) -> bytes:
    present = value(dataset, keyword)
    values = [] if present is None else [str(each) for each in several(present)]
    return "\\".join([*values, text]).encode("ascii", "replace")


def _image_type(dataset: Item) -> bytes:
    """Value 1 says that the pixels are derived from others (PS3.3 C.7.6.1.1.2)."""
    present = value(dataset, "ImageType")
    values = ["", "PRIMARY"] if present is None else [str(each) for each in several(present)]
    return "\\".join(["DERIVED", *values[1:]]).encode("ascii", "replace")


def _code(code: str, meaning: str) -> Item:
    return new_item(
        [
            element(CODE_VALUE, "SH", code.encode()),
            element(CODING_SCHEME, "SH", b"DCM"),
            element(CODE_MEANING, "LO", meaning.encode()),
        ]
    )


def _described(dataset: Item, text: str) -> RawDataElement | None:
    """The description with a sentence more, in ASCII after whatever bytes there are; None if it would be too long."""
    tag = BaseTag(DERIVATION_DESCRIPTION)
    raw = next((place.element for place in dataset.places if place.tag == tag), None)
    made = dataset.changes.get(tag, raw)
    present = (made.value or b"").rstrip(b" \0") if isinstance(made, RawDataElement) else b""
    whole = (present + b"; " if present else b"") + text.encode()
    return element(tag, "ST", whole) if len(whole) <= MAX_DESCRIPTION else None
