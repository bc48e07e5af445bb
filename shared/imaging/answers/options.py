"""The options of a read. Those of pictures have DICOMweb's names and meanings (PS3.18 8.3.5)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import keyword_dict, tag_for_keyword

from imaging.budget import Budget
from imaging.display.picture_options import PictureOptions
from imaging.display.voi import Window
from imaging.pictures import FORMATS
from problems import Invalid, not_valid

MAX_VIEWPORT = 8192

# PS3.18 8.3.5.1.4's names of the functions of PS3.3 C.11.2.1.2
WINDOW_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

# (gggg,eeee), or ggggeeee as in the DICOM JSON Model (PS3.18 F.2.2).
TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)|([0-9A-F]{4})([0-9A-F]{4})", re.IGNORECASE)
MAX_KEYWORD_CHARACTERS = 64  # for longer names no similar keyword is searched, which takes time by length
REPEATING = frozenset(keyword for *_, keyword in RepeatersDictionary.values() if keyword)  # (60xx,3000) and the like


class NotAValue(Exception):
    """The text of a field is none of its values. The message says what to send."""


class Option(NamedTuple):
    """A field of the form: the attribute of ReadOptions that it sets, and how its text is read. Raises NotAValue."""

    attribute: str
    parse: Callable[[str], Any]


@dataclass(frozen=True)
class ReadOptions(PictureOptions):
    """`fields`: keywords and "(gggg,eeee)" tags. `frames`: ranges from 1, both ends included. None: all of them."""

    fields: frozenset[str] | None = None
    frames: tuple[tuple[int, int], ...] | None = None
    animation: bool = False  # one picture that shows all frames, with the file's own timing
    images: bool = True

    def frame_numbers(self, count: int, budget: Budget) -> list[int]:
        """The frames asked for, of `count`, from 1, ascending, each spent from `budget`.

        Raises Invalid if one is beyond the last.
        """
        if self.frames is None:
            budget.spend_items(count)
            return list(range(1, count + 1))
        if any(last > count for _, last in self.frames):
            why = (
                f"The file has {count} frames: ask for 1 to {count}."
                if count > 1
                else "The file has one frame: ask for 1."
            )
            raise not_valid("frames", why)
        numbers: list[int] = []
        for first, last in sorted(self.frames):
            # Continue after the previous ranges: a form can contain thousands of ranges of all frames.
            more = range(max(first, numbers[-1] + 1 if numbers else 1), last + 1)
            budget.spend_items(len(more))
            numbers.extend(more)
        return numbers


def _fields(text: str) -> frozenset[str]:
    # A tag has a comma of its own.
    names = [name.strip() for name in re.split(r",(?![0-9A-Fa-f]{4}\))", text)]
    fields = set()
    for name in filter(None, names):
        if tag := TAG.fullmatch(name):
            group, element = filter(None, tag.groups())
            fields.add(f"({group},{element})".upper())
        elif tag_for_keyword(name) is not None or name in REPEATING:
            fields.add(name)
        else:
            raise NotAValue(f"{name!r} is not a keyword of the DICOM dictionary.{_nearest(name)}")
    return frozenset(fields)


def _nearest(name: str) -> str:
    if len(name) > MAX_KEYWORD_CHARACTERS:
        return ""
    keywords = {keyword.lower(): keyword for keyword in keyword_dict}
    close = get_close_matches(name.lower(), keywords, n=1, cutoff=0.8)
    return f" The nearest one is {keywords[close[0]]}." if close else ""


def _window(text: str) -> Window:
    why = "Send centre,width or centre,width,function, where function is " + ", ".join(WINDOW_FUNCTIONS) + "."
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (2, 3):
        raise NotAValue(why)
    center, width, function = [*parts, "linear"][:3]
    name = WINDOW_FUNCTIONS.get(function.lower().replace("_", "-"))
    try:
        window = Window(float(center), float(width), name or "LINEAR")
    except ValueError:
        raise NotAValue(why) from None
    if name is None or not window.valid:
        raise NotAValue(why + " The width is at least 1 for linear, and above 0 for the others.")
    return window


def _viewport(text: str) -> tuple[int, int]:
    numbers = _whole_numbers(text.split(","))
    if len(numbers) != 2 or not all(1 <= number <= MAX_VIEWPORT for number in numbers):
        raise NotAValue(f"Send columns,rows: two whole numbers from 1 to {MAX_VIEWPORT}.")
    return numbers[0], numbers[1]


def _picture_format(text: str) -> str:
    if text.lower() not in FORMATS:
        raise NotAValue("Use one of " + ", ".join(FORMATS) + ".")
    return text.lower()


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise NotAValue("Send true or false.")
    return text.lower() == "true"


def _quality(text: str) -> int:
    numbers = _whole_numbers([text])
    if not numbers or not 1 <= numbers[0] <= 100:
        raise NotAValue("Send a whole number from 1 to 100.")
    return numbers[0]


def _frames(text: str) -> tuple[tuple[int, int], ...]:
    ranges = []
    for part in text.split(","):
        numbers = _whole_numbers(part.split("-"))
        if len(numbers) not in (1, 2) or numbers[0] < 1 or numbers[-1] < numbers[0]:
            raise NotAValue("Send frame numbers and ranges from 1, such as 1,4-7.")
        ranges.append((numbers[0], numbers[-1]))
    return tuple(ranges)


def _whole_numbers(parts: list[str]) -> list[int]:
    """The parts as numbers; nothing if one of them is none."""
    stripped = [part.strip() for part in parts]
    if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in stripped):
        return []
    return [int(part) for part in stripped]


OPTIONS = {
    "fields": Option("fields", _fields),
    "return_format": Option("picture_format", _picture_format),
    "window": Option("window", _window),
    "viewport": Option("viewport", _viewport),
    "quality": Option("quality", _quality),
    "frames": Option("frames", _frames),
    "overlays": Option("overlays", _flag),
    "animation": Option("animation", _flag),
    "images": Option("images", _flag),
}


def read_options(texts: dict[str, str]) -> ReadOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming every field that is wrong."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, option in OPTIONS.items():
        try:
            if texts.get(name):
                values[option.attribute] = option.parse(texts[name])
        except NotAValue as reason:
            wrong[name] = str(reason)
    options = ReadOptions(**values)
    if options.animation and not wrong and FORMATS[options.picture_format].animate is None:
        animated = [name for name, picture_format in FORMATS.items() if picture_format.animate]
        raise not_valid("animation", f"It needs return_format {' or '.join(animated)}.")
    if len(wrong) > 1:
        raise Invalid(f"The fields {', '.join(wrong)} are not valid: fields says why.", fields=wrong)
    if wrong:
        raise not_valid(*wrong.popitem())
    return options
