"""A data set in the DICOM JSON Model (PS3.18 F.2). Values are read as for the flat form."""

import re
from array import array
from decimal import Decimal
from math import isfinite, isinf
from typing import Any

import pybase64
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.answers.fields import chosen, whole_value
from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.tags import name
from imaging.dataset.values import BINARY_VRS, NUMBER_TEXTS, characters_of, read_element

EXACT_INTEGERS = 1 << 53  # beyond it, JSON readers that use doubles lose digits (RFC 8259 6)
WORD_TYPES = {"OW": "H", "OF": "I", "OL": "I", "OD": "Q", "OV": "Q"}
NUMBER = 20  # characters of a number or a name's groups, about
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

JsonObject = dict[str, Any]


def json_model(file: DicomFile, fields: frozenset[str] | None) -> JsonObject:
    """The file's elements by their tags in eight hex digits; those in `fields` only, if given.

    Pixel data comes only if `fields` names it, as it stands in the file. What can't be read is UN, its bytes, or the
    text of a DS or IS that is no number, and is named in `file.warnings`. Specific Character Set is that of the file,
    though all text here is Unicode (F.2.2 Note 3).
    """
    characters = characters_of(file.dataset, CharacterSet(), file.warnings)
    model: JsonObject = {}
    for tag, _ in chosen(file, fields):
        if file.pixels is not None and tag == file.pixels.tag:
            if fields is not None:
                # The words of encapsulated pixel data are octets (PS3.5 A.4).
                little_endian = file.pixels.little_endian or file.pixels.encapsulated
                value = whole_value(tag, file.pixels.value)
                model[_key(tag)] = _binary(file, file.pixels.vr, value, little_endian)
        elif not _is_group_length(tag):
            model[_key(tag)] = _attribute(file, file.dataset, tag, characters)
    return model


def _key(tag: int) -> str:
    return f"{tag:08X}"


def _is_group_length(tag: BaseTag) -> bool:
    return tag.element == 0  # which the model leaves out (F.2.2)


def _attribute(file: DicomFile, dataset: Dataset, tag: BaseTag, characters: CharacterSet) -> JsonObject:
    element = read_element(dataset, tag, characters, file.budget)
    if element.problem:
        file.warnings.append(f"{name(tag)} {element.problem}.")
    if element.content is not None and not element.values:
        vr = element.vr if element.vr in BINARY_VRS else "UN"
        return _binary(file, vr, whole_value(tag, element.content), file.little_endian)
    if element.vr == "SQ":
        return _with_values("SQ", [_item(file, item, characters) for item in element.values])
    values = [_value(element.vr, value) for value in element.values]
    file.budget.spend_characters(sum(len(value) if isinstance(value, str) else NUMBER for value in values))
    # An empty value among others is null; a single empty value is an attribute without values (F.2.5).
    return _with_values(element.vr, [] if values == [None] else values)


def _item(file: DicomFile, item: Dataset, outer: CharacterSet) -> JsonObject:
    characters = characters_of(item, outer, file.warnings)
    tags = [tag for tag in list(item.keys()) if not _is_group_length(tag)]
    return {_key(tag): _attribute(file, item, tag, characters) for tag in tags}


def _with_values(vr: str, values: list[Any]) -> JsonObject:
    return {"vr": vr, "Value": values} if values else {"vr": vr}


def _binary(file: DicomFile, vr: str, content: bytes, little_endian: bool) -> JsonObject:
    """Words in little endian, which is the only byte order in the model (F.2.7)."""
    if not content:
        return {"vr": vr}
    if not little_endian and vr in WORD_TYPES:
        size = array(WORD_TYPES[vr]).itemsize
        words = array(WORD_TYPES[vr], content[: len(content) // size * size])
        words.byteswap()
        content = words.tobytes() + content[len(words) * size :]
    file.budget.spend_characters(len(content) * 4 // 3)
    return {"vr": vr, "InlineBinary": pybase64.b64encode(content).decode()}


def _value(vr: str, value: Any) -> Any:
    """A value as Table F.2.3-1 maps it; None for an empty one (F.2.5)."""
    if isinstance(value, float):
        return _float(value)
    if vr == "AT":
        return _key(value)
    if isinstance(value, int):
        return value if abs(value) <= EXACT_INTEGERS else str(value)
    if not value:
        return None
    if vr in ("DS", "IS"):
        return _number(value) if NUMBER_TEXTS[vr].fullmatch(value) else value
    return _person_name(value) if vr == "PN" else str(value)


def _float(value: float) -> float | str:
    """A number, or the name that others write for infinities and NaN and pydicom reads, as JSON lacks these."""
    if isfinite(value):
        return value
    return ("-" if value < 0 else "") + "Infinity" if isinf(value) else "NaN"


def _number(text: str) -> int | float | str:
    """The number of a DS or IS, or its text if a JSON number would lose precision or it is no number (F.2.3 Note)."""
    if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        return int(text)
    try:
        number = float(text)
        return number if Decimal(repr(number)) == Decimal(text) and isfinite(number) else text
    except (ArithmeticError, ValueError):
        return text


def _person_name(text: str) -> JsonObject | None:
    """Its component groups that are not empty (F.2.2)."""
    groups = dict(zip(NAME_GROUPS, text.split("=", 2), strict=False))
    return {group: components for group, components in groups.items() if components} or None
