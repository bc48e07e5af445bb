"""The values of an element for an answer, from its bytes (PS3.5 6.2)."""

import re
import string
import struct
from typing import Any, NamedTuple

from pydicom.datadict import dictionary_VR, private_dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.budget import Budget, Spent
from imaging.dataset.character_sets import ESCAPE, CharacterSet, character_set, runs

SPECIFIC_CHARACTER_SET = BaseTag(0x00080005)
BINARY_VRS = ("OB", "OW", "OD", "OF", "OL", "OV", "UN")
NUMBER_FORMATS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
# VRs to which the character set applies (PS3.3 C.12.1.1.2), and characters after which it starts again (PS3.5
# 6.1.2.5.3).
TEXT_DELIMITERS = {"LO": b"\\", "SH": b"\\", "UC": b"\\", "PN": b"\\^=", "LT": b"", "ST": b"", "UT": b""}
SINGLE_VRS = ("LT", "ST", "UT", "UR")  # in which a backslash is text
CODE_VRS = ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR")
INTEGER = re.compile(r"[+-]?[0-9]+(\.0*)?|")  # some writers add a fraction of nothing
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|")
NUMBER_TEXTS = {"IS": INTEGER, "DS": DECIMAL}
PADDED_IN_FRONT = ("AE", "CS", "DS", "IS", "LO", "SH")  # whose leading spaces mean nothing either (PS3.5 6.2)
PADDING = " \0"
BLANKS = string.whitespace + PADDING

# Values of an element: how many are read without counting, and the maximum. The longest real ones, lookup tables, have
# 65,536.
FEW_BYTES = 64
MAX_VALUES = 500_000
INVALID = "is not valid for its VR; it is given as it stands in the file"
FOREIGN = "has characters that its VR does not allow; they are given as what they most likely are"
TOO_MANY = f"has more than {MAX_VALUES} values; it is given as it stands in the file"
UNDECODED = "has bytes that its character set lacks; they are given as what they most likely are"


class Element(NamedTuple):
    """An element that has been read. `values`: str for text and codes, DS and IS included, or int, float, Dataset.

    An element without values, or with unreadable ones, has its bytes in `content`. A DS or IS with values that are no
    numbers has both, its values as texts. `problem`: what is wrong; "" if nothing is.
    """

    vr: str
    values: list[Any]
    content: bytes | None = None
    problem: str = ""


def read_element(dataset: Dataset, tag: BaseTag, characters: CharacterSet, budget: Budget | None = None) -> Element:
    """Reads the element `tag` of `dataset`, however broken it is. Its values are spent from `budget`, if given."""
    raw = dataset.get_item(tag, keep_deferred=True)
    if isinstance(raw, DataElement):
        return _converted(raw)
    content = raw.value or b""
    vr = "UN"
    try:
        vr = raw.VR if raw.VR not in (None, "UN") else _known_vr(dataset, raw)
        if vr == "SQ" or " or " in vr:  # pydicom knows on which elements an ambiguous VR depends
            element = dataset[tag]
            if vr == "SQ":
                return _converted(element)
            vr = element.VR
        count = _count(vr, content) if len(content) > FEW_BYTES else 1
        if budget:
            budget.spend_values(count)
        if count > MAX_VALUES:
            return Element(vr, [], content, TOO_MANY)
        return _read(vr, content, raw.is_little_endian, characters)
    except Spent:
        raise
    except Exception:  # pydicom raises anything on a broken value, and the others must still be read
        return Element(vr, [], content, INVALID)


def characters_of(dataset: Dataset, outer: CharacterSet, warnings: list[str]) -> CharacterSet:
    """The data set's own character set, or that of the enclosing data set (PS3.5 7.5.3)."""
    if SPECIFIC_CHARACTER_SET not in dataset:
        return outer
    element = read_element(dataset, SPECIFIC_CHARACTER_SET, outer)
    characters = character_set("\\".join(map(str, element.values)))
    if characters.problem and characters.problem != outer.problem:
        warnings.append(characters.problem)
    return characters


