"""Values that a client gives, as the bytes of a file's elements."""

import struct
from typing import Any

from pydicom.dataelem import DataElement, RawDataElement

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.values import NUMBER_FORMATS
from imaging.dataset.writing import element
from imaging.deidentification.report import name
from imaging.deidentification.texts import encoded
from problems import not_valid


def replacement(made: DataElement, characters: CharacterSet) -> RawDataElement:
    """The element with this value. Raises Invalid if the character set of the file has no way to write it."""
    values = _listed(made)
    if made.VR == "AT":
        content = b"".join(struct.pack("<HH", int(tag) >> 16, int(tag) & 0xFFFF) for tag in values)
    elif made.VR in NUMBER_FORMATS:
        content = struct.pack(f"<{len(values)}{NUMBER_FORMATS[made.VR]}", *values)
    else:
        written = encoded([str(value) for value in values], made.VR, characters)
        if written is None:
            why = f"The value of {name(made.tag)} can't be written in the file's character set: use ASCII."
            raise not_valid("replace", why)
        content = written
    return element(made.tag, made.VR, content)


def _listed(made: DataElement) -> list[Any]:
    if made.value is None or made.value == "":
        return []
    return list(made.value) if made.VM > 1 else [made.value]
