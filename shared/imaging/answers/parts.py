"""The answer to a large upload, made in parts by several workers. It is byte for byte that of a direct read.

Each part of a plan names the bytes of the upload that it needs, and makes a piece of the answer.
`imaging.answers.planning` makes plans.
"""

from dataclasses import dataclass, field, replace
from itertools import chain

import orjson

from imaging.answers.options import ReadOptions
from imaging.answers.read import Write, tail, write_answer, write_object, write_picture
from imaging.answers.undivided import write_model, write_zip
from imaging.budget import PART, Budget
from imaging.dataset import archive
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import PixelElement
from imaging.dataset.ranges import Ranges
from imaging.display.rendering import Shot, picture
from imaging.parallel import in_order
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import encapsulated_frames, native_frames
from imaging.pixels.image_pixel import image_pixel
from imaging.pixels.uploads import each_member

Span = tuple[int, int]

JSON = "application/json"
WHOLE = {"application/dicom+json": write_model, "application/zip": write_zip}
MEDIA_TYPES = (JSON, *WHOLE)  # that a result may have


@dataclass(frozen=True)
class PartPixels:
    """Some frames of a file, and what is known of its pixel data.

    `indices`: of the frames, from 0. `places`: of their fragments within the part's last span; none if the frames are
    uncompressed, where the span begins with frame `first`.
    """

    tag: int
    vr: str
    encapsulated: bool
    indices: list[int]
    first: int
    places: list[list[Span]]


@dataclass(frozen=True)
class Part:
    """`frames`: its share of the work. `spans`: the ranges of the upload that it needs, in order.

    It makes pictures of `pixels`, or objects for `members` of an archive, or else the whole answer.
    """

    frames: int
    spans: list[Span]
    pixels: PartPixels | None = None
    members: list[int] | None = None


@dataclass(frozen=True)
class Plan:
    """`head` and `tail`: the text before and after the pieces. `warnings`: those known when the plan is made.

    `media_type`: of the result. Other results than JSON with pictures have one part.
    """

    file_name: str
    size: int
    parts: list[Part]
    head: str = ""
    tail: str = ""
    warnings: list[str] = field(default_factory=list)
    media_type: str = JSON

    @property
    def frames(self) -> int:
        """The unit of progress: frames, or members of an archive."""
        return sum(part.frames for part in self.parts)

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @staticmethod
    def from_json(text: bytes) -> "Plan":
        plan = orjson.loads(text)
        for part in plan["parts"]:
            part["pixels"] = PartPixels(**part["pixels"]) if part["pixels"] else None
        return Plan(**{**plan, "parts": [Part(**part) for part in plan["parts"]]})


def work(  # noqa: PLR0913, PLR0917
    plan: Plan,
    number: int,
    ranges: list[memoryview],
    options: ReadOptions,
    write: Write,
    deadline: float | None = None,
) -> list[str]:
    """Makes piece `number` from the `ranges` of its spans, writes it as it grows, and returns warnings.

    Raises Problem if the file can't be read, Spent beyond `deadline` (of time.monotonic(); None: no limit).
    """
    part = plan.parts[number]
    if part.pixels is not None:
        return _write_pictures(number, part.pixels, ranges, options, write, Budget(deadline, PART))
    if part.members is not None:
        _write_members(plan, number, ranges, options, write, deadline)
    elif plan.media_type in WHOLE:
        WHOLE[plan.media_type](plan.file_name, ranges[0], options, write, deadline)
    else:
        write_answer(plan.file_name, ranges[0], options, write, Budget(deadline, PART))
    return []


def texts(plan: Plan, warnings: list[list[str]]) -> list[bytes | int]:
    """The answer in order: head, the numbers of the pieces, tail. `warnings`: those of each part."""
    after = plan.tail.encode()
    if plan.parts[0].pixels is not None:
        after = tail([*plan.warnings, *chain.from_iterable(warnings)])
    return [plan.head.encode(), *range(len(plan.parts)), after]


def _write_pictures(  # noqa: PLR0913, PLR0917
    part: int, pixels: PartPixels, ranges: list[memoryview], options: ReadOptions, write: Write, budget: Budget
) -> list[str]:
    """Writes pictures in quotes, with a comma before all but the answer's first."""
    file = open_file(b"".join(ranges[:-1]), budget)
    file.pixels = PixelElement(
        pixels.tag, pixels.vr, ranges[-1], file.little_endian_pixels, pixels.encapsulated, slice(0, 0), 0
    )
    image = image_pixel(file.dataset)
    if pixels.encapsulated:
        places = [[slice(*place) for place in of_frame] for of_frame in pixels.places]
        frames = encapsulated_frames(file, image, places)
        held = {index: place for place, index in enumerate(pixels.indices)}
    else:
        frames = native_frames(file, replace(image, frames=pixels.indices[-1] + 1 - pixels.first))
        held = {index: index - pixels.first for index in pixels.indices}
    in_part = replace(frames, frame=lambda index: frames.frame(held[index]))
    warnings: list[str] = []
    shots = [Shot(file, in_part, index) for index in pixels.indices]
    for place, (made, warned) in enumerate(in_order(lambda shot: picture(shot, options), shots)):
        write_picture(made, part + place, write)
        warnings += warned
        budget.check_time()
    return warnings


def _write_members(  # noqa: PLR0913, PLR0917
    plan: Plan,
    number: int,
    ranges: list[memoryview],
    options: ReadOptions,
    write: Write,
    deadline: float | None,
) -> None:
    """Writes an object for each member, with commas between them, or the whole answer for the only DICOM file."""
    part = plan.parts[number]
    held = Ranges(plan.size, [(start, content) for (start, _), content in zip(part.spans, ranges, strict=True)])
    with archive.opened(held, archive.MAX_STAGED_BYTES) as (opened, infos):
        members = each_member(
            opened, infos, part.members or [], lambda content: open_file(content, Budget(deadline, PART))
        )
        for place, (member, file) in enumerate(members):
            name = infos[member].filename
            write(b"," if number + place else b"")
            if isinstance(file, DicomFile):
                first = {"FileName": name} if plan.head else {}
                write_object(first, file, plan.warnings, options, write)
            elif plan.head:
                write(orjson.dumps({"FileName": name, "Error": file.message}))
            else:
                raise file
