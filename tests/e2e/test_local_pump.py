"""How the local server hands a queue's messages to a function, and what happens to them then."""

import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from local import pump
from local.stack import Source
from local.worker import FunctionFailed, GatewayTimeout

SECONDS = 60  # usually none; a slow machine must not fail a test
ARN = "arn:aws:sqs:us-east-1:123456789012:Queue"


class Queue:
    """As much of SQS as the pump needs: it gives batches one by one, and records what happens to their messages."""

    def __init__(self, *batches: list[str]) -> None:
        self._batches = [*batches]
        self._left = sum(map(len, batches))
        self._changed = threading.Condition()
        self.asked: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.again: dict[str, int] = {}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if not self._batches:
            threading.Event().wait()
        batch = self._batches.pop(0)
        return {"Messages": [message(name) for name in batch]} if batch else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        assert QueueUrl == "url"
        self.deleted.add(ReceiptHandle)
        self._done()

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        assert QueueUrl == "url"
        self.again[ReceiptHandle] = VisibilityTimeout
        self._done()

    def _done(self) -> None:
        with self._changed:
            self._left -= 1
            self._changed.notify()

    def wait(self) -> None:
        """Until something has become of each message."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._left, SECONDS)


def message(name: str) -> dict[str, Any]:
    """A message whose receipt handle is `name` itself."""
    about = {"MessageId": f"id of {name}", "ReceiptHandle": name, "MD5OfBody": "md5"}
    return {**about, "Body": f"body of {name}", "Attributes": {"SentTimestamp": "1"}}


@pytest.fixture
def hand_over(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Queue]:
    """Hands batches to a function with this answer, and returns the queue when all are handled."""

    def run(answer: Callable[[dict[str, Any]], Any], *batches: list[str], reports_failures: bool = True) -> Queue:
        queue = Queue(*batches)
        monkeypatch.setattr(boto3, "client", lambda _: queue)
        source = Source(ARN, "url", "Worker", 7, 2, reports_failures)
        pump.start(source, lambda _name, event, _seconds: json.dumps(answer(json.loads(event))).encode())
        queue.wait()
        return queue

    return run


def test_a_message_is_an_event_of_a_record(hand_over: Callable[..., Queue]) -> None:
    events: list[dict[str, Any]] = []
    queue = hand_over(events.append, ["a"])
    (record,) = events[0]["Records"]
    assert record == {
        "messageId": "id of a",
        "receiptHandle": "a",
        "body": "body of a",
        "attributes": {"SentTimestamp": "1"},
        "messageAttributes": {},
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }
    asked = {"QueueUrl": "url", "MaxNumberOfMessages": 7, "WaitTimeSeconds": 20}
    assert queue.asked[0] == {**asked, "MessageSystemAttributeNames": ["All"]}


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "id of b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "id of a"}, {"itemIdentifier": "id of b"}]}, {"a", "b"}),
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: these fail whole
        ({"batchItemFailures": [{"itemIdentifier": "id of z"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": "id of b"}, {"itemIdentifier": "id of z"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{"item": "id of b"}]}, {"a", "b"}),
        ({"batchItemFailures": ["id of b"]}, {"a", "b"}),
        ({"batchItemFailures": 1}, {"a", "b"}),
        ("done", {"a", "b"}),
    ],
)
def test_what_failed_comes_again_and_the_rest_is_deleted(
    hand_over: Callable[..., Queue], answer: Any, again: set[str]
) -> None:
    queue = hand_over(lambda _: answer, ["a", "b"])
    assert queue.again == dict.fromkeys(again, 1)
    assert queue.deleted == {"a", "b"} - again


def test_who_reports_no_failures_has_none(hand_over: Callable[..., Queue]) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "id of a"}]}
    assert hand_over(lambda _: answer, ["a"], reports_failures=False).deleted == {"a"}


@pytest.mark.parametrize("problem", [FunctionFailed, GatewayTimeout])
def test_all_come_again_if_the_function_fails_and_the_next_are_worked_on(
    hand_over: Callable[..., Queue], problem: type[Exception]
) -> None:
    def answer(event: dict[str, Any]) -> None:
        if event["Records"][0]["receiptHandle"] == "a":
            raise problem

    # More batches than are handled at once, with an empty one among them.
    queue = hand_over(answer, ["a", "b"], ["a", "c"], [], ["a", "d"], ["e"], [], ["f"], ["g"])
    assert queue.again == dict.fromkeys("abcd", 1)
    assert queue.deleted == set("efg")


@pytest.mark.parametrize(("guests", "together"), [(2, True), (3, False)])
def test_two_are_worked_on_at_once_as_the_template_says(
    hand_over: Callable[..., Queue], guests: int, together: bool
) -> None:
    meeting = threading.Barrier(guests)
    met = []

    def answer(_: dict[str, Any]) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(SECONDS if together else 1)
            met.append(True)

    hand_over(answer, ["a"], ["b"], ["c"], ["d"])
    assert any(met) == together
