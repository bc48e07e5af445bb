"""Messages of the work queue: an upload that has arrived, or a part of one."""

import time
from contextlib import suppress

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

import telemetry
from staging import consumer, messages, work

# Kept back of the function's time for the last picture, and to note the reason.
RESERVE_SECONDS = 30
RETRY_SECONDS = 30  # after the first attempt, and twice as long after each further one


def _work_on(record: SQSRecord, context: LambdaContext) -> None:
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    try:
        for message in messages.parse(record.body):
            telemetry.add(job=message.job_id, part=getattr(message, "number", None))
            work.do(message, deadline)
    except Exception:
        with suppress(Exception):  # then it is retried after the queue's visibility timeout
            messages.show_again(record.receipt_handle, RETRY_SECONDS * 2 ** (consumer.attempt(record) - 1))
        raise


handler = consumer.lambda_handler(_work_on)
