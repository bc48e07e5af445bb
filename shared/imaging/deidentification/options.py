"""The options of a de-identification, from the fields of a form."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.tag import Tag

from imaging.dataset.given_values import element
from imaging.dataset.tags import NOT_IN_DATA_SETS
from imaging.deidentification.profile_options import (
    PROFILE_OPTIONS,
    RETAIN_FULL_DATES,
    RETAIN_MODIFIED_DATES,
    option_name,
)
from imaging.deidentification.regions import Region, parse_regions
from imaging.form_fields import TAG, NotAValue, Option, flag, keyword_tag, names, pairs, values_of
from imaging.pixels import image_pixel
from problems import Unusable

MIN_KEY_BYTES = 16
MAX_SHIFT = 36525  # days: a century
MAX_ATTRIBUTES = 1000  # in one field
# What tells what the file is, and how it is to be read. These can be neither removed nor replaced.
STRUCTURAL = {
    Tag(keyword)
    for keyword in (
        *image_pixel.KEYWORDS,
        *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID"),
        *("PixelData", "FloatPixelData", "DoubleFloatPixelData"),
    )
}


@dataclass(frozen=True)
class DeidentifyOptions:
    """How to de-identify. `profile`: the names of PROFILE_OPTIONS. `keep`, `remove`, `replace`: by tag, at any depth.

    `regions` are blanked, and with `ultrasound` everything outside of the file's ultrasound regions.
    `date_shift`: the days by which dates move; None: a number that belongs to the patient and the key. `key` is
    random if the client sent none. It is never shown.
    """

    profile: frozenset[str] = frozenset()
    keep: frozenset[int] = frozenset()
    remove: frozenset[int] = frozenset()
    replace: Mapping[int, DataElement] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    ultrasound: bool = False
    date_shift: int | None = None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def _profile(text: str) -> frozenset[str]:
    names = {part.strip(): option_name(part) for part in text.split(",") if part.strip()}
    unknown = [part for part, name in names.items() if name is None]
    if unknown:
        raise NotAValue(f"{unknown[0]!r} is none of its names. Use {', '.join(PROFILE_OPTIONS)}.")
    chosen = frozenset(name for name in names.values() if name)
    if {RETAIN_FULL_DATES, RETAIN_MODIFIED_DATES} <= chosen:  # PS3.15 E.3.6
        raise NotAValue(f"{RETAIN_FULL_DATES} and {RETAIN_MODIFIED_DATES} contradict each other: choose one.")
    return chosen


def _attributes(text: str) -> frozenset[int]:
    named = names(text)
    if len(named) > MAX_ATTRIBUTES:
        raise NotAValue(f"Name at most {MAX_ATTRIBUTES} attributes.")
    return frozenset(map(_tag, named))


def _removed(text: str) -> frozenset[int]:
    tags = _attributes(text)
    if tags & STRUCTURAL:
        raise NotAValue(
            "What a file is, and how it is read, can't be removed: the UIDs, the character set, the pixels."
        )
    return tags


def _tag(name: str) -> int:
    """The tag that a keyword or "(gggg,eeee)" means."""
    written = TAG.fullmatch(name)
    tag = int("".join(written.groups()), 16) if written else keyword_tag(name)
    if tag >> 16 in NOT_IN_DATA_SETS:
        raise NotAValue(f"{name!r} is not an attribute of a data set.")
    return tag


def _replacements(text: str) -> dict[int, DataElement]:
    given = pairs(text)
    if len(given) > MAX_ATTRIBUTES:
        raise NotAValue(f"Replace at most {MAX_ATTRIBUTES} attributes.")
    made = {}
    for name, value in given:
        tag = _tag(name)
        if tag in STRUCTURAL or Tag(tag).is_private:
            raise NotAValue(f"{name} can't be replaced.")
        try:
            made[tag] = element(tag, value)
        except Unusable as reason:
            raise NotAValue(f"The value of {name} is not valid. {reason.message}") from None
        except KeyError:
            raise NotAValue(f"{name} is not in the DICOM dictionary.") from None
    return made


def _days(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,5}", text.strip()) or not 0 < abs(int(text)) <= MAX_SHIFT:
        raise NotAValue(f"Send a whole number of days from -{MAX_SHIFT} to {MAX_SHIFT}, and not 0.")
    return int(text)


def _regions(text: str) -> tuple[Region, ...]:
    try:
        return parse_regions(text)
    except Unusable as reason:
        raise NotAValue(reason.message) from None


def _key(text: str) -> bytes:
    key = text.encode("utf-8", "surrogatepass")
    if len(key) < MIN_KEY_BYTES:
        raise NotAValue(f"Send at least {MIN_KEY_BYTES} bytes that nobody can guess.")
    return key


OPTIONS = {
    "options": Option("profile", _profile),
    "keep": Option("keep", _attributes),
    "remove": Option("remove", _removed),
    "replace": Option("replace", _replacements),
    "regions": Option("regions", _regions),
    "ultrasound": Option("ultrasound", flag),
    "date_shift": Option("date_shift", _days),
    "key": Option("key", _key),
}


def read_options(texts: Mapping[str, str]) -> DeidentifyOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming every field that is wrong."""
    values = values_of(OPTIONS, texts, _contradictions)
    if "date_shift" in values:  # which means nothing without the option
        values["profile"] = values.get("profile", frozenset()) | {RETAIN_MODIFIED_DATES}
    return DeidentifyOptions(**values)


def _contradictions(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with fields that are valid by themselves."""
    if "date_shift" in values and RETAIN_FULL_DATES in values.get("profile", ()):
        return {"date_shift": f"Dates can't move while options has {RETAIN_FULL_DATES}: leave one of them out."}
    named: set[int] = set()
    for name in ("keep", "remove", "replace"):
        tags = set(values.get(name, ()))
        if named & tags:
            return {name: "Name each attribute in only one of keep, remove and replace."}
        named |= tags
    return {}
