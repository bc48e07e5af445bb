"""The queue's messages: an upload that has arrived, or a part of one."""

import gc
import time
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

import tally
import telemetry
import web
from staging import messages, work

# Kept back of the function's time for the last picture, and to note the reason.
RESERVE_SECONDS = 30

# Raised, the exceptions of a batch would be in Lambda's own log, messages and all.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return {**process_partial_response(event, _work_on, processor, context)}


def _work_on(record: SQSRecord, lambda_context: LambdaContext) -> None:
    attempt = int(record.attributes.approximate_receive_count)
    telemetry.begin(lambda_context, attempt=attempt)
    deadline = time.monotonic() + lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    outcome = "not done"
    try:
        for message in messages.parse(record.body):
            telemetry.add(job=message.job_id, part=getattr(message, "number", None))
            work.do(message, attempt, deadline)
        outcome = "done"
    except Exception as error:
        tally.add("MessagesNotDone")
        telemetry.defect("not done", error)
        raise
    finally:
        telemetry.end(outcome)


gc.freeze()  # what is loaded by now stays out of later searches too
gc.set_threshold(web.USUAL_THRESHOLD)
