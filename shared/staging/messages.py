"""Messages in the queue: S3's events for uploads that have arrived, and parts that are to be made."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

import orjson
from botocore.config import Config

from staging import jobs
from tables import CONNECTION

_UPLOAD = re.compile(f"uploads/({jobs.ID.pattern})")
BATCH = 10  # SQS's limit for one request
TRIES = 5  # the queue's maxReceiveCount: after them a message is a dead letter


@dataclass(frozen=True)
class Arrival:
    """An object uploads/<job_id>, stored at a time in seconds since 1970."""

    job_id: str
    at: float


@dataclass(frozen=True)
class PartDue:
    """A part of a job that is to be made."""

    job_id: str
    number: int


@cache
def client() -> Any:
    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    return CONNECTION.session.create_client("sqs", config=config)


class Unreadable(Exception):
    """The message comes neither from S3 nor from a worker."""


def parse(body: str) -> list[Arrival | PartDue]:
    """What a message asks for. It is nothing for an object that is no upload, and for the s3:TestEvent of a new bucket.

    Raises Unreadable.
    """
    try:
        message = orjson.loads(body)
        if "job" in message:
            return [_part(**message)]
        return [arrival for record in message.get("Records", []) for arrival in _arrivals(record)]
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Unreadable from None


def _part(job: str, part: int) -> PartDue:
    if not (jobs.ID.fullmatch(job) and isinstance(part, int)):
        raise ValueError
    return PartDue(job, part)


def _arrivals(record: dict[str, Any]) -> Iterator[Arrival]:
    if upload := _UPLOAD.fullmatch(unquote_plus(record["s3"]["object"]["key"])):
        yield Arrival(upload[1], datetime.fromisoformat(record["eventTime"]).timestamp())


def send(job_id: str, parts: Sequence[int]) -> None:
    """Sends a message for each of these parts."""
    bodies = [orjson.dumps({"job": job_id, "part": part}).decode() for part in parts]
    for start in range(0, len(bodies), BATCH):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + BATCH])]
        answer = client().send_message_batch(QueueUrl=os.environ["WORK_QUEUE"], Entries=entries)
        if answer.get("Failed"):
            raise OSError("SQS did not take all messages.")


def show_again(receipt_handle: str, seconds: int) -> None:
    """Makes a message visible again after so many seconds, instead of after its visibility timeout."""
    client().change_message_visibility(
        QueueUrl=os.environ["WORK_QUEUE"], ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
    )
