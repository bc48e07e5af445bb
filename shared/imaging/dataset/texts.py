"""The text in an element's value, and back: in the character set of its item, however it was written."""

import re
import struct
from typing import Any

from pydicom.charset import convert_encodings, encode_string
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement

from imaging.dataset.character_sets import CONTROL, ESCAPE, CharacterSet
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

GB_2312 = "iso_ir_58"  # as pydicom calls it
TEXT_VRS = (*TEXT_DELIMITERS, *CODE_VRS)


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


def encoded(values: list[str], vr: str, characters: CharacterSet) -> bytes | None:
    """The bytes of these values; None if the character set has no way to write them that reads the same again."""
    text = "\\".join(values)
    try:
        if characters.extensions and not text.isascii():
            content = _with_escapes(text, vr, characters)
        else:
            content = text.encode(characters.codec or "ascii")
    except UnicodeError:
        return None
    return content if decoded(content, vr, characters) == text.rstrip(PADDING) else None


def _with_escapes(text: str, vr: str, characters: CharacterSet) -> bytes:
    """Text with code extensions. After a delimiter, it begins again in the first character set (PS3.5 6.1.2.5.3)."""
    encodings = convert_encodings(list(characters.extensions))
    delimiters = re.escape(TEXT_DELIMITERS.get(vr, b"\\") + CONTROL).decode()
    return b"".join(_run(run, encodings) for run in re.split(f"([{delimiters}])", text))


def _run(run: str, encodings: list[str]) -> bytes:
    content = encode_string(run, encodings)
    # pydicom leaves out the escape sequence of GB 2312 (PS3.3 Table C.12-4).
    return content if run.isascii() or ESCAPE in content or GB_2312 not in encodings else b"\x1b$)A" + content


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
