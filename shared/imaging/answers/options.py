"""What a client may ask of a read: fields, frames, pictures. Names and meanings as in DICOMweb (PS3.18 8.3.5)."""

import re
from dataclasses import dataclass

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import tag_for_keyword

from imaging.budget import Budget
from imaging.display.picture_options import DEFAULT_QUALITY, PictureOptions
from imaging.display.voi import Window
from imaging.pictures import FORMATS
from problems import Invalid

NAMES = ("fields", "return_format", "window", "viewport", "quality", "frames", "overlays", "animation")
MAX_VIEWPORT = 8192

# PS3.18 8.3.5.1.4's names of the functions of PS3.3 C.11.2.1.2
WINDOW_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

TAG = re.compile(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)")
REPEATING = frozenset(keyword for *_, keyword in RepeatersDictionary.values() if keyword)  # (60xx,3000) and the like


@dataclass(frozen=True)
class ReadOptions(PictureOptions):
    """`fields`: keywords and "(gggg,eeee)" tags. `frames`: ranges from 1, both ends included. None: all of them."""

    fields: frozenset[str] | None = None
    frames: tuple[tuple[int, int], ...] | None = None
    animation: bool = False  # one GIF of all frames, with the file's own timing

    def frame_numbers(self, count: int, budget: Budget) -> list[int]:
        """The frames asked for, of `count`, from 1, ascending, each spent from `budget`.

        Raises Invalid if one is beyond the last.
        """
        if self.frames is None:
            budget.spend_items(count)
            return list(range(1, count + 1))
        if any(last > count for _, last in self.frames):
            raise _invalid("frames", f"The file has {count} frames: ask for 1 to {count}.")
        numbers: list[int] = []
        for first, last in sorted(self.frames):
            # From where the ranges before end: a form has room for thousands of ranges of all the frames.
            more = range(max(first, numbers[-1] + 1 if numbers else 1), last + 1)
            budget.spend_items(len(more))
            numbers.extend(more)
        return numbers


def read_options(texts: dict[str, str]) -> ReadOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming the field that is wrong."""
    given = {name: text for name, text in texts.items() if text}
    picture_format = given.get("return_format", "png").lower()
    if picture_format not in FORMATS:
        raise _invalid("return_format", "Use one of " + ", ".join(FORMATS) + ".")
    animation = _flag("animation", given)
    if animation and picture_format != "gif":
        raise _invalid("animation", "It needs return_format gif.")
    return ReadOptions(
        fields=_fields(given["fields"]) if "fields" in given else None,
        picture_format=picture_format,
        window=_window(given["window"]) if "window" in given else None,
        viewport=_viewport(given["viewport"]) if "viewport" in given else None,
        quality=_quality(given["quality"]) if "quality" in given else DEFAULT_QUALITY,
        frames=_frames(given["frames"]) if "frames" in given else None,
        overlays=_flag("overlays", given),
        animation=animation,
    )


def _invalid(name: str, why: str) -> Invalid:
    return Invalid(f"The field {name} is not valid: {why[0].lower()}{why[1:]}", fields={name: why})


def _fields(text: str) -> frozenset[str]:
    # A tag has a comma of its own.
    names = [name.strip() for name in re.split(r",(?![0-9A-Fa-f]{4}\))", text)]
    fields = set()
    for name in filter(None, names):
        if TAG.fullmatch(name):
            fields.add(name.upper())
        elif tag_for_keyword(name) is not None or name in REPEATING:
            fields.add(name)
        else:
            raise _invalid("fields", f"{name!r} is not a keyword of the DICOM dictionary.")
    return frozenset(fields)


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


def _flag(name: str, given: dict[str, str]) -> bool:
    text = given.get(name, "false").lower()
    if text not in ("true", "false"):
        raise _invalid(name, "Send true or false.")
    return text == "true"


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
