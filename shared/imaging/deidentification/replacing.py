"""Values that a client gives, as the bytes of a file's elements."""

from pydicom.dataelem import DataElement, RawDataElement

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.texts import encoded_element
from imaging.deidentification.report import name
from problems import not_valid


def replacement(made: DataElement, characters: CharacterSet) -> RawDataElement:
    """The element with this value. Raises Invalid if the character set of the file has no way to write it."""
    element = encoded_element(made, characters)
    if element is None:
        why = f"The value of {name(made.tag)} can't be written in the file's character set: use ASCII."
        raise not_valid("replace", why)
    return element
