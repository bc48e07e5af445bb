"""A DICOM file, or a zip of several, to the JSON object of the usage guide."""

import time
from typing import Any

import numpy as np
import pybase64
from numpy.typing import NDArray

from imaging import archive, colour, grayscale
from imaging.dicom_file import DicomFile, parse
from imaging.frames import Frames, open_frames
from imaging.geometry import fit, pixel_aspect
from imaging.image_pixel import items, value
from imaging.json_model import JsonObject, json_model
from imaging.metadata import describe
from imaging.options import ReadOptions
from imaging.overlays import burn_in
from imaging.pictures import animate, encode
from imaging.timing import frame_milliseconds
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
            raise TooLarge(
                "The file's pictures or values are more than a direct read can make: "
                "ask for fewer with frames and fields, or use a staged upload (POST /api/dicom/uploads/)."
            )


def read(file_name: str, content: bytes, options: ReadOptions, deadline: float | None = None) -> dict[str, Any]:
    """Reads an upload by its name: .dcm, .DCM or .zip. Invalid if it can't be read, TooLarge beyond `deadline`."""
    budget = Budget(deadline)
    parsed = _parsed(file_name, content, budget)
    files, strangers = _told_apart(parsed)
    if len(files) > 1:
        return {"Files": [{"FileName": name, **_member(file, options, budget)} for name, file in parsed]}
    files[0].warnings.extend(f"The archive's member {name!r} is not a DICOM file." for name in strangers)
    return _read_file(files[0], options, budget)


def read_model(
    file_name: str, content: bytes, fields: frozenset[str] | None, deadline: float | None = None
) -> tuple[list[JsonObject], int]:
    """The upload in the DICOM JSON Model, an object a DICOM file (PS3.18 F.2.1), and the number of warnings.

    The model has no place for these, nor for pictures: `read` gives them.
    """
    budget = Budget(deadline)
    files, strangers = _told_apart(_parsed(file_name, content, budget))
    models = []
    for file in files:
        models.append(json_model(file, fields))
        budget.spend(_characters(models[-1]))
    return models, len(strangers) + sum(len(file.warnings) for file in files)


def _parsed(file_name: str, content: bytes, budget: Budget) -> list[tuple[str, DicomFile | Problem]]:
    """Each file of the upload by its name; for a member of an archive that can't be read, why."""
    if file_name.lower().endswith(".dcm"):
        return [(file_name, parse(content))]
    if not file_name.lower().endswith(".zip"):
        raise Invalid("The file's name must end in .dcm, .DCM or .zip.", fields={"file": "Rename the file."})
    parsed: list[tuple[str, DicomFile | Problem]] = []
    for name, member in archive.members(content):
        try:
            parsed.append((name, parse(member)))
        except (Invalid, TooLarge) as problem:
            parsed.append((name, problem))
        budget.spend(0)
    return parsed


def _told_apart(parsed: list[tuple[str, DicomFile | Problem]]) -> tuple[list[DicomFile], list[str]]:
    """The DICOM files, and the names of the others. Raises Invalid or TooLarge if there is none."""
    files = [file for _, file in parsed if isinstance(file, DicomFile)]
    if not files:
        too_large = (file for _, file in parsed if isinstance(file, TooLarge))
        raise next(too_large, Invalid("The zip archive holds no DICOM file."))
    return files, [name for name, file in parsed if isinstance(file, Problem)]


def _member(file: DicomFile | Problem, options: ReadOptions, budget: Budget) -> dict[str, Any]:
    return {"Error": file.message} if isinstance(file, Problem) else _read_file(file, options, budget)


def _read_file(file: DicomFile, options: ReadOptions, budget: Budget) -> dict[str, Any]:
    answer = describe(file, options.fields)
    budget.spend(_characters(answer))
    answer["ImageFormat"] = options.picture_format.upper()
    answer["Images"] = _pictures(file, options, budget)
    if file.warnings:
        more = len(file.warnings) - MAX_WARNINGS
        answer["Warnings"] = file.warnings[:MAX_WARNINGS] + ([f"And {more} more."] if more > 0 else [])
    return answer


def _characters(described: Any) -> int:
    """How much text there is, about, in what goes into an answer."""
    if isinstance(described, dict):
        return sum(map(_characters, described.values()))
    if isinstance(described, list):
        return sum(map(_characters, described))
    return len(described) if isinstance(described, str) else 20


def _pictures(file: DicomFile, options: ReadOptions, budget: Budget) -> list[str]:
    """Base64 of a picture a frame, in order; "" for a frame that can't be decoded, named in `file.warnings`."""
    try:
        frames = open_frames(file)
    except ValueError as error:
        file.warnings.append(f"The pixel data can't be understood: {error}.")
        return []
    if frames is None:
        return []
    numbers = options.frame_numbers(frames.count)
    if options.animation:
        return [_animation(file, frames, numbers, options, budget)]
    icc_profile = _icc_profile(file)
    pictures = []
    for number in numbers:
        shown = _shown(file, frames, number, options)
        picture = ""
        if shown is not None:
            profile = icc_profile if shown.ndim == 3 else None
            picture = _base64(encode(shown, options.picture_format, options.quality, profile))
        pictures.append(picture)
        budget.spend(len(picture))
    return pictures


def _animation(file: DicomFile, frames: Frames, numbers: list[int], options: ReadOptions, budget: Budget) -> str:
    times = frame_milliseconds(file.dataset, frames.count)
    pictures = {}
    for number in numbers:
        shown = _shown(file, frames, number, options)
        if shown is not None:
            pictures[number] = shown
            budget.spend(shown.nbytes)  # all of them are in memory at once
    return _base64(animate(pictures.values(), [times[number - 1] for number in pictures])) if pictures else ""


def _base64(content: bytes) -> str:
    return pybase64.b64encode(content).decode()


def _shown(file: DicomFile, frames: Frames, number: int, options: ReadOptions) -> NDArray[np.uint8] | None:
    """Frame `number` (from 1) as asked for; None if it can't be shown, which `file.warnings` then explains."""
    try:
        picture = render(file, frames, number - 1, options)
    except ValueError as error:
        file.warnings.append(f"Frame {number} can't be shown: {error}.")
        return None
    if options.overlays:
        picture = burn_in(file, frames.image, picture, number - 1)
    if options.viewport:
        picture = fit(picture, *options.viewport, pixel_aspect(file.dataset, number - 1))
    return picture


def _icc_profile(file: DicomFile) -> bytes | None:
    """What the colours of the file's pictures are (PS3.3 C.11.15; C.8.12.5 for slides)."""
    for dataset in (file.dataset, *items(file.dataset, "OpticalPathSequence")[:1]):
        profile = value(dataset, "ICCProfile")
        if isinstance(profile, bytes):
            return profile
    return None


def render(file: DicomFile, frames: Frames, index: int, options: ReadOptions) -> NDArray[np.uint8]:
    """Frame `index` (from 0) as 8-bit grey, (rows, columns), or RGB, (rows, columns, 3); ValueError if it can't be."""
    frame = frames.frame(index)
    if frame.warning:
        file.warnings.append(f"Frame {index + 1}: {frame.warning}.")
    if frame.samples.ndim == 3:
        return colour.render(frames.image, frame)
    if frame.photometric == "PALETTE COLOR":
        return colour.render_palette(file, frames.image, frame)
    return grayscale.render(file, frames.image, frame, index, options.window)
