"""Paths to attributes, such as ReferencedSeriesSequence[0].SeriesInstanceUID, with keywords or (gggg,eeee)."""

import re
from difflib import get_close_matches
from typing import NamedTuple

from pydicom.datadict import keyword_dict, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag

from imaging.dataset.elements import Item
from imaging.dataset.tags import name

NAME = r"(?P<keyword>[A-Za-z][A-Za-z0-9]{0,63})|\((?P<group>[0-9A-Fa-f]{4}),(?P<element>[0-9A-Fa-f]{4})\)"
STEP = re.compile(rf"(?:{NAME})(?:\[(?P<index>[0-9]{{1,6}})\])?")
FORM = "Send keywords or (gggg,eeee) with . between them, and the number of an item, from 0, after a sequence."


class Step(NamedTuple):
    """An item of a sequence, by its number from 0."""

    tag: BaseTag
    item: int


class Path(NamedTuple):
    """An attribute, in an item of each of `steps`."""

    steps: tuple[Step, ...]
    tag: BaseTag

    def __str__(self) -> str:
        return ".".join([*(f"{name(tag)}[{index}]" for tag, index in self.steps), name(self.tag)])


def read_path(text: str) -> Path:
    """The path in a text. Raises ValueError, whose message says what to send."""
    steps: list[Step] = []
    position, index = 0, None
    while True:
        found = STEP.match(text, position)
        if found is None:
            raise ValueError(f"{_short(text)} is no path to an attribute. {FORM}")
        tag = _tag(found)
        index, position = found["index"], found.end()
        if position == len(text):
            break
        if text[position] != "." or index is None:
            raise ValueError(f"{_short(text)} is no path to an attribute. {FORM}")
        steps.append(Step(tag, int(index)))
        position += 1
    if index is not None:
        raise ValueError(f"{_short(text)} is an item, and only attributes can be set or removed.")
    return Path(tuple(steps), tag)


def _tag(step: re.Match[str]) -> BaseTag:
    keyword = step["keyword"]
    if not keyword:
        return BaseTag(int(step["group"] + step["element"], 16))
    tag = tag_for_keyword(keyword)
    if tag is None:
        close = get_close_matches(keyword, keyword_dict, n=1, cutoff=0.8)
        nearest = f" The nearest one is {close[0]}." if close else ""
        raise ValueError(f"{keyword} is not a keyword of the DICOM dictionary.{nearest}")
    return BaseTag(tag)


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:99] + "…")


def items_on(dataset: Item, path: Path) -> list[Item]:
    """The items from the data set down to the one that holds the path's attribute.

    Raises ValueError if the file has no such item; the message says where the path ends.
    """
    holders = [dataset]
    done = ""
    for tag, index in path.steps:
        held = holders[-1].get_item(tag, keep_deferred=True) if tag in holders[-1] else None
        here = f"{done}{name(tag)}"
        if held is None:
            raise ValueError(f"The file has no {here}.")
        if not isinstance(held, DataElement) or held.VR != "SQ":
            raise ValueError(f"{here} is no sequence.")
        if index >= len(held.value):
            count = len(held.value)
            raise ValueError(f"{here} has {count} {'item' if count == 1 else 'items'}, numbered from 0.")
        holders.append(held.value[index])
        done = f"{here}[{index}]."
    return holders
