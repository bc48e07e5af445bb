"""The values of attributes by their keywords, for code that interprets them."""

from functools import cache
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.values import NUMBER_FORMATS, TOO_MANY, read_element

MAX_VALUES = 1 << 16  # of one attribute: as many as a lookup table has entries
PLAIN_VRS = {*NUMBER_FORMATS, "CS", "DS", "UI"}


def value(dataset: Dataset, keyword: str) -> Any:
    """The value of an element, or a list of several; None if it is absent, empty or unreadable. A DS may be a text."""
    tag = _tag(keyword)
    if tag not in dataset:
        return None
    raw = dataset.get_item(tag, keep_deferred=True)
    if isinstance(raw, DataElement) and raw.VR == "SQ":  # which may have an item for each of very many frames
        return raw.value or None
    element = read_element(dataset, tag, CharacterSet())
    if len(element.values) > MAX_VALUES or element.problem == TOO_MANY:
        return None
    if element.vr in PLAIN_VRS and element.content is None:  # pydicom takes ten times as long for the same
        return element.values if len(element.values) > 1 else next(iter(element.values), None)
    try:
        found = dataset[tag].value
    except Exception:  # pydicom raises anything on a broken element, which then counts as absent
        return None
    return None if found is None or (hasattr(found, "__len__") and len(found) == 0) else found


@cache
def _tag(keyword: str) -> BaseTag:
    return Tag(keyword)


def items(dataset: Dataset, keyword: str) -> Sequence:
    """The items of a sequence; none if it is absent, or of another VR than SQ."""
    found = value(dataset, keyword)
    return found if isinstance(found, Sequence) else Sequence()


def whole_number(found: Any) -> int | None:
    """A value as a whole number; None if it is none, or beyond what DICOM's elements for whole numbers can hold."""
    try:
        number = int(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -(1 << 63) <= number < 1 << 64 else None


def several(found: Any) -> list[Any] | MultiValue[Any]:
    """The values, of which there may be one or several."""
    return found if isinstance(found, (list, MultiValue)) else [found]


def whole_numbers(found: Any) -> list[int | None]:
    """The values as whole numbers, each as `whole_number` gives it."""
    return [whole_number(number) for number in several(found)]
