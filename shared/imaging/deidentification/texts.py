"""The text in an element's value, and back: in the character set of its item, however it was written."""

from pydicom.datadict import dictionary_VR

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.values import BLANKS, CODE_VRS, PADDED_IN_FRONT, PADDING, SINGLE_VRS, TEXT_DELIMITERS

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
