"""What is logged: a line for each piece of work, with its numbers as metrics, and one before it for a defect.

Each has the ids by which the others are found. Nothing in it comes from a client: ids, numbers, times, names of our
own.
"""

import os
import time
import traceback
from typing import Any

import orjson
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

import tally

NAMESPACE = "DicomApi"
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "dicom-api")  # tells several stacks in an account apart

# Without the place in the code, which costs more than the rest of a line and is always the same.
logger = Logger(
    SERVICE, location=None, use_rfc3339=True, json_serializer=lambda line: orjson.dumps(line, default=str).decode()
)
_metrics = Metrics(service=SERVICE, namespace=NAMESPACE)
_cold = [True]
_began = [0.0]


def begin(context: LambdaContext, **about: Any) -> None:
    """A piece of work: what is logged until the next one begins has `about` in it."""
    _began[0] = time.perf_counter()
    tally.take()
    logger.clear_state()
    logger.append_keys(
        function=context.function_name, version=context.function_version, request=context.aws_request_id, **about
    )
    if _cold:
        _cold.clear()
        tally.add("ColdStarts")


def add(**about: Any) -> None:
    """What is known by now of the work: the developer's id, once it is certain."""
    logger.append_keys(**about)


def defect(message: str, error: BaseException) -> None:
    """A line about a defect of ours, or a failure of AWS's: its type, and where in the code it passed, outermost first.

    The error's message is no part of it, as it can quote a DICOM value.
    """
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    logger.error(message, error=type(error).__name__, places=places)


def end(message: str, **more: Any) -> None:
    """The line about the work: how long it took, `more`, and all that was tallied, as metrics for CloudWatch."""
    milliseconds = round((time.perf_counter() - _began[0]) * 1000, 1)
    numbers = {name: round(number, 3) for name, number in tally.take().items()}
    described: dict[str, Any] = {}
    if numbers:
        for name, number in numbers.items():
            _metrics.add_metric(name, _unit(name), number)
        described = {**_metrics.serialize_metric_set()}
        _metrics.clear_metrics()
    # A number as such, where metrics have a list of one: Logs Insights calculates with numbers.
    logger.info(message, milliseconds=milliseconds, **more, **described | numbers)


def _unit(name: str) -> str:
    return next((unit for unit in ("Milliseconds", "Bytes") if name.endswith(unit)), "Count")
