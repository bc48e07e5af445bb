"""Paths to attributes, such as ReferencedSeriesSequence[0].SeriesInstanceUID, with keywords or (gggg,eeee)."""

import re
from typing import NamedTuple

from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag

from imaging.dataset.elements import Item
from imaging.dataset.tags import name
from imaging.form_fields import NotAValue, keyword_tag

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
    """The path in a text. Raises NotAValue, whose message says what to send."""
    steps: list[Step] = []
    position, index = 0, None
    while True:
        found = STEP.match(text, position)
        if found is None:
            raise NotAValue(f"{_short(text)} is no path to an attribute. {FORM}")
        tag = _tag(found)
        index, position = found["index"], found.end()
        if position == len(text):
            break
        if text[position] != "." or index is None:
            raise NotAValue(f"{_short(text)} is no path to an attribute. {FORM}")
        steps.append(Step(tag, int(index)))
        position += 1
    if index is not None:
        raise NotAValue(f"{_short(text)} is an item, and only attributes can be set or removed.")
    return Path(tuple(steps), tag)


def _tag(step: re.Match[str]) -> BaseTag:
    keyword = step["keyword"]
    if not keyword:
        return BaseTag(int(step["group"] + step["element"], 16))
    return BaseTag(keyword_tag(keyword))


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:99] + "…")


def items_on(dataset: Item, path: Path) -> list[Item]:
    """The items from the data set down to the one that holds the path's attribute.

    Raises NotAValue if the file has no such item; the message says where the path ends.
    """
    holders = [dataset]
    done = ""
    for tag, index in path.steps:
        held = holders[-1].get_item(tag, keep_deferred=True) if tag in holders[-1] else None
        here = f"{done}{name(tag)}"
        if held is None:
            raise NotAValue(f"The file has no {here}.")
        if not isinstance(held, DataElement) or held.VR != "SQ":
            raise NotAValue(f"{here} is no sequence.")
        if index >= len(held.value):
            count = len(held.value)
            raise NotAValue(f"{here} has {count} {'item' if count == 1 else 'items'}, numbered from 0.")
        holders.append(held.value[index])
        done = f"{here}[{index}]."
    return holders
