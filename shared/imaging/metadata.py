"""A data set as the flat JSON object of the usage guide: keyword to string, sequences as lists of such objects."""

from collections.abc import Iterator
from typing import Any

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.character_sets import CharacterSet, character_set
from imaging.dicom_file import DicomFile
from imaging.values import BINARY_VRS, NUMBER_FORMATS, Element, read_element, text
from problems import TooLarge

MAX_WHOLE_BYTES = 16 * 1024 * 1024  # of a value of bytes that the client names: as text it takes four times as much
SHOWN_BYTES = 16  # of a value of bytes, unless the client names its field
SPECIFIC_CHARACTER_SET = BaseTag(0x00080005)
UNQUOTED_VRS = ("AT", "DS", "IS", "PN", *NUMBER_FORMATS)


def describe(file: DicomFile, fields: frozenset[str] | None) -> dict[str, Any]:
    """The elements of the file, file meta left out, in its order; those in `fields` only, if given, with whole values.

    What can't be read is given as far as it can be, and named in `file.warnings`.
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


def whole_value(tag: BaseTag, value: bytes | memoryview) -> bytes:
    """The value as bytes, to be shown as a whole. Raises TooLarge if as text it would be beyond memory."""
    if len(value) > MAX_WHOLE_BYTES:
        raise TooLarge(f"{name(tag)} has more than {MAX_WHOLE_BYTES} bytes: leave it out of fields.")
    return bytes(value)


def chosen(file: DicomFile, fields: frozenset[str] | None) -> Iterator[tuple[BaseTag, str]]:
    """Tag and key in the flat form of what `fields` names (None: of everything), the pixel data included, in order."""
    tags = list(file.dataset.keys())
    if file.pixels is not None:
        tags = sorted({*tags, BaseTag(file.pixels.tag)}, key=int)
    for tag, key in keyed(tags):
        if fields is None or key in fields or tag_text(tag) in fields:
            yield tag, key


def keyed(tags: list[BaseTag]) -> Iterator[tuple[BaseTag, str]]:
    """Each with its keyword; with itself if it is private or unknown, or a repeating group (60xx) had that."""
    seen = set()
    for tag in tags:
        keyword = "" if tag.is_private else keyword_for_tag(tag)
        yield tag, tag_text(tag) if not keyword or keyword in seen else keyword
        seen.add(keyword)


def tag_text(tag: int) -> str:
    """As "(gggg,eeee)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def characters_of(dataset: Dataset, outer: CharacterSet, warnings: list[str]) -> CharacterSet:
    """The data set's own character set, or that of the one it is nested in (PS3.5 7.5.3)."""
    if SPECIFIC_CHARACTER_SET not in dataset:
        return outer
    element = read_element(dataset, SPECIFIC_CHARACTER_SET, outer)
    characters = character_set("\\".join(map(str, element.values)))
    if characters.problem and characters.problem != outer.problem:
        warnings.append(characters.problem)
    return characters


def name(tag: BaseTag) -> str:
    """What warnings call an element."""
    return keyword_for_tag(tag) or tag_text(tag)


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