def text(content: bytes) -> str | None:
    """Bytes that can't be read by their VR, as text if they are text."""
    decoded = content.decode("latin-1").rstrip(PADDING)
    return decoded if decoded.isprintable() else None


def _converted(element: DataElement) -> Element:
    if element.VR == "SQ":
        return Element("SQ", list(element.value))
    value = element.value
    if isinstance(value, bytes):
        return Element(element.VR, [], value)
    return Element(element.VR, list(value) if isinstance(value, list) else [] if value in (None, "") else [value])


def _known_vr(dataset: Dataset, raw: RawDataElement) -> str:
    """The VR of an element that was written without one, or as UN (PS3.5 6.2.2)."""
    try:
        if not raw.tag.is_private:
            return str(dictionary_VR(raw.tag))
        if raw.tag.is_private_creator:
            return "LO"
        creator = dataset.get_item(raw.tag.group << 16 | raw.tag.element >> 8, keep_deferred=True)
        name = (creator.value if isinstance(creator, RawDataElement) else b"") or b""
        return str(private_dictionary_VR(raw.tag, name.decode("ascii", "replace").strip(" \0")))
    except KeyError:
        return "UL" if raw.tag.element == 0 else "UN"  # group lengths are in no dictionary (PS3.5 7.2)


def _count(vr: str, content: bytes) -> int:
    """About how many values, or pieces of text in one character set, there are, without converting them."""
    if vr in BINARY_VRS:
        return 1
    if vr in NUMBER_FORMATS or vr == "AT":
        return len(content) // struct.calcsize(f"={NUMBER_FORMATS.get(vr, 'I')}")
    return content.count(b"\\") + 1 + runs(content, TEXT_DELIMITERS.get(vr, b"\\"))


def _read(vr: str, content: bytes, little_endian: bool, characters: CharacterSet) -> Element:
    if vr in BINARY_VRS:
        return Element(vr, [], content)
    if vr in TEXT_DELIMITERS:
        decoded, whole = characters.decode(content, TEXT_DELIMITERS[vr])
        return Element(vr, _texts(vr, decoded), problem="" if whole else UNDECODED)
    if vr in CODE_VRS:
        plain = content.isascii() and ESCAPE not in content
        # These have the default repertoire only (PS3.5 6.1.2.3), which not all writers respect.
        values = _texts(vr, content.decode("ascii") if plain else characters.decode(content, b"\\")[0])
        number = NUMBER_TEXTS.get(vr)
        if number and not all(map(number.fullmatch, values)):
            return Element(vr, values, content, INVALID)
        return Element(vr, values, problem="" if plain else FOREIGN)
    if vr in NUMBER_FORMATS or vr == "AT":
        return Element(vr, _numbers(vr, content, "<" if little_endian else ">"))
    return Element(vr, [], content, INVALID)


def _numbers(vr: str, content: bytes, order: str) -> list[int] | list[float]:
    """Raises struct.error if the bytes are not a whole number of values."""
    if vr == "AT":
        halves = struct.unpack(f"{order}{len(content) // 4 * 2}H", content)
        return [group << 16 | number for group, number in zip(halves[::2], halves[1::2], strict=True)]
    count = len(content) // struct.calcsize(f"={NUMBER_FORMATS[vr]}")
    return list(struct.unpack(f"{order}{count}{NUMBER_FORMATS[vr]}", content))


def _texts(vr: str, decoded: str) -> list[str]:
    """The values without padding (PS3.5 6.2), none of an empty one."""
    decoded = decoded.rstrip(PADDING)
    if not decoded:
        return []
    if vr in SINGLE_VRS:
        return [decoded]
    values = decoded.split("\\")
    if vr in PADDED_IN_FRONT:
        return [value.strip(BLANKS) for value in values]
    return [value.rstrip("= \0" if vr == "PN" else PADDING) for value in values]
