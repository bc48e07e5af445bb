"""Jobs: what each upload asks for, and how far the work on it is.

Messages come more than once and out of order, so every change is one conditional update, which does nothing the second
time.
"""

import re
import time
import uuid
from typing import Any

import orjson
from pynamodb.attributes import NumberAttribute, NumberSetAttribute, UnicodeAttribute

from problems import TooLarge
from tables import Table

# A result is in the bucket for a day and more after it was made: its job is gone before it.
KEPT_SECONDS = 24 * 60 * 60
MAX_REQUEST_BYTES = 300_000  # of the 400 KB that DynamoDB takes in an item

READ, GENERATE = "read", "generate"
WAITING, PROCESSING, DONE, FAILED = "waiting", "processing", "done", "failed"

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Job(Table):
    class Meta(Table.Meta):
        environment_variable = "JOBS_TABLE"

    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    request = UnicodeAttribute()  # JSON of what staging.requests makes
    status = UnicodeAttribute(default=WAITING)
    error = UnicodeAttribute(null=True)  # for the client, once it has failed
    etag = UnicodeAttribute(null=True)  # of the object that is worked on
    parts_total = NumberAttribute(null=True)
    frames_total = NumberAttribute(null=True)
    frames_done = NumberAttribute(default=0)
    finished: Any = NumberSetAttribute(null=True)  # numbers of parts
    # in seconds since 1970
    created = NumberAttribute()
    started = NumberAttribute(null=True)
    ended = NumberAttribute(null=True)
    expires = NumberAttribute()

    @property
    def all_finished(self) -> bool:
        return self.parts_total is not None and len(self.finished or ()) == self.parts_total

    @property
    def unfinished(self) -> list[int]:
        """The numbers of the parts, once there is a plan, that are not finished."""
        return sorted(set(range(int(self.parts_total))) - set(self.finished or ()))


def create(user_id: str, kind: str, request: dict[str, Any], job_id: str | None = None) -> Job:
    """A new job, which waits for its upload, or the one that has this id already. Raises TooLarge."""
    text = orjson.dumps(request).decode()
    if len(text.encode()) > MAX_REQUEST_BYTES:
        raise TooLarge(f"The request is too large: send at most {MAX_REQUEST_BYTES // 1000} KB of fields.")
    now = time.time()
    job = Job(
        job_id or str(uuid.uuid4()),
        user_id=user_id,
        kind=kind,
        request=text,
        created=now,
        expires=int(now) + KEPT_SECONDS,
    )
    return job.save_or_get(Job.id.does_not_exist())


def find(job_id: str) -> Job | None:
    """None as well for what is no id, and for a job that has expired, which DynamoDB deletes some time later."""
    if not ID.fullmatch(job_id):
        return None
    try:
        job = Job.get(job_id, consistent_read=True)
    except Job.DoesNotExist:
        return None
    return job if job.expires > time.time() else None


def begin(job: Job, etag: str) -> bool:
    """Has the work be on the object with this `etag`; False if it is on another's, or over."""
    return job.update_if(
        (Job.status == WAITING) | ((Job.status == PROCESSING) & (Job.etag == etag)),
        [Job.status.set(PROCESSING), Job.etag.set(etag), Job.started.set(Job.started | time.time())],
    )


def plan(job: Job, parts: int, frames: int) -> None:
    """Notes how much there is to do."""
    condition = (Job.status == PROCESSING) & Job.parts_total.does_not_exist()
    if not job.update_if(condition, [Job.parts_total.set(parts), Job.frames_total.set(frames)]):
        job.refresh(consistent_read=True)


def count(job: Job, part: int, frames: int) -> None:
    """Counts a part as finished, once, and leaves in `job` how far all workers are."""
    condition = (Job.status == PROCESSING) & ~Job.finished.contains(part)
    if not job.update_if(condition, [Job.finished.add({part}), Job.frames_done.add(frames)]):
        job.refresh(consistent_read=True)


def finish(job: Job) -> bool:
    """False if it was finished, or has failed, before."""
    return job.update_if(Job.status == PROCESSING, [Job.status.set(DONE), Job.ended.set(time.time())])


def fail(job: Job, error: str) -> bool:
    """False if it was finished, or has failed, before."""
    return job.update_if(
        Job.status.is_in(WAITING, PROCESSING),
        [Job.status.set(FAILED), Job.error.set(error), Job.ended.set(time.time())],
    )
