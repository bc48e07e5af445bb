"""The kinds of jobs whose work is divided into parts. A new kind has its place here, and in staging.upload_requests."""

import orjson

from staging import keys, operations
from staging.jobs import READ, Job
from staging.reading import Reading
from staging.rewriting import Rewriting
from staging.tasks import Task


def task(job: Job) -> Task:
    """What a job of a divided kind has to do."""
    request = orjson.loads(job.request)
    if job.kind == READ:
        return Reading(request)
    operation = operations.of(job.kind).operation(request["options"], keys.read(job))
    return Rewriting(request, operation, operations.COUNTED[job.kind])
