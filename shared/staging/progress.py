"""The progress of a job, as its developer sees it."""

import math
import time
from typing import Any

from staging import objects
from staging.jobs import DONE, FAILED, PROCESSING, WAITING, Job

MAX_RETRY_SECONDS = 30


def describe(job: Job) -> dict[str, Any]:
    """The status answer. `frames_total` is None until the file has been looked through."""
    answer: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "frames_done": job.frames_done,
        "frames_total": job.frames_total,
        "elapsed_seconds": round(_elapsed(job), 1),
    }
    remaining = _remaining(job)
    if remaining is not None:
        answer["remaining_seconds"] = round(remaining, 1)
    if job.status == DONE:
        answer["result_url"] = objects.url(f"results/{job.id}")
    if job.status == FAILED:
        answer["error"] = job.error
    return answer


def retry_after(job: Job) -> int | None:
    """Whole seconds until the client should ask again; None for a job that is over."""
    if job.status not in (WAITING, PROCESSING):
        return None
    remaining = _remaining(job)
    if remaining is None:  # a tenth of the time so far
        remaining = (time.time() - job.created) / 10
    return min(max(math.ceil(remaining), 1), MAX_RETRY_SECONDS)


def _elapsed(job: Job) -> float:
    """Seconds since the work began."""
    return float((job.ended or time.time()) - job.started) if job.started else 0.0


def _remaining(job: Job) -> float | None:
    if job.status != PROCESSING or not job.frames_done:
        return None
    return _elapsed(job) / float(job.frames_done) * float(job.frames_total - job.frames_done)
