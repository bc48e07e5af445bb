"""Private attributes that are safe to retain (PS3.15 Table E.3.10-1, edition 2026d), in `safe_private.tsv`."""

import csv
import re
from functools import cache
from importlib.resources import files

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from imaging.dataset.elements import Item

TAG = re.compile(r"\(([0-9A-F]{4}),xx([0-9A-F]{2})\)")
UNDECLARED_VRS = {"": "UN", "OW/OB": "OB"}


def creators(item: Item) -> dict[BaseTag, str]:
    """The private creators of an item, by their tags (PS3.5 7.8.1)."""
    found = {}
    for place in item.places:
        if place.tag.is_private_creator and isinstance(place.element, RawDataElement):
            name = (place.element.value or b"").decode("ascii", "replace").strip(" \0")
            found[place.tag] = name
    return found


def safe_vr(creator: str, group: int, element: int) -> str | None:
    """The VR of a safe attribute: `element` is its number within the block. None if it is not known to be safe."""
    return _safe().get((creator, group, element))


@cache
def _safe() -> dict[tuple[str, int, int], str]:
    lines = (files(__package__) / "safe_private.tsv").read_text("utf-8").splitlines()
    safe = {}
    for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        if found := TAG.fullmatch(line["tag"]):
            group, element = (int(part, 16) for part in found.groups())
            safe[line["creator"], group, element] = UNDECLARED_VRS.get(line["vr"], line["vr"])
    return safe
