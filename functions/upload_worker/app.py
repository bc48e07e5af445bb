"""The queue's messages: an upload that has arrived, or a part of one."""

from contextlib import suppress

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

import telemetry
from staging import consumer, messages, work

RETRY_SECONDS = 30  # after the first attempt, and twice as long after each further one


def _work_on(record: SQSRecord) -> None:
    try:
        for message in messages.parse(record.body):
            telemetry.add(job=message.job_id, part=getattr(message, "number", None))
            work.do(message)
    except Exception:
        with suppress(Exception):  # then it comes when the queue's visibility timeout is over
            messages.show_again(record.receipt_handle, RETRY_SECONDS * 2 ** (consumer.attempt(record) - 1))
        raise


handler = consumer.lambda_handler(_work_on)
