"""A DICOM file, or a zip of several, to the JSON object of the usage guide."""

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import orjson

import tally
from imaging import archive
from imaging.dicom_file import DicomFile, NotDicom, parse
from imaging.frames import open_frames
from imaging.json_model import JsonObject, json_model
from imaging.metadata import describe
from imaging.options import ReadOptions
from imaging.parallel import in_order
from imaging.ranges import Ranges
from imaging.rendering import Pixels, Shot, animation, picture, show
from problems import Invalid, Problem, TooLarge, Unusable

# What an answer may hold. More would not fit into a function's memory together with what makes it.
MAX_CHARACTERS = 300_000_000
MAX_WARNINGS = 100

Write = Callable[[bytes], object]


class Budget:
    """What a request may take: time until `deadline` (of time.monotonic(), None: no end), and text and pictures."""

    def __init__(self, deadline: float | None, characters: float = MAX_CHARACTERS) -> None:
        self.deadline = deadline
        self.characters = characters
        self.lock = Lock()

    def spend(self, characters: int) -> None:
        """Counts this much of the answer. Raises TooLarge when the budget is used up."""
        with self.lock:
            self.characters -= characters
        if self.characters < 0 or (self.deadline is not None and time.monotonic() > self.deadline):
            raise TooLarge("The file's pictures or values are too many at once: ask for fewer with frames and fields.")


def write_answer(
    file_name: str, content: bytes | memoryview, options: ReadOptions, write: Write, deadline: float | None = None
) -> None:
    """Reads an upload by its name, .dcm, .DCM or .zip, and writes the answer, JSON in UTF-8, as it is made.

    Raises Invalid if it can't be read, TooLarge beyond `deadline`; what was written by then is of no use.
    """
    budget = Budget(deadline)
    parsed = _parsed(file_name, content, budget)
    with tally.stage("Render"):
        _write_parsed(parsed, options, write, budget)


def read_model(
    file_name: str, content: bytes | memoryview, fields: frozenset[str] | None, deadline: float | None = None
) -> tuple[list[JsonObject], int]:
    """The upload in the DICOM JSON Model, an object a DICOM file (PS3.18 F.2.1), and the number of warnings.

    The model has no place for these, nor for pictures: `write_answer` gives them.
    """
    budget = Budget(deadline)
    parsed = _parsed(file_name, content, budget)
    strangers = _strangers(parsed)
    files = [file for _, file in parsed if isinstance(file, DicomFile)]
    models = []
    with tally.stage("Render"):
        for file in files:
            models.append(json_model(file, fields))
            budget.spend(_characters(models[-1]))
    warned = len(strangers) + sum(len(file.warnings) for file in files)
    if warned:
        tally.add("Warnings", warned)
    return models, warned


def write_object(  # noqa: PLR0913, PLR0917
    first: dict[str, str],
    file: DicomFile,
    more_warnings: list[str],
    options: ReadOptions,
    write: Write,
    budget: Budget,
) -> None:
    """A file's object, which begins with `first`, its pictures written as they are made."""
    described = {**first, **describe(file, options.fields)}
    budget.spend(_characters(described))
    write(head(described, options))
    for number, made in enumerate(_pictures(file, options, budget)):
        write_picture(made, number, write)
        budget.spend(len(made))
    write(tail([*file.warnings, *more_warnings]))


def head(described: dict[str, Any], options: ReadOptions) -> bytes:
    """A file's object up to its first picture."""
    opened = {**described, "ImageFormat": options.picture_format.upper(), "Images": []}
    return orjson.dumps(opened).removesuffix(b"]}")


def write_picture(made: str, number: int, write: Write) -> None:
    """Base64 of a picture in quotes, with a comma before all but number 0. It needs no escapes."""
    write(b',"' if number else b'"')
    write(made.encode())
    write(b'"')


def tail(warnings: list[str]) -> bytes:
    """A file's object from its last picture on. Each warning is shown once, though it may be true of many frames."""
    shown = list(dict.fromkeys(warnings))
    if not shown:
        return b"]}"
    tally.add("Warnings", len(shown))
    more = len(shown) - MAX_WARNINGS
    return b'],"Warnings":' + orjson.dumps(shown[:MAX_WARNINGS] + ([f"And {more} more."] if more > 0 else [])) + b"}"


