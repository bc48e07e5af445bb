"""Changes of moto for two threads at a time: each test needs the wait that the change adds."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response
from moto.sqs.models import Queue, SQSBackend
from werkzeug.test import EnvironBuilder, run_wsgi_app

from local import moto_changes, moto_server, presigned_url

SECONDS = 60  # usually none; a slow machine must not fail a test


@pytest.mark.parametrize(("target", "together"), [("DynamoDB_20120810.UpdateItem", False), ("AmazonSQS.Send", True)])
def test_dynamodbs_requests_are_served_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, target: str, together: bool
) -> None:
    both = threading.Barrier(2)

    def moto(_environ: Any, start_response: Any) -> list[bytes]:
        """Records whether two threads are in here at once."""
        try:
            both.wait(SECONDS if together else 1)
        except threading.BrokenBarrierError:
            start_response("200 OK", [])
            return [b"alone"]
        start_response("200 OK", [])
        return [b"together"]

    monkeypatch.setattr(moto_server, "Dispatcher", lambda _: moto)
    application = moto_server._application()
    headers = {"X-Amz-Target": target, "Authorization": presigned_url.SDK}

    def ask(_: int) -> bytes:
        return b"".join(run_wsgi_app(application, EnvironBuilder(headers=headers).get_environ())[0])

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(ask, range(2))] == [b"together" if together else b"alone"] * 2


CHANGED = (S3Response, FakeKey, S3Backend, SQSBackend, Queue)


@pytest.fixture
def changed_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    for changed in CHANGED:
        for name, value in vars(changed).items():
            if callable(value) or isinstance(value, property):
                monkeypatch.setattr(changed, name, value)  # as it is again after the test
    moto_changes.make()


@pytest.mark.usefixtures("changed_moto")
def test_an_object_is_not_deleted_while_a_bucket_is_listed() -> None:
    s3 = S3Backend("us-east-1", "123456789012")
    bucket = s3.create_bucket("bucket", "us-east-1")
    s3.put_object("bucket", "key", b"content")
    begun, go_on = threading.Event(), threading.Event()

    class Keys(type(bucket.keys)):  # type: ignore[misc]
        def items(self) -> Iterator[Any]:
            begun.set()
            go_on.wait(SECONDS)
            return super().items()  # type: ignore[no-any-return]

    bucket.keys = Keys(bucket.keys)
    with ThreadPoolExecutor(2) as pool:
        listed = pool.submit(s3.list_objects, bucket, "k", None, None, None)
        assert begun.wait(SECONDS)
        deleted = pool.submit(s3.delete_object, "bucket", "key")
        with pytest.raises(TimeoutError):
            deleted.result(0.5)
        go_on.set()
        deleted.result(SECONDS)
        assert [key.name for key in listed.result(SECONDS)[0]] == ["key"]


@pytest.mark.usefixtures("changed_moto")
def test_an_object_that_is_being_sent_may_be_deleted() -> None:
    s3 = S3Backend("us-east-1", "123456789012")
    s3.create_bucket("another", "us-east-1")
    s3.put_object("another", "key", b"content")
    sent = s3.get_object("another", "key")
    s3.delete_object("another", "key")
    assert sent is not None
    sent._value_buffer.seek(0)
    assert sent._value_buffer.read() == b"content"


@pytest.mark.usefixtures("changed_moto")
def test_a_receiver_that_waits_lets_a_message_in() -> None:
    sqs = SQSBackend("us-east-1", "123456789012")
    queue = sqs.create_queue("queue")
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(sqs.receive_message, "queue", 1, SECONDS, 60)
        while not queue._messages_lock._waiters:  # type: ignore[attr-defined]  # until it waits
            threading.Event().wait(0.01)
        sqs.send_message("queue", "body")
        (message,) = received.result(SECONDS)
    sqs.delete_message("queue", message.receipt_handle)
    assert queue.messages == []
