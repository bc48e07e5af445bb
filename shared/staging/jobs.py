"""Jobs: what each upload asks for, and how far the work on it is.

Messages come more than once and out of order, so every change is one conditional update, which does nothing the second
time.
"""

import re
import time
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from pynamodb.attributes import NumberAttribute, NumberSetAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from problems import NotFound
from tables import Table

# A result is in the bucket for a day and more after it was made: its job is gone before it.
KEPT_SECONDS = 24 * 60 * 60

READ, GENERATE = "read", "generate"
WAITING, PROCESSING, DONE, FAILED, DELETED = "waiting", "processing", "done", "failed", "deleted"

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class ByDeveloper(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Each developer's jobs in the order in which they were made. One that was deleted is not among them."""

    class Meta:
        index_name = "ByDeveloper"
        projection = IncludeProjection(["status", "file_name"])

    user_id = UnicodeAttribute(hash_key=True)
    created = NumberAttribute(range_key=True)


class Job(Table):
    class Meta(Table.Meta):
        environment_variable = "JOBS_TABLE"

    by_developer = ByDeveloper()

    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    request = UnicodeAttribute(null=True)  # JSON of what staging.upload_requests makes
    file_name = UnicodeAttribute(null=True)  # the request's, for the index, which can't look into it
    status = UnicodeAttribute(default=WAITING)
    error = UnicodeAttribute(null=True)  # for the client, once it has failed
    content = UnicodeAttribute(null=True)  # tells the file that is worked on from others
    parts_total = NumberAttribute(null=True)
    frames_total = NumberAttribute(null=True)
    frames_done = NumberAttribute(default=0)
    finished: Any = NumberSetAttribute(null=True)  # numbers of parts
    # in seconds since 1970
    created = NumberAttribute(null=True)
    started = NumberAttribute(null=True)
    ended = NumberAttribute(null=True)
    expires = NumberAttribute()

    @property
    def is_open(self) -> bool:
        """Whether there is, or will be, work to do."""
        return self.status in (WAITING, PROCESSING)

    @property
    def all_finished(self) -> bool:
        return self.parts_total is not None and len(self.finished or ()) == self.parts_total

    @property
    def unfinished(self) -> list[int]:
        """The numbers of the parts, once there is a plan, that are not finished."""
        return sorted(set(range(int(self.parts_total))) - set(self.finished or ()))


def create(user_id: str, kind: str, request: dict[str, Any], job_id: str | None = None) -> Job:
    """A new job, which waits for its upload, or the one that has this id already.

    `kind` and `request` are what `staging.upload_requests` makes of a client's.
    """
    now = time.time()
    job = Job(
        job_id or str(uuid.uuid4()),
        user_id=user_id,
        kind=kind,
        request=orjson.dumps(request).decode(),
        file_name=request["file_name"],
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


def find_own(user_id: str, job_id: str, *, even_deleted: bool = False) -> Job:
    """The job, if it is this developer's. Raises NotFound."""
    job = find(job_id)
    if job is None or job.user_id != user_id or (job.status == DELETED and not even_deleted):
        raise NotFound("You have no upload with this id, or it has expired: make one with POST /api/dicom/uploads/.")
    return job


class Place(NamedTuple):
    """Where a job is among its developer's."""

    created: float
    job_id: str


def made_by(user_id: str, limit: int, after: Place | None = None) -> list[Job]:
    """The developer's jobs, the newest first: `limit` at the most, from `after` on, and none that has expired.

    What was made or deleted within the last second may be missing, or may still be there.
    """
    oldest = time.time() - KEPT_SECONDS
    start = None
    if after:
        if after.created <= oldest:
            return []  # DynamoDB takes no start outside of what is asked for
        start = {"user_id": {"S": user_id}, "created": {"N": repr(after.created)}, "id": {"S": after.job_id}}
    found = Job.by_developer.query(
        user_id, Job.created > oldest, scan_index_forward=False, limit=limit, last_evaluated_key=start
    )
    return list(found)


def begin(job: Job, content: str) -> bool:
    """Has the work be on the file with this `content`; False if it is on another, or over."""
    return _change(
        job,
        (Job.status == WAITING) | ((Job.status == PROCESSING) & (Job.content == content)),
        [Job.status.set(PROCESSING), Job.content.set(content), Job.started.set(Job.started | time.time())],
    )


def plan(job: Job, parts: int, frames: int) -> None:
    """Stores how many parts and frames the job has."""
    condition = (Job.status == PROCESSING) & Job.parts_total.does_not_exist()
    _change(job, condition, [Job.parts_total.set(parts), Job.frames_total.set(frames)])


def finish_part(job: Job, part: int, frames: int) -> None:
    """Marks a part as finished. Doing it twice counts it once."""
    condition = (Job.status == PROCESSING) & ~Job.finished.contains(part)
    _change(job, condition, [Job.finished.add({part}), Job.frames_done.add(frames)])


def finish(job: Job) -> None:
    _change(job, Job.status == PROCESSING, [Job.status.set(DONE), Job.ended.set(time.time())])


def fail(job: Job, error: str) -> None:
    """Ends the job, if it is not over; `error` is for the client."""
    changes = [Job.status.set(FAILED), Job.error.set(error), Job.ended.set(time.time())]
    _change(job, Job.status.is_in(WAITING, PROCESSING), changes)


def delete(job: Job) -> None:
    """Leaves of the job that it was deleted, for workers to see, and nothing that the client sent.

    Without `created` it is in no list any more.
    """
    sent: list[Any] = [Job.request, Job.file_name, Job.content, Job.error, Job.created]
    _change(job, Job.id.exists(), [Job.status.set(DELETED), *(attribute.remove() for attribute in sent)])


def refresh(job: Job) -> None:
    """Brings `job` up to date. One whose record has expired meanwhile counts as deleted."""
    try:
        job.refresh(consistent_read=True)
    except Job.DoesNotExist:
        job.status = DELETED


def _change(job: Job, condition: Condition, actions: Sequence[Action]) -> bool:
    """Whether the change was made. Either way `job` is then up to date, with what others have done meanwhile."""
    made = job.update_if(condition, actions)
    if not made:
        refresh(job)
    return made
