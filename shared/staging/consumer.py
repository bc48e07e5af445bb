"""A function behind a queue: it handles messages one by one, each with its log line."""

import gc
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

import tally
import telemetry
from cold_start import USUAL_THRESHOLD

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def lambda_handler(do: Callable[[SQSRecord, LambdaContext], None]) -> Handler:
    """The function's entry point: `handler(event, context)`. A message for which `do` raises is retried."""
    # If they were raised, Lambda would log the exceptions of a batch with their messages.
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return {**process_partial_response(event, logged, processor, context)}

    def logged(record: SQSRecord, lambda_context: LambdaContext) -> None:
        telemetry.begin(lambda_context, message_id=record.message_id, attempt=attempt(record))
        outcome = "not done"
        try:
            do(record, lambda_context)
            outcome = "done"
        except Exception as error:
            tally.add("MessagesNotDone")
            telemetry.defect("not done", error)
            raise
        finally:
            telemetry.end(outcome)

    gc.freeze()  # loaded modules stay out of later searches, too
    gc.set_threshold(USUAL_THRESHOLD)
    return handler


def attempt(record: SQSRecord) -> int:
    """How often the message has been received, from 1."""
    return int(record.attributes.approximate_receive_count)
