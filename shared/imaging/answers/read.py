"""A DICOM file, or a zip of several, to the JSON object of docs/usage-guide.md."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pybase64

import tally
from imaging.answers.json_model import JsonObject, json_model
from imaging.answers.metadata import describe
from imaging.answers.options import ReadOptions
from imaging.budget import Budget
from imaging.dataset.dicom_file import DicomFile, NotDicom
from imaging.display.rendering import Rendered, Shot, animation, picture, show
from imaging.parallel import in_order
from imaging.pixels.frames import open_frames
from imaging.pixels.uploads import each_file
from problems import Invalid, Problem, Unusable

MAX_WARNINGS = 100

Write = Callable[[bytes], object]


def write_answer(
    file_name: str, content: bytes | memoryview, options: ReadOptions, write: Write, budget: Budget | None = None
) -> None:
    """Reads an upload and writes the answer, JSON in UTF-8, while it is made.

    Raises Invalid if it can't be read, TooLarge beyond `budget`. What was written until then is useless.
    """
    parsed = open_upload(file_name, content, budget or Budget())
    with tally.stage("Render"):
        _write_parsed(parsed, options, write)


def read_model(
    file_name: str, content: bytes | memoryview, fields: frozenset[str] | None, budget: Budget | None = None
) -> tuple[list[JsonObject], int]:
    """The upload in the DICOM JSON Model, one object per DICOM file (PS3.18 F.2.1), and the number of warnings.

    The model has no place for warnings and pictures; `write_answer` gives them.
    """
    parsed = open_upload(file_name, content, budget or Budget())
    strangers = strangers_of(parsed)
    files = [file for _, file in parsed if isinstance(file, DicomFile)]
    with tally.stage("Render"):
        models = [json_model(file, fields) for file in files]
    warned = len(strangers) + sum(len(file.warnings) for file in files)
    if warned:
        tally.add("Warnings", warned)
    return models, warned


def write_object(
    first: dict[str, str], file: DicomFile, more_warnings: list[str], options: ReadOptions, write: Write
) -> None:
    """Writes a file's object, which begins with `first`. Pictures are written as they are made."""
    described = {**first, **describe(file, options.fields)}
    if not options.images:
        write(without_pictures(described, [*file.warnings, *more_warnings]))
        return
    write(head(described, options))
    for number, made in enumerate(pictures(file, options)):
        write_picture(made, number, write)
        file.budget.spend_characters(len(made) * 4 // 3)
        file.budget.check_time()
    write(tail([*file.warnings, *more_warnings]))


def head(described: dict[str, Any], options: ReadOptions) -> bytes:
    """A file's object up to its first picture."""
    opened = {**described, "ImageFormat": options.picture_format.upper(), "Images": []}
    return orjson.dumps(opened).removesuffix(b"]}")


def without_pictures(described: dict[str, Any], warnings: list[str]) -> bytes:
    """A file's object of its metadata alone."""
    shown = shown_warnings(warnings)
    return orjson.dumps({**described, **({"Warnings": shown} if shown else {})})


def write_picture(made: bytes, number: int, write: Write) -> None:
    """The picture in base64 and in quotes, with a comma before all but number 0. It needs no escapes."""
    write(b',"' if number else b'"')
    write(pybase64.b64encode(made))
    write(b'"')


def tail(warnings: list[str]) -> bytes:
    """A file's object from its last picture on."""
    shown = shown_warnings(warnings)
    return b'],"Warnings":' + orjson.dumps(shown) + b"}" if shown else b"]}"


def shown_warnings(warnings: list[str]) -> list[str]:
    """Each warning once, at most MAX_WARNINGS of them."""
    shown = list(dict.fromkeys(warnings))
    if shown:
        tally.add("Warnings", len(shown))
    more = len(shown) - MAX_WARNINGS
    return shown[:MAX_WARNINGS] + ([f"And {more} more."] if more > 0 else [])


def stranger_warning(name: str) -> str:
    """The warning for a member beside the only DICOM file in an archive."""
    return f"The archive's member {name!r} is not a DICOM file."


def shots_of(file: DicomFile, options: ReadOptions) -> list[Shot]:
    """The requested frames; none if the pixel data can't be understood."""
    try:
        frames = open_frames(file)
    except Unusable as reason:
        file.warnings.append(f"The pixel data can't be understood: {reason.message}.")
        return []
    if frames is None:
        return []
    return [Shot(file, frames, number - 1) for number in options.frame_numbers(frames.count, file.budget)]


@tally.stage("Parse")
def open_upload(file_name: str, content: bytes | memoryview, budget: Budget) -> list[tuple[str, DicomFile | Problem]]:
    """The files of the upload by their names, or the reason why a member of an archive can't be read."""
    return list(each_file(file_name, content, lambda: budget))


def _write_parsed(parsed: list[tuple[str, DicomFile | Problem]], options: ReadOptions, write: Write) -> None:
    strangers = strangers_of(parsed)
    if len(parsed) - len(strangers) > 1:
        write(b'{"Files":[')
        objects = in_order(lambda named: _listed(*named, options), parsed, "files")
        for number, made in enumerate(objects):
            write(b"," + made if number else made)
        write(b"]}")
        return
    (file,) = (file for _, file in parsed if isinstance(file, DicomFile))
    write_object({}, file, [stranger_warning(name) for name in strangers], options, write)


def strangers_of(parsed: list[tuple[str, DicomFile | Problem]]) -> list[str]:
    """The names of members that are not DICOM. Raises Invalid if all are, or the problem of the only DICOM file."""
    strangers = [name for name, file in parsed if isinstance(file, NotDicom)]
    if len(strangers) == len(parsed):
        raise Invalid("The zip archive holds no DICOM file.")
    problems = [file for _, file in parsed if isinstance(file, Problem)]
    if len(problems) == len(parsed) == len(strangers) + 1:
        raise next(problem for problem in problems if not isinstance(problem, NotDicom))
    return strangers


def _listed(name: str, file: DicomFile | Problem, options: ReadOptions) -> bytes:
    """The object of one file of several."""
    if isinstance(file, Problem):
        return orjson.dumps({"FileName": name, "Error": file.message})
    made = bytearray()
    write_object({"FileName": name}, file, [], options, made.extend)
    return bytes(made)


def pictures(file: DicomFile, options: ReadOptions) -> Iterator[bytes]:
    """One picture per frame, in order, empty for a frame that can't be shown; or one animation."""
    shots = shots_of(file, options)
    if not options.animation:
        for made, warnings in in_order(lambda shot: picture(shot, options), shots):
            file.warnings += warnings
            yield made
    elif shots:
        yield animation(file, _shown(file, shots, options), shots[0].frames.count, options)


def _shown(file: DicomFile, shots: list[Shot], options: ReadOptions) -> dict[int, Rendered]:
    """The frames that can be shown, by their index."""
    shown: dict[int, Rendered] = {}
    for shot, (pixels, warnings) in zip(shots, in_order(lambda shot: show(shot, options), shots), strict=True):
        file.warnings += warnings
        if pixels is not None:
            shown[shot.index] = pixels
            file.budget.spend_characters(pixels.nbytes)  # all of them are in memory at once
        file.budget.check_time()
    return shown
