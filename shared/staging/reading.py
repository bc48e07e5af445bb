"""The reading of an upload, as a task that is divided into parts."""

from typing import Any

from imaging.answers import parts, planning
from imaging.answers.options import read_options
from staging.tasks import Note, Result, Write


class Reading:
    """Reads as `request` asks, which `staging.upload_requests` made."""

    counted: tuple[str, ...] = ("Reads",)

    def __init__(self, request: dict[str, Any]) -> None:
        self.file_name: str = request["file_name"]
        self.media_type: str = request.get("accept", parts.JSON)
        self.options = read_options(request["options"])

    def plan(self, content: memoryview, deadline: float | None) -> parts.Plan:
        return planning.make_plan(self.file_name, content, self.options, deadline, self.media_type)

    def read_plan(self, text: bytes) -> parts.Plan:
        return parts.Plan.from_json(text)

    def work(
        self, plan: parts.Plan, number: int, ranges: list[memoryview], write: Write, deadline: float | None
    ) -> Note:
        return {"warnings": parts.work(plan, number, ranges, self.options, write, deadline)}

    def headers(self, plan: parts.Plan, notes: list[Note]) -> dict[str, str]:  # noqa: ARG002
        return {"ContentType": plan.media_type}

    def join(self, plan: parts.Plan, notes: list[Note], result: Result) -> None:
        for text in parts.texts(plan, [note["warnings"] for note in notes]):
            if isinstance(text, int):
                result.piece(text, notes[text]["bytes"])
            else:
                result.write(text)
