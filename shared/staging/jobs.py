"""Jobs: what each upload asks for, and the state of the work on it.

Messages may be repeated and come in any order. So every change is one conditional update, which has no effect the
second time.
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

# A result stays in the bucket for at least a day, so its job expires first.
KEPT_SECONDS = 24 * 60 * 60

READ, GENERATE, DEIDENTIFY, CONVERT = "read", "generate", "deidentify", "convert"
REWRITE = (DEIDENTIFY, CONVERT)  # kinds that make new DICOM files, with a secret
WAITING, PROCESSING, DONE, FAILED, DELETED = "waiting", "processing", "done", "failed", "deleted"

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class ByDeveloper(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The jobs of each developer in the order of creation, without deleted ones."""

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
    file_name = UnicodeAttribute(null=True)  # copied from the request for the index
    status = UnicodeAttribute(default=WAITING)
    error = UnicodeAttribute(null=True)  # for the client, once it has failed
    content = UnicodeAttribute(null=True)  # identifies the file that is processed
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
        """Whether the job is neither over nor deleted."""
        return self.status in (WAITING, PROCESSING)

    @property
    def all_finished(self) -> bool:
        return self.parts_total is not None and len(self.finished or ()) == self.parts_total

    @property
    def unfinished(self) -> list[int]:
        """The numbers of the parts that are not finished. There has to be a plan."""
        return sorted(set(range(int(self.parts_total))) - set(self.finished or ()))


def create(user_id: str, kind: str, request: dict[str, Any], job_id: str | None = None) -> Job:
    """A new job, waiting for its upload, or the existing one with this id.

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
    """The job with this id. None for malformed ids, too, and for expired jobs, which DynamoDB deletes later."""
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
    """At most `limit` of the developer's jobs, the newest first, starting after `after`. Expired ones are left out.

    Jobs that were created or deleted within the last second may be missing, or still be there.
    """
    oldest = time.time() - KEPT_SECONDS
    start = None
    if after:
        if after.created <= oldest:
            return []  # DynamoDB refuses a start outside of the key condition
        start = {"user_id": {"S": user_id}, "created": {"N": repr(after.created)}, "id": {"S": after.job_id}}
    found = Job.by_developer.query(
        user_id, Job.created > oldest, scan_index_forward=False, limit=limit, last_evaluated_key=start
    )
    return list(found)


def begin(job: Job, content: str) -> bool:
    """Binds the job to the file with this `content`. Returns False if it is bound to another, or over."""
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
    """Marks the job as deleted, for workers to see, and removes everything that the client sent.

    Without `created` it is in no list.
    """
    sent: list[Any] = [Job.request, Job.file_name, Job.content, Job.error, Job.created]
    _change(job, Job.id.exists(), [Job.status.set(DELETED), *(attribute.remove() for attribute in sent)])


def refresh(job: Job) -> None:
    """Reloads `job`. If its record has expired meanwhile, it counts as deleted."""
    try:
        job.refresh(consistent_read=True)
    except Job.DoesNotExist:
        job.status = DELETED


def _change(job: Job, condition: Condition, actions: Sequence[Action]) -> bool:
    """Applies the change if its condition holds; returns whether it did. `job` is up to date afterwards."""
    made = job.update_if(condition, actions)
    if not made:
        refresh(job)
    return made
