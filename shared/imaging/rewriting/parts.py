"""New files of a large upload, made in parts by several workers. A part is one file, or some members of an archive."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol

import orjson

from imaging.budget import PART, Budget
from imaging.dataset import archive
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.file_names import is_archive
from imaging.dataset.ranges import Ranges
from imaging.pixels.encapsulation import open_file
from imaging.pixels.uploads import each_member
from imaging.rewriting.direct import REPORTS_END, REPORTS_START
from imaging.rewriting.operation import DICOM, JSON, ZIP, Operation
from imaging.rewriting.outcomes import refuse_none, rewritten, write_members
from imaging.rewriting.result_zip import CHUNK_BYTES, Entry, Write, finish
from problems import Problem, not_valid

PART_BYTES = 32 << 20  # of members, packed or unpacked: some seconds of work
IN_MEMORY_BYTES = 32 << 20  # of the reports of a part

Span = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """`frames`: its share of the work. `spans`: the ranges of the upload that it needs. `members`: None for a file."""

    frames: int
    spans: list[Span]
    members: list[int] | None = None


@dataclass(frozen=True)
class Plan:
    """`media_type`: of the result."""

    file_name: str
    size: int
    media_type: str
    parts: list[Part]

    @property
    def frames(self) -> int:
        """The unit of progress: members of an archive."""
        return sum(part.frames for part in self.parts)

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @staticmethod
    def from_json(text: bytes) -> "Plan":
        plan = orjson.loads(text)
        return Plan(**{**plan, "parts": [Part(**part) for part in plan["parts"]]})


@dataclass(frozen=True)
class Note:
    """What the result needs to know of a piece, which has `length` bytes of files, and their reports after them.

    `name`: of a file by itself, to download.
    """

    length: int
    reports: int = 0
    files: int = 1
    problem: str = ""
    name: str = ""
    entries: list[Entry] = field(default_factory=list)

    @staticmethod
    def from_json(note: dict[str, Any]) -> "Note":
        return Note(**{**note, "entries": [Entry(**entry) for entry in note["entries"]]})


class Result(Protocol):
    """The result while it is written. `size`: of what is written. `piece` adds the first bytes of a piece."""

    @property
    def size(self) -> int: ...
    def write(self, content: bytes, /) -> None: ...
    def piece(self, number: int, length: int, /) -> None: ...
    def rest(self, number: int, start: int, /) -> Iterator[bytes]: ...


def make_plan(file_name: str, content: memoryview, media_type: str, deadline: float | None = None) -> Plan:
    """Plans the work on an upload, which may be a memory-mapped file of any size. `media_type`: "" for what was sent.

    Raises Problem if the archive can't be read, or if the result can't be of this type.
    """
    size = len(content)
    if not is_archive(file_name, content):
        return Plan(file_name, size, media_type or DICOM, [Part(1, [(0, size)])])
    if media_type == DICOM:
        raise not_valid("accept", f"The upload is a zip: accept {ZIP} or {JSON}.")
    with archive.opened(Ranges(size, [(0, content)]), archive.MAX_STAGED_BYTES) as (opened, infos):
        Budget(deadline, PART, whole_files=True).spend_items(len(infos))
        places, directory = archive.places(opened, infos, size)
        groups = list(archive.groups(infos, places, PART_BYTES))
    after = (directory.start, directory.stop)
    parts = [Part(len(group), [archive.around([places[n] for n in group]), after], group) for group in groups]
    return Plan(file_name, size, media_type or ZIP, parts)


def work(  # noqa: PLR0913, PLR0917
    plan: Plan,
    number: int,
    ranges: list[memoryview],
    operation: Operation,
    write: Write,
    deadline: float | None = None,
) -> Note:
    """Makes piece `number` from the `ranges` of its spans, and writes it as it grows.

    Raises Problem if a file by itself can't be read or rewritten, Spent beyond `deadline`.
    """
    part = plan.parts[number]

    def open_content(content: memoryview) -> DicomFile:
        return open_file(content, Budget(deadline, PART, whole_files=True), keep_places=True)

    if part.members is None:
        return _one(plan, open_content(ranges[0]), operation, write)
    held = Ranges(plan.size, [(start, content) for (start, _), content in zip(part.spans, ranges, strict=True)])
    with archive.opened(held, archive.MAX_STAGED_BYTES) as (opened, infos):
        files = each_member(opened, infos, part.members, open_content)
        named = ((member + 1, infos[member].filename, file) for member, file in files)
        return _several(plan, named, operation, write)


def _one(plan: Plan, file: DicomFile, operation: Operation, write: Write) -> Note:
    if plan.media_type == ZIP:
        name = operation.download_name(plan.file_name, "0001")
        return _several(plan, [(1, f"{name}.dcm", file)], operation, write)
    made = rewritten(file, operation)
    parts = [orjson.dumps(made.report)] if plan.media_type == JSON else made.parts
    length = 0
    for part in parts:
        with memoryview(part).cast("B") as content:
            for start in range(0, len(content), CHUNK_BYTES):
                write(bytes(content[start : start + CHUNK_BYTES]))
            length += len(content)
    return Note(length, name=operation.download_name(plan.file_name, made.sop_instance_uid))


def _several(
    plan: Plan, members: Iterable[tuple[int, str, DicomFile | Problem]], operation: Operation, write: Write
) -> Note:
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as reports:
        outcomes = write_members(members, operation, write if plan.media_type == ZIP else None, reports.write)
        size = reports.tell()
        reports.seek(0)
        while chunk := reports.read(CHUNK_BYTES):
            write(chunk)
    last = outcomes.entries[-1] if outcomes.entries else None
    return Note(
        length=last.stop if last else 0,
        reports=size,
        files=outcomes.files,
        problem=outcomes.problem,
        entries=outcomes.entries,
    )


def download_name(plan: Plan, notes: list[Note], operation: Operation) -> str:
    """The name of the result, without extension."""
    return notes[0].name or operation.download_name(plan.file_name, operation.name)


def join(plan: Plan, notes: list[Note], result: Result) -> None:
    """Writes the result of the pieces. Raises Invalid if no file could be read and rewritten."""
    if plan.parts[0].members is None and plan.media_type != ZIP:
        result.piece(0, notes[0].length)
        return
    refuse_none(sum(note.files for note in notes), next((note.problem for note in reversed(notes) if note.problem), ""))
    if plan.media_type == JSON:
        for number, note in enumerate(notes):
            result.write(b"," if number else REPORTS_START)
            result.piece(number, note.reports)
        result.write(REPORTS_END)
        return
    infos = []
    for number, note in enumerate(notes):
        infos += [entry.info(result.size) for entry in note.entries]
        result.piece(number, note.length)
    commas = len(notes) - 1
    size = len(REPORTS_START) + sum(note.reports for note in notes) + commas + len(REPORTS_END)
    finish(infos, _reports(notes, result), size, result.size, result.write)


def _reports(notes: list[Note], result: Result) -> Iterator[bytes]:
    for number, note in enumerate(notes):
        yield b"," if number else REPORTS_START
        yield from result.rest(number, note.length)
    yield REPORTS_END
