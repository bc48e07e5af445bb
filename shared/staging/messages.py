"""What the queue holds: S3's events of uploads that have arrived, and parts of those whose work is planned."""

import os
import re
from collections.abc import Sequence
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


@dataclass(frozen=True)
class Arrival:
    """An object uploads/<job_id> with `etag`, at a time in seconds since 1970."""

    job_id: str
    etag: str
    at: float


@dataclass(frozen=True)
class Part:
    job_id: str
    number: int


@cache
def client() -> Any:
    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    return CONNECTION.session.create_client("sqs", config=config)


def parse(body: str) -> list[Arrival | Part]:
    """What a message is about: nothing, for an object that is no upload, and for the s3:TestEvent of a new bucket."""
    message = orjson.loads(body)
    if "job" in message:
        return [Part(message["job"], message["part"])]
    arrivals: list[Arrival | Part] = []
    for record in message.get("Records", []):
        stored = record["s3"]["object"]
        if upload := _UPLOAD.fullmatch(unquote_plus(stored["key"])):
            at = datetime.fromisoformat(record["eventTime"]).timestamp()
            arrivals.append(Arrival(upload[1], stored["eTag"], at))
    return arrivals


def send(job_id: str, parts: Sequence[int]) -> None:
    """Has these parts worked on, by whoever is free."""
    bodies = [orjson.dumps({"job": job_id, "part": part}).decode() for part in parts]
    for start in range(0, len(bodies), BATCH):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + BATCH])]
        answer = client().send_message_batch(QueueUrl=os.environ["WORK_QUEUE"], Entries=entries)
        if answer.get("Failed"):
            raise OSError("SQS did not take all messages.")
