"""Where the local AWS makes moto wait, two threads at a time show that it does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response
from moto.sqs.models import Message, Queue
from werkzeug.test import EnvironBuilder, run_wsgi_app

from local import moto_changes, moto_server, presigned_url

SECONDS = 60  # it takes none; a machine under load is not a failure


@pytest.mark.parametrize(("target", "together"), [("DynamoDB_20120810.UpdateItem", False), ("AmazonSQS.Send", True)])
def test_dynamodbs_requests_are_served_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, target: str, together: bool
) -> None:
    both = threading.Barrier(2)

    def moto(_environ: Any, start_response: Any) -> list[bytes]:
        """Says whether there are two in here."""
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


def test_a_message_is_not_deleted_while_another_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    for changed, name in ((S3Response, "setup_class"), (Queue, "delete_message"), (FakeKey, "value")):
        monkeypatch.setattr(changed, name, getattr(changed, name))  # as it is again after the test
    moto_changes.make()
    queue = Queue("queue", "us-east-1", "123456789012")
    message = Message("1", "body")
    queue.add_message(message)
    message.mark_received(60)
    deleting = threading.Thread(target=queue.delete_message, args=(message.receipt_handle,))
    with queue._messages_lock:  # as while a message arrives
        deleting.start()
        deleting.join(0.5)
        assert deleting.is_alive()
    deleting.join(SECONDS)
    assert not deleting.is_alive()
    assert queue.messages == []
