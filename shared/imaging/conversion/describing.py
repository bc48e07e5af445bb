"""What a data set, or the item of an icon, says of its pixels."""

from collections.abc import Mapping

from pydicom.datadict import dictionary_VR, tag_for_keyword

from imaging.dataset.attributes import value
from imaging.dataset.elements import Item
from imaging.dataset.values import NUMBER_FORMATS
from imaging.dataset.writing import element, put


def describe(item: Item, attributes: Mapping[str, str | int]) -> None:
    """Has an item say this of its pixels, by keyword, unless it does so already."""
    for keyword, wanted in attributes.items():
        if value(item, keyword) != wanted:
            tag = tag_for_keyword(keyword) or 0
            vr = str(dictionary_VR(tag))
            is_number = vr in NUMBER_FORMATS
            put(item, element(tag, vr, int(wanted).to_bytes(2, "little") if is_number else str(wanted).encode()))
