"""An answer for a large upload, made in parts by several workers, byte for byte what is made of it at once.

Each part of a plan names the bytes of the upload that it needs, and makes a fragment of the answer.
`imaging.answers.planning` makes plans.
"""

from dataclasses import dataclass, field, replace
from itertools import chain

import orjson

from imaging.answers.options import ReadOptions
from imaging.answers.read import Write, tail, write_answer, write_object, write_picture
from imaging.budget import PART, Budget, Spent
from imaging.dataset import archive
from imaging.dataset.dicom_file import parse
from imaging.dataset.elements import PixelElement
from imaging.dataset.ranges import Ranges
from imaging.display.rendering import Shot, picture
from imaging.parallel import in_order
from imaging.pixels.encapsulation import settled
from imaging.pixels.frames import encapsulated_frames, native_frames
from imaging.pixels.image_pixel import image_pixel
from problems import Problem

MAX_ARCHIVE_BYTES = 16 << 30

Span = tuple[int, int]


@dataclass(frozen=True)
class Pixels:
    """Some frames of a file, and what else there is to know of its pixel data without reading it again.

    `indices`: of the frames, from 0. `places`: of each of their fragments within the part's last span, none where the
    frames are uncompressed; then the span begins with frame `first`.
    """

    tag: int
    vr: str
    encapsulated: bool
    indices: list[int]
    first: int
    places: list[list[Span]]


@dataclass(frozen=True)
class Part:
    """`frames`: how much of the work it is. `spans`: ranges of the upload that it needs, in order.

    What it makes: pictures of `pixels`, or objects for `members` of an archive, or else the whole answer.
    """

    frames: int
    spans: list[Span]
    pixels: Pixels | None = None
    members: list[int] | None = None


@dataclass(frozen=True)
class Plan:
    """`head` and `tail`: what comes before and after the fragments. `warnings`: what is known of a file by now."""

    file_name: str
    size: int
    parts: list[Part]
    head: str = ""
    tail: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """What progress counts: frames, or members of an archive."""
        return sum(part.frames for part in self.parts)

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @staticmethod
    def from_json(text: bytes) -> "Plan":
        plan = orjson.loads(text)
        for part in plan["parts"]:
            part["pixels"] = Pixels(**part["pixels"]) if part["pixels"] else None
        return Plan(**{**plan, "parts": [Part(**part) for part in plan["parts"]]})


def work(  # noqa: PLR0913, PLR0917
    plan: Plan,
    number: int,
    ranges: list[memoryview],
    options: ReadOptions,
    write: Write,
    deadline: float | None = None,
) -> list[str]:
    """Makes fragment `number`, written as it grows, of the `ranges` that its spans name; gives warnings.

    Raises Problem for what can't be read, Spent beyond `deadline` (of time.monotonic(), None: no end).
    """
    part = plan.parts[number]
    if part.pixels is not None:
        return _write_pictures(number, part.pixels, ranges, options, write, Budget(deadline, PART))
    if part.members is not None:
        _write_members(plan, number, ranges, options, write, deadline)
    else:
        write_answer(plan.file_name, ranges[0], options, write, Budget(deadline, PART))
    return []


def texts(plan: Plan, warnings: list[list[str]]) -> list[bytes | int]:
    """The answer in order: its head, the numbers of the fragments, its tail. `warnings`: those of each part."""
    after = plan.tail.encode()
    if plan.parts[0].pixels is not None:
        after = tail([*plan.warnings, *chain.from_iterable(warnings)])
    return [plan.head.encode(), *range(len(plan.parts)), after]


def _write_pictures(  # noqa: PLR0913, PLR0917
    part: int, pixels: Pixels, ranges: list[memoryview], options: ReadOptions, write: Write, budget: Budget
) -> list[str]:
    """Pictures in quotes, with a comma before all but the answer's first."""
    file = settled(parse(b"".join(ranges[:-1]), budget))
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
    """An object for each member, with a comma before all but the first; of the only DICOM file, the whole answer."""
    part = plan.parts[number]
    held = Ranges(plan.size, [(start, content) for (start, _), content in zip(part.spans, ranges, strict=True)])
    with archive.opened(held, MAX_ARCHIVE_BYTES) as (opened, infos):
        for place, member in enumerate(part.members or []):
            name = infos[member].filename
            write(b"," if number + place else b"")
            try:
                file = settled(parse(archive.member(opened, infos[member]), Budget(deadline, PART)))
            except (Spent, archive.Refused):
                raise
            except Problem as problem:
                if not plan.head:
                    raise
                write(orjson.dumps({"FileName": name, "Error": problem.message}))
            else:
                first = {"FileName": name} if plan.head else {}
                write_object(first, file, plan.warnings, options, write)
