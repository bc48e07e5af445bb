"""A new file, or a zip of new files, at once."""

from collections.abc import Iterable
from typing import NamedTuple

import orjson

from imaging.budget import Budget
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.file_names import is_archive
from imaging.pixels.uploads import each_file
from imaging.rewriting.operation import DICOM, JSON, ZIP, Operation
from imaging.rewriting.outcomes import refuse_none, rewritten, warned, write_members
from imaging.rewriting.result_zip import finish
from problems import Problem

REPORTS_START, REPORTS_END = b'{"files":[', b"]}"


class Answer(NamedTuple):
    """`name`: of the file to download, without extension. `warned`: how much the report tells the client to look at."""

    content: bytes | bytearray
    name: str
    warned: int


def media_types(file_name: str, content: bytes) -> tuple[str, ...]:
    """What an upload can be answered with, the usual first. Raises Invalid if its name says that it is no DICOM."""
    return (ZIP, JSON) if is_archive(file_name, content) else (DICOM, JSON, ZIP)


def rewrite(file_name: str, content: bytes, operation: Operation, media_type: str, budget: Budget) -> Answer:
    """Does the operation with an upload. `media_type`: one of `media_types`.

    Raises Problem if no file of it can be read and rewritten, Spent beyond `budget`.
    """
    found = each_file(file_name, content, lambda: budget, keep_places=True)
    if is_archive(file_name, content):
        members = ((position, sent, file) for position, (sent, file) in enumerate(found, 1))
        return _several(members, operation, media_type, operation.download_name(file_name, operation.name))
    ((_, file),) = found
    assert isinstance(file, DicomFile)  # noqa: S101 - the problem of a file that is alone is raised
    if media_type == ZIP:
        name = operation.download_name(file_name, "0001")
        return _several([(1, f"{name}.dcm", file)], operation, media_type, name)
    made = rewritten(file, operation)
    whole = orjson.dumps(made.report) if media_type == JSON else b"".join(made.parts)
    return Answer(whole, operation.download_name(file_name, made.sop_instance_uid), warned(made.report))


def _several(
    members: Iterable[tuple[int, str, DicomFile | Problem]], operation: Operation, media_type: str, name: str
) -> Answer:
    archive, reports = bytearray(), bytearray(REPORTS_START)
    outcomes = write_members(members, operation, archive.extend if media_type == ZIP else None, reports.extend)
    refuse_none(outcomes.files, outcomes.problem)
    reports += REPORTS_END
    if media_type == JSON:
        return Answer(reports, name, outcomes.warned)
    infos = [entry.info(0) for entry in outcomes.entries]
    finish(infos, [bytes(reports)], len(reports), len(archive), archive.extend)
    return Answer(archive, name, outcomes.warned)
