"""Attributes given as text to a data set."""

from collections.abc import Mapping

from pydicom import DataElement, Dataset
from pydicom.datadict import tag_for_keyword

from imaging.dataset import given_values
from imaging.secondary_capture import iod, rules
from problems import Invalid, Unusable

# Of all attributes together: what fits into the item of a staged upload. Each value takes some microseconds.
MAX_TEXT_BYTES = 300_000
MAX_VALUES = 10_000


def to_dataset(attributes: Mapping[str, str]) -> Dataset:
    """The data set of the attributes. Raises Invalid, with every wrong keyword in `fields`.

    An empty text means that there is no value: for Type 2 an empty element, for Type 3 no element.
    """
    _check_size(attributes)
    given, wrong = Dataset(), {}
    for keyword, text in attributes.items():
        try:
            element = _element(keyword, text.strip())
        except Unusable as reason:
            wrong[keyword] = reason.message
        else:
            if element:
                given.add(element)
    wrong = rules.broken(given, {keyword for keyword, text in attributes.items() if text.strip()}) | wrong
    refuse(wrong)
    return given


def _check_size(attributes: Mapping[str, str]) -> None:
    """Raises Invalid, and names the largest, if checking all attributes would take too long."""
    for what, most, size in (
        ("bytes of text", MAX_TEXT_BYTES, lambda text: len(text.encode("utf-8", "replace"))),
        ("values", MAX_VALUES, lambda text: text.count("\\") + 1),
    ):
        sizes = {keyword: size(text) for keyword, text in attributes.items()}
        if sum(sizes.values()) > most:
            largest = max(sizes, key=sizes.__getitem__)
            why = f"Has {sizes[largest]} {what}, and all attributes together may have {most}."
            raise Invalid(f"Shorten {largest} or leave it out: {why[0].lower()}{why[1:]}", fields={largest: why})


def refuse(wrong: Mapping[str, str]) -> None:
    """Raises Invalid if `wrong`, with reasons by keyword, is not empty."""
    if wrong:
        raise Invalid(f"Correct these fields or leave them out: {', '.join(wrong)}.", fields=wrong)


def _element(keyword: str, text: str) -> DataElement | None:
    tag = tag_for_keyword(keyword) if keyword else None  # pydicom has retired elements without a keyword
    if tag is None:
        raise Unusable("Is not a keyword of the DICOM dictionary.")
    if tag >> 16 in iod.FOREIGN_GROUPS:
        raise Unusable("Is not an attribute of an image.")
    if keyword in iod.DECIDED:
        raise Unusable("Is decided by the image; leave it out.")
    if keyword in iod.NEEDS_SEQUENCE:
        raise Unusable("Needs a sequence beside it, which cannot be given as text.")
    if text:
        return given_values.element(tag, text)
    if keyword in iod.TYPE_1:
        raise Unusable("Must have a value, or be left out to get one.")
    return None
