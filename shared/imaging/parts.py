"""An answer for a large upload, made in parts by several workers, byte for byte what `read` makes of it at once.

The plan splits the work; each part names the bytes of the upload that it needs, and makes a fragment of the answer; in
between stand the texts of `texts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from math import gcd, inf

import orjson

from imaging import archive
from imaging.dicom_file import DicomFile, NotDicom, parse
from imaging.elements import PixelElement
from imaging.frames import Frames, encapsulated_frames, native_frames, open_frames
from imaging.image_pixel import image_pixel
from imaging.metadata import describe
from imaging.native import frame_bits
from imaging.options import ReadOptions
from imaging.parallel import in_order
from imaging.ranges import Ranges
from imaging.read import Budget, Write, head, stranger_warning, tail, write_answer, write_object, write_picture
from imaging.rendering import Shot, picture
from problems import Invalid, Problem

# Of stored pixel data, and of pixels, in a part: some seconds of work for one core, and little of its memory.
PART_BYTES = 32 << 20
PART_PIXELS = 64 << 20
MAX_VALUE_BYTES = 256 << 20
MAX_ARCHIVE_BYTES = 16 << 30
HEAD_BYTES = 1 << 16  # of a member, to tell whether it is DICOM

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


def make_plan(file_name: str, content: memoryview, options: ReadOptions) -> Plan:
    """How to read an upload, which may be a mapped file of any size. Raises Problem for what can't be read."""
    whole = Plan(file_name, len(content), [Part(1, [(0, len(content))])])
    if file_name.lower().endswith(".zip"):
        return _plan_archive(whole, content)
    file = parse(content, MAX_VALUE_BYTES)
    described = describe(file, options.fields)
    if options.animation or file.pixels is None or file.start is None:
        return whole
    try:
        frames = open_frames(file)
    except ValueError:
        return whole
    if frames is None:
        return whole
    indices = [number - 1 for number in options.frame_numbers(frames.count)]
    if not indices:
        return whole
    parts = list(_frame_parts(file, file.pixels, frames, indices, len(content)))
    return replace(whole, parts=parts, head=head(described, options).decode(), warnings=file.warnings)


def work(plan: Plan, number: int, ranges: list[memoryview], options: ReadOptions, write: Write) -> list[str]:
    """Makes fragment `number`, written as it grows, of the `ranges` that its spans name; gives warnings."""
    part = plan.parts[number]
    if part.pixels is not None:
        return _write_pictures(part.pixels, ranges, options, write)
    if part.members is not None:
        _write_members(plan, part, ranges, options, write)
    else:
        write_answer(plan.file_name, ranges[0], options, write)
    return []


def texts(plan: Plan, warnings: list[list[str]]) -> list[bytes | int]:
    """The answer in order: texts, and the numbers of the fragments between them. `warnings`: those of each part."""
    between = [item for number in range(len(plan.parts)) for item in (b",", number)][1:]
    if plan.parts[0].pixels is None:
        return [plan.head.encode(), *between, plan.tail.encode()]
    return [plan.head.encode(), *between, tail([*plan.warnings, *chain.from_iterable(warnings)])]


def _plan_archive(whole: Plan, content: memoryview) -> Plan:
    with archive.opened(Ranges(len(content), [(0, content)]), MAX_ARCHIVE_BYTES) as (opened, infos):
        strangers = [info.filename for info in infos if not _begins_as_dicom(opened.open(info).read(HEAD_BYTES))]
        places, directory = archive.places(opened, infos, len(content))
        if len(strangers) == len(infos):
            raise Invalid("The zip archive holds no DICOM file.")
        if len(strangers) == len(infos) - 1:
            (alone,) = (number for number, info in enumerate(infos) if info.filename not in strangers)
            groups = [[alone]]
        else:
            groups = list(_member_groups([info.file_size for info in infos], places))
    parts = []
    for group in groups:
        start, stop = _around([places[number] for number in group])
        parts.append(Part(len(group), [(start, stop), (directory.start, directory.stop)], members=group))
    if len(strangers) == len(infos) - 1:
        return replace(whole, parts=parts, warnings=[*map(stranger_warning, strangers)])
    return replace(whole, parts=parts, head='{"Files":[', tail="]}")


