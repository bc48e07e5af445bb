"""How the work on a large upload is split into parts."""

from collections.abc import Iterator
from dataclasses import replace
from math import gcd
from zipfile import ZipFile, ZipInfo

from imaging.answers.metadata import describe
from imaging.answers.options import ReadOptions
from imaging.answers.parts import JSON, Part, PartPixels, Plan
from imaging.answers.read import head, stranger_warning
from imaging.budget import PART, Budget
from imaging.dataset import archive
from imaging.dataset.dicom_file import DicomFile, NotDicom, parse
from imaging.dataset.elements import PixelElement
from imaging.dataset.file_names import is_archive
from imaging.dataset.ranges import Ranges
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import Frames, open_frames
from imaging.pixels.native import frame_bits
from problems import Invalid, Problem, Unusable

# Stored pixel data, and pixels, of a part: some seconds of work for one core, and little memory.
PART_BYTES = 32 << 20
PART_PIXELS = 64 << 20
HEAD_BYTES = 1 << 16  # of a member, to tell whether it is DICOM


def make_plan(
    file_name: str,
    content: memoryview,
    options: ReadOptions,
    deadline: float | None = None,
    media_type: str = JSON,
) -> Plan:
    """Plans the reading of an upload, which may be a memory-mapped file of any size.

    Raises Problem if it can't be read, Spent beyond `deadline` (of time.monotonic(); None: no limit).
    """
    whole = Plan(file_name, len(content), [Part(1, [(0, len(content))])], media_type=media_type)
    if media_type != JSON:
        return whole
    budget = Budget(deadline, PART)
    if is_archive(file_name, content):
        return _plan_archive(whole, content, budget)
    file = open_file(content, budget)
    described = describe(file, options.fields)
    if options.animation or not options.images or file.pixels is None or file.start is None:
        return whole
    try:
        frames = open_frames(file)
    except Unusable:
        return whole
    if frames is None or not (numbers := options.frame_numbers(frames.count, budget)):
        return whole
    indices = [number - 1 for number in numbers]
    parts = list(_frame_parts(file, file.pixels, frames, indices, len(content)))
    return replace(whole, parts=parts, head=head(described, options).decode(), warnings=file.warnings)


def _plan_archive(whole: Plan, content: memoryview, budget: Budget) -> Plan:
    with archive.opened(Ranges(len(content), [(0, content)]), archive.MAX_STAGED_BYTES) as (opened, infos):
        alike = [number for number, info in enumerate(infos) if _begins_as_dicom(opened, info, budget)]
        places, directory = archive.places(opened, infos, len(content))
        if not alike:
            raise Invalid("The zip archive holds no DICOM file.")
        groups = [alike] if len(alike) == 1 else list(archive.groups(infos, places, PART_BYTES))
    parts = []
    for group in groups:
        start, stop = archive.around([places[number] for number in group])
        parts.append(Part(len(group), [(start, stop), (directory.start, directory.stop)], members=group))
    if len(alike) == 1:
        strangers = [info.filename for number, info in enumerate(infos) if number != alike[0]]
        return replace(whole, parts=parts, warnings=[*map(stranger_warning, strangers)])
    return replace(whole, parts=parts, head='{"Files":[', tail="]}")


def _begins_as_dicom(opened: ZipFile, info: ZipInfo, budget: Budget) -> bool:
    """Whether the beginning of a member is that of a DICOM file, even of a broken one."""
    budget.check_time()
    try:
        parse(archive.beginning(opened, info, HEAD_BYTES))
    except NotDicom:
        return False
    except archive.Refused:
        raise
    except Problem:
        return True
    return True


def _frame_parts(
    file: DicomFile, pixels: PixelElement, frames: Frames, indices: list[int], size: int
) -> Iterator[Part]:
    """Parts of some frames each. Their first spans cover the file without its pixel data."""
    start = file.start or 0
    after = start + pixels.place.stop
    # Data beyond the budget was not read, and need not be fetched.
    spans = [(0, start + pixels.place.start), (after, min(size, after + PART.file_bytes + PART.items * 12))]
    # If frames do not fill whole bytes, a part begins with a frame that starts at a byte; if words may have to be
    # swapped, at a word.
    step = 1 if pixels.encapsulated else 16 // gcd(frame_bits(frames.image), 16)
    for group in _frame_groups(frames, indices):
        first = group[0] // step * step
        low, high = archive.around([place for index in (first, *group) for place in frames.places(index)])
        places = []
        if pixels.encapsulated:
            places = [[(place.start - low, place.stop - low) for place in frames.places(index)] for index in group]
        span = (start + pixels.start + low, start + pixels.start + min(high, len(pixels.value)))
        yield Part(
            len(group), [*spans, span], PartPixels(pixels.tag, pixels.vr, pixels.encapsulated, group, first, places)
        )


def _frame_groups(frames: Frames, indices: list[int]) -> Iterator[list[int]]:
    """Consecutive frames, grouped into parts."""
    group: list[int] = []
    low = high = 0
    for index in indices:
        start, stop = archive.around(frames.places(index))
        low, high = (min(low, start), max(high, stop)) if group else (start, stop)
        if group and (high - low > PART_BYTES or (len(group) + 1) * frames.image.pixels > PART_PIXELS):
            yield group
            group, low, high = [], start, stop
        group.append(index)
    yield group
