"""The options of a read. Those of pictures have DICOMweb's names and meanings (PS3.18 8.3.5)."""

import re
from dataclasses import dataclass

from pydicom._dicom_dict import RepeatersDictionary

from imaging.budget import Budget
from imaging.display.picture_options import PictureOptions
from imaging.display.voi import Window
from imaging.form_fields import NotAValue, Option, flag, keyword_tag, names, quality, values_of
from imaging.pictures import FORMATS
from problems import not_valid

MAX_VIEWPORT = 8192

# PS3.18 8.3.5.1.4's names of the functions of PS3.3 C.11.2.1.2
WINDOW_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

# (gggg,eeee), or ggggeeee as in the DICOM JSON Model (PS3.18 F.2.2).
TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)|([0-9A-F]{4})([0-9A-F]{4})", re.IGNORECASE)
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
            raise not_valid("frames", why)
        numbers: list[int] = []
        for first, last in sorted(self.frames):
            # Continue after the previous ranges: a form can contain thousands of ranges of all frames.
            more = range(max(first, numbers[-1] + 1 if numbers else 1), last + 1)
            budget.spend_items(len(more))
            numbers.extend(more)
        return numbers


def _fields(text: str) -> frozenset[str]:
    fields = set()
    for name in names(text):
        if tag := TAG.fullmatch(name):
            group, element = filter(None, tag.groups())
            fields.add(f"({group},{element})".upper())
        else:
            if name not in REPEATING:
                keyword_tag(name)
            fields.add(name)
    return frozenset(fields)


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
    "quality": Option("quality", quality),
    "frames": Option("frames", _frames),
    "overlays": Option("overlays", flag),
    "animation": Option("animation", flag),
    "images": Option("images", flag),
}


def read_options(texts: dict[str, str]) -> ReadOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming every field that is wrong."""
    options = ReadOptions(**values_of(OPTIONS, texts))
    if options.animation and FORMATS[options.picture_format].animate is None:
        animated = [name for name, picture_format in FORMATS.items() if picture_format.animate]
        raise not_valid("animation", f"It needs return_format {' or '.join(animated)}.")
    return options
