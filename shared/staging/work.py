"""The work on an upload: planned when it arrives, done part by part, joined by whoever sees the last part finished.

A message may come twice, late, or again after a crash. So a step finds out from the job what is left to do, what it
writes is the same each time, and only the job's conditional updates decide what counts.
"""

import time

import orjson

import tally
import telemetry
from imaging import parts, planning
from imaging.options import ReadOptions, read_options
from imaging.secondary_capture import generate
from problems import Problem
from staging import jobs, messages, objects
from staging.jobs import GENERATE, PROCESSING, Job
from staging.messages import Arrival, Part
from staging.object_writer import ObjectWriter

TRIES = 3  # the queue's maxReceiveCount less the time when the job is given up
RECORD_SECONDS = 60  # by then a job's record, written before its upload's form was given out, is there


class NoSuchJob(Exception):
    """There is no record, and there may be one soon."""


class GivenUp(Exception):
    """The message belongs into the dead-letter queue."""


def do(message: Arrival | Part, attempt: int, deadline: float | None = None) -> None:
    """Does what the message asks for, as far as it is left to do. `attempt`: how often it has come, from 1.

    What is not done by `deadline` (of time.monotonic(), None: no end) makes the job fail, as it would the next time.
    What raises is to come again.
    """
    job = jobs.find(message.job_id)
    if job is None:
        if isinstance(message, Arrival) and time.time() - message.at < RECORD_SECONDS:
            raise NoSuchJob
        return
    telemetry.add(developer=job.user_id)
    if attempt > TRIES:
        _give_up(job)
    else:
        _try(job, message, deadline)


def _give_up(job: Job) -> None:
    if jobs.fail(job, f"The file could not be processed, though it was tried {TRIES} times: upload it again."):
        raise GivenUp


def _try(job: Job, message: Arrival | Part, deadline: float | None) -> None:
    try:
        if isinstance(message, Part):
            _part(job, message.number, deadline)
        elif jobs.begin(job, message.etag):
            _begin(job, deadline)
    except Problem as problem:
        tally.add(f"Refused{type(problem).__name__}")
        jobs.fail(job, problem.message)
    except MemoryError:
        tally.add("RefusedTooLarge")
        jobs.fail(job, "The file takes more memory than there is: ask for fewer frames and fields.")


def _begin(job: Job, deadline: float | None) -> None:
    if job.kind == GENERATE:
        _generate(job)
        return
    if job.parts_total is None:
        _plan(job, deadline)
    if job.all_finished:
        _join(job)
    else:
        messages.send(job.id, job.unfinished)


def _generate(job: Job) -> None:
    tally.add("Generates")
    request = orjson.loads(job.request)
    jobs.plan(job, parts=1, frames=1)
    file = generate([bytes(_upload(job))], request["attributes"], request["compression"])
    headers = {"ContentType": "application/dicom", "ContentDisposition": request["disposition"]}
    # Each time that it is made it gets new UIDs: the first one stays.
    with ObjectWriter(f"results/{job.id}", only_new=True, CacheControl="no-store", **headers) as result:
        result.write(file)
    tally.add("OutBytes", result.size)
    jobs.count(job, 0, frames=1)
    jobs.finish(job)


def _plan(job: Job, deadline: float | None) -> None:
    tally.add("Reads")
    content = _upload(job)
    with tally.stage("Plan"):
        plan = planning.make_plan(orjson.loads(job.request)["file_name"], content, _options(job), deadline)
    objects.write(f"work/{job.id}/plan.json", plan.to_json())
    jobs.plan(job, len(plan.parts), plan.frames)
    if len(plan.parts) == 1:  # to be done here takes less time than to be sent
        _make(job, plan, 0, [content[start:end] for start, end in plan.parts[0].spans], deadline)


def _part(job: Job, number: int, deadline: float | None) -> None:
    if job.status == PROCESSING and number in job.unfinished:
        plan = _read_plan(job)
        with tally.stage("Fetch"):
            ranges = objects.read_ranges(f"uploads/{job.id}", job.etag, plan.parts[number].spans)
        _make(job, plan, number, ranges, deadline)
    if job.all_finished:
        _join(job)


@tally.stage("Part")
def _make(job: Job, plan: parts.Plan, number: int, ranges: list[memoryview], deadline: float | None) -> None:
    with ObjectWriter(f"work/{job.id}/{number}") as fragment:
        warnings = parts.work(plan, number, ranges, _options(job), fragment.write, deadline)
    about = {"bytes": fragment.size, "warnings": warnings}
    objects.write(f"work/{job.id}/{number}.json", orjson.dumps(about))
    jobs.count(job, number, plan.parts[number].frames)


def _join(job: Job) -> None:
    """Makes the result of head, fragments and tail, if nobody has."""
    if job.status != PROCESSING:
        return
    with tally.stage("Join"):
        _write_result(job, _read_plan(job))
    jobs.finish(job)


def _write_result(job: Job, plan: parts.Plan) -> None:
    made = [orjson.loads(text) for text in objects.read_all(f"work/{job.id}/{n}.json" for n in range(len(plan.parts)))]
    headers = {"ContentType": "application/json", "CacheControl": "no-store"}
    with ObjectWriter(f"results/{job.id}", only_new=True, **headers) as result:
        for text in parts.texts(plan, [fragment["warnings"] for fragment in made]):
            if isinstance(text, int):
                result.copy(f"work/{job.id}/{text}", made[text]["bytes"])
            else:
                result.write(text)
    tally.add("OutBytes", result.size)


def _read_plan(job: Job) -> parts.Plan:
    return parts.Plan.from_json(objects.read(f"work/{job.id}/plan.json"))


def _options(job: Job) -> ReadOptions:
    return read_options(orjson.loads(job.request)["options"])


def _upload(job: Job) -> memoryview:
    """What was uploaded. Raises Conflict if it is not what the job began with any more."""
    with tally.stage("Fetch"):
        content = objects.download(f"uploads/{job.id}", job.etag)
    tally.add("InBytes", len(content))
    return content
