"""A data set as the flat JSON object of the usage guide: keyword to string, sequences as lists of such objects."""

from collections.abc import Iterator
from typing import Any

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from imaging.dicom_file import DicomFile

SHOWN_BYTES = 16  # of a value of bytes, unless the client names its field
BINARY_VRS = ("OB", "OW", "OD", "OF", "OL", "OV", "UN")


def describe(file: DicomFile, fields: frozenset[str] | None) -> dict[str, Any]:
    """The elements of the file, file meta left out, in its order; those in `fields` only, if given, with whole values.

    What can't be read is given as far as it can be, and named in `file.warnings`.
    """
    described: dict[str, Any] = {}
    for tag in _tags(file):
        key = _key(tag, described)
        if fields is not None and key not in fields and _tag_text(tag) not in fields:
            continue
        whole = fields is not None
        if file.pixels is not None and tag == file.pixels.tag:
            described[key] = _bytes_text(file.pixels.value, whole)
        else:
            described[key] = _element(file.dataset, tag, whole, file.warnings)
    return described


def _tags(file: DicomFile) -> Iterator[BaseTag]:
    pixels = [] if file.pixels is None else [Tag(file.pixels.tag)]
    yield from sorted({*file.dataset.keys(), *pixels})


def _key(tag: BaseTag, described: dict[str, Any]) -> str:
    """The keyword; the tag for private and unknown elements, and where a repeating group (60xx) has it again."""
    keyword = "" if tag.is_private else keyword_for_tag(tag)
    return keyword if keyword and keyword not in described else _tag_text(tag)


def _tag_text(tag: BaseTag) -> str:
    return f"({tag.group:04X},{tag.element:04X})"


def _element(dataset: Dataset, tag: BaseTag, whole: bool, warnings: list[str]) -> Any:
    try:
        element = dataset[tag]
        if element.VR == "SQ":
            return [_item(item, whole, warnings) for item in element.value]
        if element.VR in ("DS", "IS") and isinstance(element.value, str) and element.value:
            _warn(tag, warnings)  # pydicom leaves what is no number as it is
        return _value(element.VR, element.value, whole)
    except Exception:  # pydicom raises what it likes on a broken value; the others must still come
        _warn(tag, warnings)
        return _raw_value(dataset.get_item(tag, keep_deferred=True), whole)


def _warn(tag: BaseTag, warnings: list[str]) -> None:
    name = keyword_for_tag(tag) or _tag_text(tag)
    warnings.append(f"{name} is not valid for its VR; it is given as it stands in the file.")


def _item(item: Dataset, whole: bool, warnings: list[str]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for tag in sorted(item.keys()):
        described[_key(tag, described)] = _element(item, tag, whole, warnings)
    return described


def _value(vr: str, value: Any, whole: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (bytes, bytearray)):
        return _bytes_text(value, whole)
    if isinstance(value, (list, tuple)) or (hasattr(value, "__iter__") and not isinstance(value, str) and vr != "PN"):
        return _several(vr, list(value))
    return _single(vr, value)


def _several(vr: str, values: list[Any]) -> str:
    if not values:
        return ""
    if vr in ("AT", "DS", "FD", "FL", "IS", "OV", "SL", "SS", "SV", "UL", "US", "UV"):
        return "[" + ", ".join(_single(vr, value) for value in values) + "]"
    return "[" + ", ".join(repr(_single(vr, value)) for value in values) + "]"


def _single(vr: str, value: Any) -> str:
    if value is None:
        return ""
    if vr == "AT":
        return _tag_text(Tag(value))
    # A lone surrogate, which some encodings let through, has no place in JSON.
    return str(value).encode("utf-8", "replace").decode()


def _bytes_text(value: bytes | bytearray | memoryview, whole: bool) -> str:
    if whole or len(value) <= SHOWN_BYTES:
        return repr(bytes(value))
    return repr(bytes(value[:SHOWN_BYTES]))[:-1] + "....."


def _raw_value(raw: Any, whole: bool) -> str:
    value = raw.value if isinstance(raw, RawDataElement) else None
    if not isinstance(value, bytes):
        return ""
    text = value.decode("latin-1").rstrip(" \0")
    if raw.VR in BINARY_VRS or raw.VR is None or not text.isprintable():
        return _bytes_text(value, whole)
    return text
