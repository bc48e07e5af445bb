"""Uploads as clients and S3 make them, and a queue whose messages come when a test has them come."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3

from identity import accounts, api_keys, developers
from staging import jobs, requests
from tests.integration.lambda_context import context_of
from tests.integration.template import physical_name, queue_url

BUCKET = physical_name("StagingBucket")
CONTEXT = context_of("UploadWorkerFunction")
QUEUE = queue_url("WorkQueue")
NOW = "2999-01-01T00:00:00.000Z"


@cache
def client(service: str) -> Any:
    """One for all tests, as to make one takes longer than most of what is done by it."""
    return boto3.client(service)


def api_key_of(email: str) -> str:
    """The key of a new developer."""
    accounts.register(email, "securepassword123")
    user_id = accounts.authenticate(email, "securepassword123")
    developers.create_profile(user_id, "testing", "My Organization")
    return str(api_keys.create(user_id, "key")["key"])


def new_job(file_name: str = "file.dcm", **members: Any) -> str:
    """The id of a job that waits for its upload."""
    kind, request = requests.parse({"file_name": file_name, **members})
    return str(jobs.create("ann", kind, request).id)


def put(job_id: str, content: bytes) -> str:
    """Puts the upload into the bucket, and gives the body of the message that S3 sends."""
    etag = client("s3").put_object(Bucket=BUCKET, Key=f"uploads/{job_id}", Body=content)["ETag"].strip('"')
    return arrival(f"uploads/{job_id}", etag)


def arrival(key: str, etag: str = "0" * 32, at: str = NOW) -> str:
    """The body of S3's message about an object."""
    stored = {"key": key, "size": 1, "eTag": etag, "sequencer": "0055AED6DCD90281E5"}
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
    """What Lambda hands over for a message of the queue."""
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
    """The messages that were sent to the queue since, which forgets them."""
    sqs = client("sqs")
    while messages := sqs.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])


class Worker:
    """The worker's function, and the queue before it."""

    def __init__(self, handler: Callable[..., dict[str, Any]]) -> None:
        self.handler = handler

    def do(self, body: str, attempt: int = 1) -> bool:
        """Says whether the message is done; else it is to come again."""
        return self.handler(sqs_event(body, attempt), CONTEXT) == {"batchItemFailures": []}

    def do_all(self, *bodies: str, shuffle: Callable[[list[Any]], object] = lambda _: None, times: int = 1) -> None:
        """Does these messages, those that are sent meanwhile, and again those that were not done.

        `shuffle` puts what waits into another order; `times`: how often each message comes.
        """
        waiting = [(body, 1) for body in bodies * times]
        while waiting:
            body, attempt = waiting.pop(0)
            if not self.do(body, attempt):
                waiting.append((body, attempt + 1))
            waiting += [(body, 1) for body in list(sent()) * times]
            shuffle(waiting)


def job(job_id: str) -> jobs.Job:
    return jobs.Job.get(job_id, consistent_read=True)


def result(job_id: str) -> dict[str, Any]:
    """The object, with its `content`."""
    stored = client("s3").get_object(Bucket=BUCKET, Key=f"results/{job_id}")
    return {**stored, "content": stored["Body"].read()}
