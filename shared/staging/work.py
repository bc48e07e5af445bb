"""The work on an upload: planned when it arrives, done part by part, and joined by the worker that finishes the last
part.

A message may be repeated, late, or retried after a crash. So each step reads from the job what is left to do, writes
the same each time, and leaves it to the job's conditional updates what counts.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

import orjson

import tally
import telemetry
from imaging.secondary_capture import generate
from problems import Conflict, Problem
from staging import jobs, kinds, messages, objects, traces
from staging.jobs import GENERATE, PROCESSING, REWRITE, Job
from staging.messages import Arrival, PartDue
from staging.object_writer import ObjectWriter
from staging.tasks import Plan, Task

RECORD_SECONDS = 60  # by then the job's record exists, as it is written before the form is given out

Content = TypeVar("Content")


class NoSuchJob(Exception):
    """There is no record yet."""


def do(message: Arrival | PartDue, deadline: float | None = None) -> None:
    """Does what the message asks for, unless it is done already.

    If it can't be done by `deadline` (of time.monotonic(); None: no limit), the job fails, as it would the next time.
    If this raises, the message is retried.
    """
    job = jobs.find(message.job_id)
    if job is None:
        if isinstance(message, Arrival) and time.time() - message.at < RECORD_SECONDS:
            raise NoSuchJob
        return
    telemetry.add(developer=job.user_id)
    if job.is_open:
        _try(job, message, deadline)
    if not job.is_open:
        traces.erase(job)


def _try(job: Job, message: Arrival | PartDue, deadline: float | None) -> None:
    try:
        if isinstance(message, PartDue):
            _part(job, message.number, deadline)
        else:
            _begin(job, deadline)
    except Problem as problem:
        tally.add(f"Refused{type(problem).__name__}")
        jobs.fail(job, problem.message)
    except MemoryError:
        tally.add("RefusedTooLarge")
        less = "send smaller files" if job.kind in REWRITE else "ask for fewer frames and fields"
        jobs.fail(job, f"The file takes more memory than there is: {less}.")
    except Exception:
        # When a job is over, finished by another worker or deleted, its objects are deleted, and a worker that is
        # still busy with it finds some missing.
        jobs.refresh(job)
        if job.is_open:
            raise


def _begin(job: Job, deadline: float | None) -> None:
    if not jobs.begin(job, objects.version(f"uploads/{job.id}").content):
        return
    if job.kind == GENERATE:
        _generate(job)
        return
    if job.parts_total is None:
        _plan(job, deadline)
    if job.all_finished:
        _join(job)
    elif job.is_open:
        messages.send(job.id, job.unfinished)


def _generate(job: Job) -> None:
    tally.add("Generates")
    request = orjson.loads(job.request)
    jobs.plan(job, parts=1, frames=1)
    file = generate([bytes(_fetch(job))], request["attributes"], request["compression"])
    headers = {"ContentType": "application/dicom", "ContentDisposition": request["disposition"]}
    # Each attempt makes new UIDs, so the first result is kept.
    with ObjectWriter(f"results/{job.id}", only_new=True, CacheControl="no-store", **headers) as result:
        result.write(file)
    tally.add("OutBytes", result.size)
    jobs.finish_part(job, 0, frames=1)
    jobs.finish(job)


def _plan(job: Job, deadline: float | None) -> None:
    task = kinds.task(job)
    for name in task.counted:
        tally.add(name)
    content = _fetch(job)
    with tally.stage("Plan"):
        plan = task.plan(content, deadline)
    objects.write(f"work/{job.id}/plan.json", plan.to_json())
    jobs.plan(job, len(plan.parts), plan.frames)
    if job.is_open and len(plan.parts) == 1:  # doing it here takes less time than a message
        ranges = [content[start:end] for start, end in plan.parts[0].spans]
        _make(job, task, plan, 0, ranges, deadline)


def _part(job: Job, number: int, deadline: float | None) -> None:
    if job.status == PROCESSING and number in job.unfinished:
        task = kinds.task(job)
        plan = _read_plan(job, task)
        with tally.stage("Fetch"):
            ranges = _read_upload(job, lambda key, etag: objects.read_ranges(key, etag, plan.parts[number].spans))
        _make(job, task, plan, number, ranges, deadline)
    if job.all_finished:
        _join(job)


@tally.stage("Part")
def _make(  # noqa: PLR0913, PLR0917
    job: Job, task: Task, plan: Plan, number: int, ranges: list[memoryview], deadline: float | None
) -> None:
    with ObjectWriter(_piece(job, number)) as piece:
        note = task.work(plan, number, ranges, piece.write, deadline)
    objects.write(f"work/{job.id}/{number}.json", orjson.dumps({"bytes": piece.size, **note}))
    jobs.finish_part(job, number, plan.parts[number].frames)


def _join(job: Job) -> None:
    """Makes the result of the pieces, unless it exists."""
    if job.status != PROCESSING:
        return
    with tally.stage("Join"):
        task = kinds.task(job)
        _write_result(job, task, _read_plan(job, task))
    jobs.finish(job)


def _write_result(job: Job, task: Task, plan: Plan) -> None:
    texts = objects.read_all(f"{_piece(job, number)}.json" for number in range(len(plan.parts)))
    notes = [orjson.loads(text) for text in texts]
    headers = {**task.headers(plan, notes), "CacheControl": "no-store"}
    with ObjectWriter(f"results/{job.id}", only_new=True, **headers) as result:
        task.join(plan, notes, _Joined(job, result))
    tally.add("OutBytes", result.size)


class _Joined:
    """The result of a job, which is written of its pieces."""

    def __init__(self, job: Job, writer: ObjectWriter) -> None:
        self.job = job
        self.writer = writer
        self.write = writer.write

    @property
    def size(self) -> int:
        return self.writer.size

    def piece(self, number: int, length: int) -> None:
        self.writer.copy(_piece(self.job, number), length)

    def rest(self, number: int, start: int) -> Iterator[bytes]:
        return objects.chunks(_piece(self.job, number), start)


def _piece(job: Job, number: int) -> str:
    return f"work/{job.id}/{number}"


def _read_plan(job: Job, task: Task) -> Plan:
    return task.read_plan(objects.read(f"work/{job.id}/plan.json"))


def _fetch(job: Job) -> memoryview:
    """All of the upload."""
    with tally.stage("Fetch"):
        content = _read_upload(job, objects.download)
    tally.add("InBytes", len(content))
    return content


def _read_upload(job: Job, read: Callable[[str, str], Content]) -> Content:
    """Calls `read` with the upload's key and ETag. Raises Conflict if it is not the file that the job began with."""
    key = f"uploads/{job.id}"
    for _ in range(2):
        version = objects.version(key)
        if version.content != job.content:
            break
        with suppress(objects.Overwritten):  # perhaps by the same file
            return read(key, version.etag)
    raise Conflict(
        "The file was uploaded twice, the second time while it was processed: upload it once, by another form."
    )
