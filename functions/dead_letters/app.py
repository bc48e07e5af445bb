"""Messages of the dead-letter queue: a job that no worker could do becomes failed, so that its developer is told."""

from contextlib import suppress

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

import tally
import telemetry
from staging import consumer, jobs, messages

ERROR = f"The file could not be processed, though it was tried {messages.TRIES} times: upload it again."


def _give_up(record: SQSRecord, _: LambdaContext) -> None:
    tally.add("DeadLetters")
    with suppress(messages.Unreadable):  # which no job waits for
        for message in messages.parse(record.body):
            telemetry.add(job=message.job_id, part=getattr(message, "number", None))
            if job := jobs.find(message.job_id):
                telemetry.add(developer=job.user_id)
                jobs.fail(job, ERROR)


handler = consumer.lambda_handler(_give_up)
