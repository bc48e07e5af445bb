"""What a client may ask of a read: fields, frames, pictures. Names and meanings as in DICOMweb (PS3.18 8.3.5)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import keyword_dict, tag_for_keyword

from imaging.budget import Budget
from imaging.display.picture_options import DEFAULT_QUALITY, PictureOptions
from imaging.display.voi import Window
from imaging.pictures import ANIMATED, FORMATS
from problems import Invalid

NAMES = ("fields", "return_format", "window", "viewport", "quality", "frames", "overlays", "animation", "images")
MAX_VIEWPORT = 8192

# PS3.18 8.3.5.1.4's names of the functions of PS3.3 C.11.2.1.2
WINDOW_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

# As (gggg,eeee), and as the DICOM JSON Model writes it, ggggeeee (PS3.18 F.2.2).
TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)|([0-9A-F]{4})([0-9A-F]{4})", re.IGNORECASE)
MAX_KEYWORD_CHARACTERS = 64  # beyond it no keyword is looked for that comes near: the time grows with the length
Value = TypeVar("Value")
REPEATING = frozenset(keyword for *_, keyword in RepeatersDictionary.values() if keyword)  # (60xx,3000) and the like


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
            raise _invalid("frames", why)
        numbers: list[int] = []
        for first, last in sorted(self.frames):
            # From where the ranges before end: a form has room for thousands of ranges of all the frames.
            more = range(max(first, numbers[-1] + 1 if numbers else 1), last + 1)
            budget.spend_items(len(more))
            numbers.extend(more)
        return numbers


def read_options(texts: dict[str, str]) -> ReadOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming every field that is wrong."""
    wrong: dict[str, str] = {}

    def option(name: str, parse: Callable[[str], Value], default: Value) -> Value:
        try:
            return parse(texts[name]) if texts.get(name) else default
        except Invalid as problem:
            wrong.update(problem.fields)
            return default

    options = ReadOptions(
        fields=option("fields", _fields, None),
        picture_format=option("return_format", _picture_format, "png"),
        window=option("window", _window, None),
        viewport=option("viewport", _viewport, None),
        quality=option("quality", _quality, DEFAULT_QUALITY),
        frames=option("frames", _frames, None),
        overlays=option("overlays", lambda text: _flag("overlays", text), False),
        animation=option("animation", lambda text: _flag("animation", text), False),
        images=option("images", lambda text: _flag("images", text), True),
    )
    if options.animation and options.picture_format not in ANIMATED and not wrong:
        raise _invalid("animation", f"It needs return_format {' or '.join(ANIMATED)}.")
    if len(wrong) > 1:
        raise Invalid(f"The fields {', '.join(wrong)} are not valid: fields says why.", fields=wrong)
    if wrong:
        raise _invalid(*wrong.popitem())
    return options


def _invalid(name: str, why: str) -> Invalid:
    return Invalid(f"The field {name} is not valid: {why[0].lower()}{why[1:]}", fields={name: why})


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
            raise _invalid("fields", f"{name!r} is not a keyword of the DICOM dictionary.{_nearest(name)}")
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
        raise _invalid("window", why)
    center, width, function = [*parts, "linear"][:3]
    name = WINDOW_FUNCTIONS.get(function.lower().replace("_", "-"))
    try:
        window = Window(float(center), float(width), name or "LINEAR")
    except ValueError:
        raise _invalid("window", why) from None
    if name is None or not window.valid:
        raise _invalid("window", why + " The width is at least 1 for linear, and above 0 for the others.")
    return window


def _viewport(text: str) -> tuple[int, int]:
    numbers = _whole_numbers(text.split(","))
    if len(numbers) != 2 or not all(1 <= number <= MAX_VIEWPORT for number in numbers):
        raise _invalid("viewport", f"Send columns,rows: two whole numbers from 1 to {MAX_VIEWPORT}.")
    return numbers[0], numbers[1]


def _picture_format(text: str) -> str:
    if text.lower() not in FORMATS:
        raise _invalid("return_format", "Use one of " + ", ".join(FORMATS) + ".")
    return text.lower()


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _invalid(name, "Send true or false.")
    return text.lower() == "true"


def _quality(text: str) -> int:
    numbers = _whole_numbers([text])
    if not numbers or not 1 <= numbers[0] <= 100:
        raise _invalid("quality", "Send a whole number from 1 to 100.")
    return numbers[0]


def _frames(text: str) -> tuple[tuple[int, int], ...]:
    ranges = []
    for part in text.split(","):
        numbers = _whole_numbers(part.split("-"))
        if len(numbers) not in (1, 2) or numbers[0] < 1 or numbers[-1] < numbers[0]:
            raise _invalid("frames", "Send frame numbers and ranges from 1, such as 1,4-7.")
        ranges.append((numbers[0], numbers[-1]))
    return tuple(ranges)


def _whole_numbers(parts: list[str]) -> list[int]:
    """The parts as numbers; nothing if one of them is none."""
    stripped = [part.strip() for part in parts]
    if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in stripped):
        return []
    return [int(part) for part in stripped]
