"""Uploads as clients and S3 make them, and a queue that delivers messages when a test says so."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydicom.data import get_testdata_file

from identity import accounts, api_keys, developers
from imaging.answers.options import read_options
from imaging.answers.read import write_answer
from staging import jobs, keys, messages, objects, traces, upload_requests
from staging.object_writer import ObjectWriter
from tests.integration.template import context_of, physical_name, queue_url

CONTENT, FRAMES = Path(str(get_testdata_file("rtdose.dcm"))).read_bytes(), 15
BUCKET = physical_name("StagingBucket")
CONTEXT = context_of("UploadWorkerFunction")
QUEUE = queue_url("WorkQueue")
# Members of a request for each operation, as much as it needs.
OPERATIONS = {"deidentify": {"operation": "deidentify"}, "convert": {"operation": "convert", "uids": "new"}}
NOW = "2999-01-01T00:00:00.000Z"


@cache
def client(service: str) -> Any:
    """One client for all tests, as creating it takes longer than most of its calls."""
    return boto3.client(service)


def api_key_of(email: str) -> str:
    """The key of a new developer."""
    accounts.register(email, "securepassword123")
    user_id = accounts.authenticate(email, "securepassword123", "192.0.2.1").user_id
    developers.create_profile(user_id, "testing", "My Organization")
    return str(api_keys.create(user_id, "key")["key"])


def new_job(file_name: str = "file.dcm", **members: Any) -> str:
    """The id of a job that waits for its upload."""
    kind, request = upload_requests.parse({"file_name": file_name, **members})
    job = jobs.create("ann", kind, request)
    if kind in jobs.REWRITE:
        keys.store(job, members.get("key", "a secret of 16 bytes or more"))
    return str(job.id)


def put(job_id: str, content: bytes) -> str:
    """Puts the upload into the bucket, and gives the body of the message that S3 sends."""
    client("s3").put_object(Bucket=BUCKET, Key=f"uploads/{job_id}", Body=content)
    return arrival(f"uploads/{job_id}")


def arrival(key: str, at: str = NOW) -> str:
    """The body of S3's message about an object."""
    stored = {"key": key, "size": 1, "eTag": "0" * 32, "sequencer": "0055AED6DCD90281E5"}
    s3 = {"s3SchemaVersion": "1.0", "bucket": {"name": BUCKET}, "object": stored}
    return json.dumps(
        {
            "Records": [
                {
                    "eventVersion": "2.1",
                    "eventSource": "aws:s3",
                    "eventName": "ObjectCreated:Post",
                    "eventTime": at,
                    "s3": s3,
                }
            ]
        }
    )


def sqs_event(body: str, attempt: int = 1) -> dict[str, Any]:
    """The event that Lambda makes of a message of the queue."""
    return {
        "Records": [
            {
                "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(attempt), "SentTimestamp": "1545082649183"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:WorkQueue",
                "awsRegion": "us-east-1",
            }
        ]
    }


def sent() -> Iterator[str]:
    """Takes the messages out of the queue."""
    sqs = client("sqs")
    while messages := sqs.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])


def stored(job_id: str) -> list[str]:
    """The keys of a job's objects in the bucket, with ID in place of its id."""
    listed = client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [one["Key"].replace(job_id, "ID") for one in listed if job_id in one["Key"]]


class Steps:
    """A worker's changes as numbered steps. Something may happen before or after one of them."""

    CHANGES = (
        (objects, "write"),
        (messages, "send"),
        (jobs, "begin"),
        (jobs, "plan"),
        (jobs, "finish_part"),
        (jobs, "finish"),
        (traces, "erase"),
        (ObjectWriter, "_close"),
    )

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, happen: Callable[[], None], watch: Callable[[], None] = lambda: None
    ) -> None:
        """`watch` is called between the steps."""
        self.taken = 0
        self._at: int | None = None
        self._happen = happen
        self._watch = watch
        for owner, name in self.CHANGES:
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def interrupt_at(self, point: int) -> None:
        """Counts from 1 again, with something to happen at a step."""
        self.taken, self._at = 0, point

    def _counted(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            self._pass()
            result = change(*arguments, **named)
            self._pass()
            return result

        return step

    def _pass(self) -> None:
        self.taken += 1
        self._watch()
        if self.taken == self._at:
            self._happen()


class Worker:
    """The worker's function and its queue."""

    def __init__(self, handler: Callable[..., dict[str, Any]]) -> None:
        self.handler = handler

    def do(self, body: str, attempt: int = 1) -> bool:
        """Hands the message over, and returns whether it is done. If not, it has to come again."""
        return self.handler(sqs_event(body, attempt), CONTEXT) == {"batchItemFailures": []}

    def do_all(self, *bodies: str, shuffle: Callable[[list[Any]], object] = lambda _: None, times: int = 1) -> None:
        """Hands over these messages, those sent meanwhile, and again those that were not done.

        `shuffle` reorders the waiting messages. `times` says how often each message comes.
        """
        waiting = [(body, 1) for body in bodies * times]
        while waiting:
            body, attempt = waiting.pop(0)
            if not self.do(body, attempt):
                assert attempt < messages.TRIES
                waiting.append((body, attempt + 1))
            waiting += [(body, 1) for body in list(sent()) * times]
            shuffle(waiting)


def job(job_id: str) -> jobs.Job:
    return jobs.Job.get(job_id, consistent_read=True)


def result(job_id: str) -> dict[str, Any]:
    """The object, with its `content`."""
    stored = client("s3").get_object(Bucket=BUCKET, Key=f"results/{job_id}")
    return {**stored, "content": stored["Body"].read()}


def at_once(content: bytes, file_name: str = "file.dcm", **options: str) -> bytes:
    """What a direct read answers."""
    answer = bytearray()
    write_answer(file_name, content, read_options(options), answer.extend)
    return bytes(answer)


def assert_done(job_id: str, frames: int = FRAMES) -> None:
    found = job(job_id)
    assert (found.status, found.error) == (jobs.DONE, None)
    assert found.frames_done == found.frames_total == frames
    assert found.unfinished == []
