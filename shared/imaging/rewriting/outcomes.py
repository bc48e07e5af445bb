"""What becomes of each file of an upload: a new file and its report, or the reason why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

import tally
from imaging.budget import Spent
from imaging.dataset.dicom_file import DicomFile, NotDicom
from imaging.dataset.writing import Rewritten
from imaging.rewriting.operation import Operation
from imaging.rewriting.result_zip import Entry, Write, add_file
from problems import Invalid, Problem

LISTS = ("findings", "warnings")  # of a report, that a client should look at


@dataclass
class Outcomes:
    """`entries`: the files that were written, of `files` that were made. `warned`: how much there is to look at.

    `problem`: what was wrong with the last DICOM file of which none was made.
    """

    entries: list[Entry] = field(default_factory=list)
    files: int = 0
    warned: int = 0
    problem: str = ""


@tally.stage("Rewrite")
def rewritten(file: DicomFile, operation: Operation) -> Rewritten:
    """The new file. Raises Problem."""
    made = operation.rewrite(file)
    file.budget.check_time()
    return made


def write_members(
    found: Iterable[tuple[int, str, DicomFile | Problem]], operation: Operation, write: Write | None, report: Write
) -> Outcomes:
    """Writes a new file for each member of an archive, and its report as JSON, with commas between the reports.

    `found`: each member with its position from 1 and its name. `write`: takes the files, as a zip has them; None if
    only the reports are asked for. Members without a new file are reported with the reason.
    """
    outcomes = Outcomes()
    for count, (position, sent, file) in enumerate(found):
        name = operation.member_name(sent, position)
        line: dict[str, Any] = {"member": position, **({"file": name} if operation.keeps_names else {})}
        try:
            if isinstance(file, Problem):
                raise file
            made = rewritten(file, operation)
        except Spent:
            raise
        except Problem as problem:
            problem.__traceback__ = problem.__context__ = None  # they would keep unpacked data in memory
            outcomes.problem = outcomes.problem if isinstance(problem, NotDicom) else problem.message
            outcomes.warned += 1
            report((b"," if count else b"") + orjson.dumps({**line, "error": problem.message}))
            continue
        text = orjson.dumps({**line, "file": name, **made.report})
        file.budget.spend_characters(len(text))
        report((b"," if count else b"") + text)
        outcomes.files += 1
        outcomes.warned += warned(made.report)
        if write:
            offset = outcomes.entries[-1].stop if outcomes.entries else 0
            outcomes.entries.append(add_file(name, made.parts, offset, write))
    return outcomes


def refuse_none(files: int, problem: str) -> None:
    """Raises Invalid if there is no new file, with `problem` if there is one."""
    if not files:
        raise Invalid(problem or "The zip archive holds no DICOM file.")


def warned(report: Mapping[str, Any]) -> int:
    """How much there is in a report that the client should look at."""
    return sum(len(report.get(name, ())) for name in LISTS)
