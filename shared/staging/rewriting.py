"""The rewriting of an upload's DICOM files, as a task that is divided into parts."""

from dataclasses import asdict
from typing import Any

from content_disposition import attachment
from imaging.rewriting import parts
from imaging.rewriting.operation import DICOM, ZIP, Operation
from staging.tasks import Note, Result, Write

EXTENSIONS = {DICOM: "dcm", ZIP: "zip"}


class Rewriting:
    """Does the operation with an upload, as `request` asks, which `staging.upload_requests` made."""

    def __init__(self, request: dict[str, Any], operation: Operation, counted: str) -> None:
        self.file_name: str = request["file_name"]
        self.media_type: str = request["accept"]
        self.operation = operation
        self.counted: tuple[str, ...] = ("Generates", counted)

    def plan(self, content: memoryview, deadline: float | None) -> parts.Plan:
        return parts.make_plan(self.file_name, content, self.media_type, deadline)

    def read_plan(self, text: bytes) -> parts.Plan:
        return parts.Plan.from_json(text)

    def work(
        self, plan: parts.Plan, number: int, ranges: list[memoryview], write: Write, deadline: float | None
    ) -> Note:
        return {"made": asdict(parts.work(plan, number, ranges, self.operation, write, deadline))}

    def headers(self, plan: parts.Plan, notes: list[Note]) -> dict[str, str]:
        about = {"ContentType": plan.media_type}
        if plan.media_type in EXTENSIONS:
            name = parts.download_name(plan, _made(notes), self.operation)
            about["ContentDisposition"] = attachment(name, EXTENSIONS[plan.media_type])
        return about

    def join(self, plan: parts.Plan, notes: list[Note], result: Result) -> None:
        parts.join(plan, _made(notes), result)


def _made(notes: list[Note]) -> list[parts.Note]:
    return [parts.Note.from_json(note["made"]) for note in notes]
