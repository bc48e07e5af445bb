"""Lambda's event source mappings: messages of a queue are passed to a function, and deleted when it has processed them.

Unlike on AWS, a failed message is retried after a second, whatever the visibility timeout is.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from local.stack import Source
from local.worker import FunctionFailed, GatewayTimeout

CORES = os.cpu_count() or 1
RETRY_SECONDS = 1
LAMBDA_SECONDS = 900.0  # no function may take longer
POLL_SECONDS = 20

log = logging.getLogger("local")

Invoke = Callable[[str, bytes, float], bytes]  # a function's name, an event, for how long to wait; gives the answer
Messages = list[Mapping[str, Any]]


def start(source: Source, invoke: Invoke, at_once: int = CORES + 1) -> None:
    """Passes messages on for as long as the process runs, with at most `at_once` invocations at a time."""
    threading.Thread(target=_run, args=(source, invoke, min(at_once, source.at_once)), daemon=True).start()


def _run(source: Source, invoke: Invoke, at_once: int) -> None:
    sqs = boto3.client("sqs")
    free = threading.Semaphore(at_once)

    def work_on(messages: Messages) -> None:
        try:
            _hand_over(sqs, source, invoke, messages)
        finally:
            free.release()

    while True:
        free.acquire()
        received = sqs.receive_message(
            QueueUrl=source.queue_url,
            MaxNumberOfMessages=source.batch,
            WaitTimeSeconds=POLL_SECONDS,
            MessageSystemAttributeNames=["All"],
        )
        if messages := received.get("Messages"):
            threading.Thread(target=work_on, args=(messages,), daemon=True).start()
        else:
            free.release()


def _hand_over(sqs: Any, source: Source, invoke: Invoke, messages: Messages) -> None:
    started = time.perf_counter()
    event = json.dumps({"Records": [_record(source, message) for message in messages]}).encode()
    try:
        failed = _failed(source, invoke(source.function, event, LAMBDA_SECONDS), messages)
    except (FunctionFailed, GatewayTimeout):
        failed = {message["MessageId"] for message in messages}
    for message in messages:
        which = {"QueueUrl": source.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        if message["MessageId"] in failed:
            sqs.change_message_visibility(**which, VisibilityTimeout=RETRY_SECONDS)
        else:
            sqs.delete_message(**which)
    result = f"{len(failed)} to come again" if failed else "done"
    log.info(
        "%s %d of the queue, %s %.0f ms", source.function, len(messages), result, (time.perf_counter() - started) * 1000
    )


def _record(source: Source, message: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event"""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source.queue_arn,
        "awsRegion": source.queue_arn.split(":")[3],
    }


def _failed(source: Source, answer: bytes, messages: Messages) -> set[str]:
    """The ids of messages to retry: all of them, if the answer names an unknown id or none."""
    if not source.reports_failures:
        return set()
    ids = {str(message["MessageId"]) for message in messages}
    try:
        failed = {failure["itemIdentifier"] for failure in (json.loads(answer) or {}).get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return ids
    return failed if failed <= ids else ids
