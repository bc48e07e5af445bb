"""Staged uploads as a client makes them, with their queue and bucket."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import requests

from tests.e2e.client import Developer
from tests.e2e.server import LocalServer, Server, children

SECONDS = 120  # usually five; a slow machine must not fail a test


def ask(server: Server, developer: Developer, file_name: str, **members: Any) -> dict[str, Any]:
    """The answer to a request for a form."""
    body = {"file_name": file_name, **members}
    answer = requests.post(f"{server.url}/api/dicom/uploads/", json=body, headers=developer.api_key)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def send(job: dict[str, Any], content: bytes, **other_fields: str) -> requests.Response:
    """Sends the file with the job's form."""
    fields = {**job["upload"]["fields"], **other_fields}
    return requests.post(job["upload"]["url"], data=fields, files={"file": content})


def start(server: Server, developer: Developer, file_name: str, content: bytes, **members: Any) -> dict[str, Any]:
    """The job of an upload that has arrived."""
    job = ask(server, developer, file_name, **members)
    assert send(job, content).status_code == 204
    return job


def states(job: dict[str, Any], developer: Developer) -> Iterator[dict[str, Any]]:
    """The answers about the status, up to the one that is done or failed."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        answer = requests.get(job["status_url"], headers=developer.api_key)
        assert answer.status_code == 200
        state = answer.json()
        assert ("Retry-After" in answer.headers) == (state["status"] in {"waiting", "processing"})
        yield state
        if state["status"] in {"done", "failed"}:
            return
        time.sleep(0.05)
    raise TimeoutError


def end(job: dict[str, Any], developer: Developer) -> dict[str, Any]:
    """The status of the job once it is done or failed."""
    *_, last = states(job, developer)
    return last


def result(job: dict[str, Any], developer: Developer) -> requests.Response:
    state = end(job, developer)
    assert state["status"] == "done", state
    assert state["frames_done"] == state["frames_total"]
    return requests.get(state["result_url"])


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def requests_used(server: Server, developer: Developer) -> int:
    url = f"{server.url}/api/developer/profiles/activity-summary/"
    return int(requests.get(url, headers=developer.bearer).json()["monthly_total"])


LOCAL_NAMES = {"StagingBucket": "stagingbucket", "WorkQueue": "WorkQueue", "DeadLetterQueue": "DeadLetterQueue"}


class Behind:
    """The emulated AWS: the bucket, the work queue and the dead-letter queue."""

    def __init__(self, server: Server) -> None:
        self._names = server.facts.get("names", LOCAL_NAMES)
        self.bucket = self._names["StagingBucket"]
        access = {"endpoint_url": server.facts["aws_endpoint_url"], "region_name": "us-east-1"}
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        self.s3 = boto3.client("s3", **access, **keys)
        self._sqs = boto3.client("sqs", **access, **keys)

    def put_message(self, body: str) -> None:
        self._sqs.send_message(QueueUrl=self._url("WorkQueue"), MessageBody=body)

    def wait_until_idle(self, *queues: str) -> None:
        """`queues` is WorkQueue by default."""
        wait_until(lambda: not any(map(self._waiting, queues or ("WorkQueue",))))

    def _waiting(self, queue: str) -> int:
        """The number of messages, including those in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=names)
        return sum(map(int, answer["Attributes"].values()))

    def _url(self, queue: str) -> str:
        # In a stack, a queue is known by its URL, which ends in its name.
        name = self._names[queue].rpartition("/")[2]
        return str(self._sqs.get_queue_url(QueueName=name)["QueueUrl"])


def worker_processes(server: LocalServer) -> list[int]:
    """The process ids of the server's workers."""
    return [pid for pid in children(server.process.pid) if _directory(pid).endswith("functions/upload_worker")]


def _directory(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except (FileNotFoundError, ProcessLookupError):
        return ""
