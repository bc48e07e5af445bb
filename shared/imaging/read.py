"""A DICOM file, or a zip of several, to the JSON object of the usage guide."""

import time
from typing import Any

from imaging import archive
from imaging.dicom_file import DicomFile, NotDicom, parse
from imaging.frames import open_frames
from imaging.json_model import JsonObject, json_model
from imaging.metadata import describe
from imaging.options import ReadOptions
from imaging.parallel import in_order
from imaging.ranges import Ranges
from imaging.rendering import Pixels, Shot, animation, picture, show
from problems import Invalid, Problem, TooLarge

# What an answer may hold. More would not fit into a function's memory together with what makes it.
MAX_CHARACTERS = 300_000_000
MAX_WARNINGS = 100


class Budget:
    """What a request may take: time until `deadline` (of time.monotonic(), None: no end), and text and pictures."""

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.characters = MAX_CHARACTERS

    def spend(self, characters: int) -> None:
        """Counts this much of the answer. Raises TooLarge when the budget is used up."""
        self.characters -= characters
        if self.characters < 0 or (self.deadline is not None and time.monotonic() > self.deadline):
            raise TooLarge("The file's pictures or values are too many at once: ask for fewer with frames and fields.")


def read(
    file_name: str, content: bytes | memoryview, options: ReadOptions, deadline: float | None = None
) -> dict[str, Any]:
    """Reads an upload by its name: .dcm, .DCM or .zip. Invalid if it can't be read, TooLarge beyond `deadline`."""
    budget = Budget(deadline)
    parsed = _parsed(file_name, content, budget)
    strangers = _strangers(parsed)
    files = [file for _, file in parsed if isinstance(file, DicomFile)]
    answers = iter(_read_files(files, options, budget))
    if len(parsed) - len(strangers) > 1:
        return {"Files": [{"FileName": name, **(_error(file) or next(answers))} for name, file in parsed]}
    answer = next(answers)
    if warnings := warnings_shown([*files[0].warnings, *map(stranger_warning, strangers)]):
        answer["Warnings"] = warnings
    return answer


def read_model(
    file_name: str, content: bytes | memoryview, fields: frozenset[str] | None, deadline: float | None = None
) -> tuple[list[JsonObject], int]:
    """The upload in the DICOM JSON Model, an object a DICOM file (PS3.18 F.2.1), and the number of warnings.

    The model has no place for these, nor for pictures: `read` gives them.
    """
    budget = Budget(deadline)
    parsed = _parsed(file_name, content, budget)
    strangers = _strangers(parsed)
    files = [file for _, file in parsed if isinstance(file, DicomFile)]
    models = []
    for file in files:
        models.append(json_model(file, fields))
        budget.spend(_characters(models[-1]))
    return models, len(strangers) + sum(len(file.warnings) for file in files)


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


def _strangers(parsed: list[tuple[str, DicomFile | Problem]]) -> list[str]:
    """The names of what is not DICOM. Raises Invalid if nothing is, and the problem of the only one that is."""
    strangers = [name for name, file in parsed if isinstance(file, NotDicom)]
    if len(strangers) == len(parsed):
        raise Invalid("The zip archive holds no DICOM file.")
    problems = [file for _, file in parsed if isinstance(file, Problem)]
    if len(problems) == len(parsed) == len(strangers) + 1:
        raise next(problem for problem in problems if not isinstance(problem, NotDicom))
    return strangers


def _error(file: DicomFile | Problem) -> dict[str, Any] | None:
    return {"Error": file.message} if isinstance(file, Problem) else None


def _read_files(files: list[DicomFile], options: ReadOptions, budget: Budget) -> list[dict[str, Any]]:
    """The object of each file."""
    answers = []
    for file in files:
        answers.append(describe(file, options.fields))
        budget.spend(_characters(answers[-1]))
    for answer, pictures in zip(answers, _pictures(files, options, budget), strict=True):
        answer["ImageFormat"] = options.picture_format.upper()
        answer["Images"] = pictures
    for answer, file in zip(answers, files, strict=True):
        if file.warnings:
            answer["Warnings"] = warnings_shown(file.warnings)
    return answers


def stranger_warning(name: str) -> str:
    """Of a member beside the only DICOM file in an archive."""
    return f"The archive's member {name!r} is not a DICOM file."


def warnings_shown(warnings: list[str]) -> list[str]:
    """Each once, though it may be true of many frames, and no more of them than somebody reads."""
    warnings = list(dict.fromkeys(warnings))
    more = len(warnings) - MAX_WARNINGS
    return warnings[:MAX_WARNINGS] + ([f"And {more} more."] if more > 0 else [])


def _characters(described: Any) -> int:
    """How much text there is, about, in what goes into an answer."""
    if isinstance(described, dict):
        return sum(map(_characters, described.values()))
    if isinstance(described, list):
        return sum(map(_characters, described))
    return len(described) if isinstance(described, str) else 20


def _pictures(files: list[DicomFile], options: ReadOptions, budget: Budget) -> list[list[str]]:
    """For each file base64 of a picture a frame, in order; "" for a frame that can't be shown."""
    if options.animation:
        return [animation_of(file, options, budget) for file in files]
    # Frames of all the files in one row, as many may have only one.
    shots = [(place, shot) for place, file in enumerate(files) for shot in shots_of(file, options)]
    pictures: list[list[str]] = [[] for _ in files]
    shown = in_order(lambda placed: picture(placed[1], options), shots)
    for (place, _), (made, warnings) in zip(shots, shown, strict=True):
        pictures[place].append(made)
        files[place].warnings += warnings
        budget.spend(len(made))
    return pictures


def animation_of(file: DicomFile, options: ReadOptions, budget: Budget) -> list[str]:
    """Base64 of one picture that shows all frames; "" if none can be shown."""
    shots = shots_of(file, options)
    shown: dict[int, Pixels] = {}
    for shot, (pixels, warnings) in zip(shots, in_order(lambda shot: show(shot, options), shots), strict=True):
        file.warnings += warnings
        if pixels is not None:
            shown[shot.index] = pixels
            budget.spend(pixels.nbytes)  # all of them are in memory at once
    return [animation(file, shown, shots[0].frames.count)] if shots else []


def shots_of(file: DicomFile, options: ReadOptions) -> list[Shot]:
    """What is asked for of the file's frames; none if its pixel data can't be understood."""
    try:
        frames = open_frames(file)
    except ValueError as error:
        file.warnings.append(f"The pixel data can't be understood: {error}.")
        return []
    if frames is None:
        return []
    return [Shot(file, frames, number - 1) for number in options.frame_numbers(frames.count)]
