"""A data set as flat JSON (docs/usage-guide.md): keyword to string, with sequences as lists of such objects."""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.answers.fields import chosen, whole_value
from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.tags import keyed, name, tag_text
from imaging.dataset.values import BINARY_VRS, NUMBER_FORMATS, Element, characters_of, read_element, text

SHOWN_BYTES = 16  # of a value of bytes, unless the client names its field
UNQUOTED_VRS = ("AT", "DS", "IS", "PN", *NUMBER_FORMATS)


def describe(file: DicomFile, fields: frozenset[str] | None) -> dict[str, Any]:
    """The elements of the file in its order, without file meta; with `fields`, only those, and with whole values.

    A broken element is given as far as it can be read, and named in `file.warnings`.
    """
    whole = fields is not None
    characters = characters_of(file.dataset, CharacterSet(), file.warnings)
    described: dict[str, Any] = {}
    for tag, key in chosen(file, fields):
        if file.pixels is not None and tag == file.pixels.tag:
            described[key] = _bytes_text(file, tag, file.pixels.value, whole)
        else:
            described[key] = _element(file, file.dataset, tag, characters, whole)
    return described


def _element(file: DicomFile, dataset: Dataset, tag: BaseTag, characters: CharacterSet, whole: bool) -> Any:
    element = read_element(dataset, tag, characters, file.budget)
    if element.vr == "SQ" and element.content is None:
        return [_item(file, item, characters, whole) for item in element.values]
    if element.problem:
        file.warnings.append(f"{name(tag)} {element.problem}.")
    broken = element.problem and element.vr not in BINARY_VRS
    shown = _text(element) if element.content is None else text(element.content) if broken else None
    if shown is None:
        return _bytes_text(file, tag, element.content or b"", whole)
    file.budget.spend_characters(len(shown))
    return shown


def _item(file: DicomFile, item: Dataset, outer: CharacterSet, whole: bool) -> dict[str, Any]:
    characters = characters_of(item, outer, file.warnings)
    return {key: _element(file, item, tag, characters, whole) for tag, key in keyed(list(item.keys()))}


def _text(element: Element) -> str:
    if element.vr == "AT":
        texts = [tag_text(value) for value in element.values]
    else:
        texts = [str(value) for value in element.values]
    if len(texts) < 2:
        return "".join(texts)
    return "[" + ", ".join(texts if element.vr in UNQUOTED_VRS else map(repr, texts)) + "]"


def _bytes_text(file: DicomFile, tag: BaseTag, value: bytes | memoryview, whole: bool) -> str:
    if not value:
        return ""
    if len(value) <= SHOWN_BYTES:
        return repr(bytes(value))
    if not whole:
        return repr(bytes(value[:SHOWN_BYTES]))[:-1] + "....."
    shown = repr(whole_value(tag, value))
    file.budget.spend_characters(len(shown))
    return shown
