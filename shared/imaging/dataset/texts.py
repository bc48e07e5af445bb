"""The text in an element's value, and back: in the character set of its item, however it was written."""

import struct
from typing import Any

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.values import (
    BLANKS,
    CODE_VRS,
    NUMBER_FORMATS,
    PADDED_IN_FRONT,
    PADDING,
    SINGLE_VRS,
    TEXT_DELIMITERS,
)
from imaging.dataset.writing import element

TEXT_VRS = (*TEXT_DELIMITERS, *CODE_VRS)
# Of code extensions (PS3.5 6.1.2.5). Python writes their escape sequences.
EXTENDED_CODECS = ("iso2022_jp", "iso2022_jp_1")


def known_vr(tag: int) -> str:
    """The VR that the standard gives an attribute, the first of several; "" if it is private or unknown."""
    try:
        return str(dictionary_VR(tag)).split(" or ", maxsplit=1)[0]
    except KeyError:
        return ""


def decoded(content: bytes, vr: str, characters: CharacterSet) -> str:
    """Bytes as text, without padding at the end."""
    return characters.decode(content, TEXT_DELIMITERS.get(vr, b"\\"))[0].rstrip(PADDING)


def values_of(content: bytes, vr: str, characters: CharacterSet) -> list[str]:
    """The values in the bytes of a text; none of an empty one."""
    text = decoded(content, vr, characters)
    if not text:
        return []
    values = [text] if vr in SINGLE_VRS else text.split("\\")
    return [value.strip(BLANKS) if vr in PADDED_IN_FRONT else value.rstrip(PADDING) for value in values]


def encoded(values: list[str], vr: str, characters: CharacterSet, *, escapes: bool = False) -> bytes | None:
    """The bytes of these values; None if the character set has no way to write them that reads the same again.

    `escapes`: whether the text had escape sequences, so that it may have others.
    """
    text = "\\".join(values)
    for codec in (characters.codec or "ascii", *(EXTENDED_CODECS if escapes else ())):
        try:
            content = text.encode(codec)
        except UnicodeEncodeError:
            continue
        if decoded(content, vr, characters) == text.rstrip(PADDING):
            return content
    return None


def encoded_element(made: DataElement, characters: CharacterSet) -> RawDataElement | None:
    """An element that `given_values` made, as a file has it; None if the character set has no way to write it."""
    values = _listed(made)
    if made.VR == "AT":
        return element(made.tag, "AT", b"".join(struct.pack("<HH", *divmod(int(tag), 1 << 16)) for tag in values))
    if made.VR in NUMBER_FORMATS:
        return element(made.tag, made.VR, struct.pack(f"<{len(values)}{NUMBER_FORMATS[made.VR]}", *values))
    content = encoded([str(value) for value in values], made.VR, characters)
    return None if content is None else element(made.tag, made.VR, content)


def _listed(made: DataElement) -> list[Any]:
    if made.value is None or made.value == "":
        return []
    return list(made.value) if made.VM > 1 else [made.value]
