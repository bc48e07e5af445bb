"""Fields of a form, which are texts, to the options of an operation."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydicom.datadict import keyword_dict, tag_for_keyword

from problems import Invalid, not_valid

TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)", re.IGNORECASE)
NEXT_NAME = re.compile(r",(?![0-9A-Fa-f]{4}\))")  # a tag has a comma of its own
MAX_KEYWORD_CHARACTERS = 64  # for longer names no similar keyword is searched, which takes time by length


class NotAValue(Exception):
    """The text of a field is none of its values. The message says what to send."""


class Option(NamedTuple):
    """A field of the form: the attribute of the options that it sets, and how its text is read. Raises NotAValue."""

    attribute: str
    parse: Callable[[str], Any]


def values_of(
    options: Mapping[str, Option],
    texts: Mapping[str, str],
    contradictions: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda _: {},
) -> dict[str, Any]:
    """The values of attributes. An empty field counts as not sent.

    `contradictions`: what is wrong with values that are valid by themselves, by field. Raises Invalid naming every
    field that is wrong.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, option in options.items():
        try:
            if text := texts.get(name, "").strip():
                values[option.attribute] = option.parse(text)
        except NotAValue as reason:
            wrong[name] = str(reason)
    wrong = wrong or dict(contradictions(values))
    if len(wrong) > 1:
        raise Invalid(f"The fields {', '.join(wrong)} are not valid: fields says why.", fields=wrong)
    if wrong:
        raise not_valid(*wrong.popitem())
    return values


def flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise NotAValue("Send true or false.")
    return text.lower() == "true"


def quality(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise NotAValue("Send a whole number from 1 to 100.")
    return int(text)


def names(text: str) -> list[str]:
    """Keywords, tags or paths with commas between them."""
    return [name for name in map(str.strip, NEXT_NAME.split(text)) if name]


def pairs(text: str) -> list[tuple[str, str]]:
    """Names and values: lines of name=value, or a JSON object."""
    return list(_of_json(text) if text.startswith("{") else _of_lines(text))


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if not equals:
            raise NotAValue("Send name=value, one in each line, or a JSON object of names and values.")
        yield name.strip(), value.strip()


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise NotAValue("It is no valid JSON object: send names and values, or lines of name=value.") from None
    for name, given in found:
        values = given if isinstance(given, list) else [] if given is None else [given]
        if any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in values):
            raise NotAValue(f"The value of {name} is no text, number, null, or array of texts and numbers.")
        yield name, "\\".join(map(str, values))


def keyword_tag(keyword: str) -> int:
    """The tag of a keyword of the DICOM dictionary. Raises NotAValue, with the keyword that is most like it."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise NotAValue(f"{keyword!r} is not a keyword of the DICOM dictionary.{_nearest(keyword)}")
    return tag


def _nearest(name: str) -> str:
    if len(name) > MAX_KEYWORD_CHARACTERS:
        return ""
    keywords = {keyword.lower(): keyword for keyword in keyword_dict}
    close = get_close_matches(name.lower(), keywords, n=1, cutoff=0.8)
    return f" The nearest one is {keywords[close[0]]}." if close else ""