def _begins_as_dicom(head: bytes) -> bool:
    try:
        parse(head)
    except NotDicom:
        return False
    except Problem:
        return True
    return True


def _member_groups(sizes: list[int], places: list[slice]) -> Iterator[list[int]]:
    """Members, one after the other, as many as make up a part."""
    group: list[int] = []
    for number in range(len(sizes)):
        larger = [*group, number]
        start, stop = _around([places[member] for member in larger])
        if group and max(stop - start, sum(sizes[member] for member in larger)) > PART_BYTES:
            yield group
            larger = [number]
        group = larger
    yield group


def _around(places: list[slice]) -> Span:
    return min(place.start for place in places), max(place.stop for place in places)


def _frame_parts(
    file: DicomFile, pixels: PixelElement, frames: Frames, indices: list[int], size: int
) -> Iterator[Part]:
    """Parts of some frames each. Their first spans are of the file without its pixel data."""
    start = file.start or 0
    spans = [(0, start + pixels.place.start), (start + pixels.place.stop, size)]
    # Where frames do not fill bytes, a part begins with one that begins at a byte, and where words may have to be
    # swapped, at a word.
    step = 1 if pixels.encapsulated else 16 // gcd(frame_bits(frames.image), 16)
    for group in _frame_groups(frames, indices):
        first = group[0] // step * step
        low, high = _around([place for index in (first, *group) for place in frames.places(index)])
        places = []
        if pixels.encapsulated:
            places = [[(place.start - low, place.stop - low) for place in frames.places(index)] for index in group]
        span = (start + pixels.start + low, start + pixels.start + min(high, len(pixels.value)))
        yield Part(len(group), [*spans, span], Pixels(pixels.tag, pixels.vr, pixels.encapsulated, group, first, places))


def _frame_groups(frames: Frames, indices: list[int]) -> Iterator[list[int]]:
    """Frames, one after the other, as many as make up a part."""
    group: list[int] = []
    low = high = 0
    for index in indices:
        start, stop = _around(frames.places(index))
        low, high = (min(low, start), max(high, stop)) if group else (start, stop)
        if group and (high - low > PART_BYTES or (len(group) + 1) * frames.image.pixels > PART_PIXELS):
            yield group
            group, low, high = [], start, stop
        group.append(index)
    yield group


def _write_pictures(pixels: Pixels, ranges: list[memoryview], options: ReadOptions, write: Write) -> list[str]:
    """Pictures in quotes, with commas between them."""
    file = parse(b"".join(ranges[:-1]), MAX_VALUE_BYTES)
    file.pixels = PixelElement(
        pixels.tag, pixels.vr, ranges[-1], file.little_endian, pixels.encapsulated, slice(0, 0), 0
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
    for number, (made, warned) in enumerate(in_order(lambda shot: picture(shot, options), shots)):
        write_picture(made, number, write)
        warnings += warned
    return warnings


def _write_members(plan: Plan, part: Part, ranges: list[memoryview], options: ReadOptions, write: Write) -> None:
    """An object for each member, with commas between them; if it is the only DICOM file, the whole answer."""
    held = Ranges(plan.size, [(start, content) for (start, _), content in zip(part.spans, ranges, strict=True)])
    with archive.opened(held, MAX_ARCHIVE_BYTES) as (opened, infos):
        for place, number in enumerate(part.members or []):
            name = infos[number].filename
            write(b"," if place else b"")
            try:
                file = parse(archive.member(opened, infos[number]), MAX_VALUE_BYTES)
            except Problem as problem:
                if not plan.head:
                    raise
                write(orjson.dumps({"FileName": name, "Error": problem.message}))
            else:
                first = {"FileName": name} if plan.head else {}
                write_object(first, file, plan.warnings, options, write, Budget(None, inf))