def stranger_warning(name: str) -> str:
    """Of a member beside the only DICOM file in an archive."""
    return f"The archive's member {name!r} is not a DICOM file."


def shots_of(file: DicomFile, options: ReadOptions) -> list[Shot]:
    """What is asked for of the file's frames; none if its pixel data can't be understood."""
    try:
        frames = open_frames(file)
    except Unusable as reason:
        file.warnings.append(f"The pixel data can't be understood: {reason.message}.")
        return []
    if frames is None:
        return []
    return [Shot(file, frames, number - 1) for number in options.frame_numbers(frames.count)]


@tally.stage("Parse")
def _parsed(file_name: str, content: bytes | memoryview, budget: Budget) -> list[tuple[str, DicomFile | Problem]]:
    """Each file of the upload by its name; for a member of an archive that can't be read, why."""
    if file_name.lower().endswith(".dcm"):
        return [(file_name, parse(content))]
    if not file_name.lower().endswith(".zip"):
        raise Invalid("The file's name must end in .dcm, .DCM or .zip.", fields={"file": "Rename the file."})
    parsed: list[tuple[str, DicomFile | Problem]] = []
    with archive.opened(Ranges(len(content), [(0, content)])) as (opened, infos):
        for info in infos:
            member = archive.member(opened, info)
            try:
                parsed.append((info.filename, parse(member)))
            except (Invalid, TooLarge) as problem:
                parsed.append((info.filename, problem))
            budget.spend(0)
    return parsed


def _write_parsed(
    parsed: list[tuple[str, DicomFile | Problem]], options: ReadOptions, write: Write, budget: Budget
) -> None:
    strangers = _strangers(parsed)
    if len(parsed) - len(strangers) > 1:
        write(b'{"Files":[')
        objects = in_order(lambda named: _listed(*named, options, budget), parsed, "files")
        for number, made in enumerate(objects):
            write(b"," + made if number else made)
        write(b"]}")
        return
    (file,) = (file for _, file in parsed if isinstance(file, DicomFile))
    write_object({}, file, [stranger_warning(name) for name in strangers], options, write, budget)


def _strangers(parsed: list[tuple[str, DicomFile | Problem]]) -> list[str]:
    """The names of what is not DICOM. Raises Invalid if nothing is, and the problem of the only one that is."""
    strangers = [name for name, file in parsed if isinstance(file, NotDicom)]
    if len(strangers) == len(parsed):
        raise Invalid("The zip archive holds no DICOM file.")
    problems = [file for _, file in parsed if isinstance(file, Problem)]
    if len(problems) == len(parsed) == len(strangers) + 1:
        raise next(problem for problem in problems if not isinstance(problem, NotDicom))
    return strangers


def _listed(name: str, file: DicomFile | Problem, options: ReadOptions, budget: Budget) -> bytes:
    """The object of one file of several."""
    if isinstance(file, Problem):
        return orjson.dumps({"FileName": name, "Error": file.message})
    made = bytearray()
    write_object({"FileName": name}, file, [], options, made.extend, budget)
    return bytes(made)


def _characters(described: Any) -> int:
    """How much text there is, about, in what goes into an answer."""
    if isinstance(described, dict):
        return sum(map(_characters, described.values()))
    if isinstance(described, list):
        return sum(map(_characters, described))
    return len(described) if isinstance(described, str) else 20


def _pictures(file: DicomFile, options: ReadOptions, budget: Budget) -> Iterator[str]:
    """Base64 of a picture a frame, in order; "" for a frame that can't be shown."""
    shots = shots_of(file, options)
    if not options.animation:
        for made, warnings in in_order(lambda shot: picture(shot, options), shots):
            file.warnings += warnings
            yield made
    elif shots:
        yield animation(file, _shown(file, shots, options, budget), shots[0].frames.count)


def _shown(file: DicomFile, shots: list[Shot], options: ReadOptions, budget: Budget) -> dict[int, Pixels]:
    """The frames that can be shown, by their index."""
    shown: dict[int, Pixels] = {}
    for shot, (pixels, warnings) in zip(shots, in_order(lambda shot: show(shot, options), shots), strict=True):
        file.warnings += warnings
        if pixels is not None:
            shown[shot.index] = pixels
            budget.spend(pixels.nbytes)  # all of them are in memory at once
    return shown
