"""The queue's messages: an upload that has arrived, or a part of one.

Logs hold ids, numbers, times and exceptions' types, nothing of files or of what clients sent.
"""

import gc
import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

import web
from defects import places
from staging import messages, work

logger = Logger()
metrics = Metrics()
# Raised, the exceptions of a batch would be in Lambda's own log, messages and all.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return {**process_partial_response(event, _work_on, processor, context)}


def _work_on(record: SQSRecord) -> None:
    attempt = int(record.attributes.approximate_receive_count)
    about: dict[str, Any] = {"attempt": attempt}
    started = time.perf_counter()
    metrics.add_metric("Messages", MetricUnit.Count, 1)
    try:
        for message in messages.parse(record.body):
            about |= {"job": message.job_id, "part": getattr(message, "number", None)}
            work.do(message, attempt)
    except Exception as error:
        logger.error("not done", **about, error=type(error).__name__, places=places(error))
        metrics.add_metric("MessagesNotDone", MetricUnit.Count, 1)
        raise
    logger.info("done", **about, milliseconds=round((time.perf_counter() - started) * 1000, 1))


gc.freeze()  # what is loaded by now stays out of later searches too
gc.set_threshold(web.USUAL_THRESHOLD)
