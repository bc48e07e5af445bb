"""Logs: one line for each request or message, with its counts as metrics, and a line before it for a defect.

All lines of a request share its ids. Nothing in them comes from a client: they hold ids, numbers, times and our own
names.
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

# Without the location in the code, which costs more than the rest of a line and is always the same.
logger = Logger(
    SERVICE, location=None, use_rfc3339=True, json_serializer=lambda line: orjson.dumps(line, default=str).decode()
)
_metrics = Metrics(service=SERVICE, namespace=NAMESPACE)
_cold = [True]
_began = [0.0]


def begin(context: LambdaContext, **about: Any) -> None:
    """Begins a request or message. All lines until the next one have `about` in them."""
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
    """Adds to all following lines, such as the developer's id once it is known."""
    logger.append_keys(**about)


def defect(message: str, error: BaseException) -> None:
    """Logs a defect of ours or a failure of AWS: its type and its path through the code, outermost frame first.

    The error's message is left out, as it can quote a DICOM value.
    """
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    logger.error(message, error=type(error).__name__, places=places)


def end(message: str, **more: Any) -> None:
    """Logs how long the work took, `more`, and all counts as CloudWatch metrics."""
    milliseconds = round((time.perf_counter() - _began[0]) * 1000, 1)
    numbers = {name: round(number, 3) for name, number in tally.take().items()}
    described: dict[str, Any] = {}
    if numbers:
        for name, number in numbers.items():
            _metrics.add_metric(name, _unit(name), number)
        described = {**_metrics.serialize_metric_set()}
        _metrics.clear_metrics()
    # Plain numbers instead of lists of one, so that Logs Insights can calculate with them.
    logger.info(message, milliseconds=milliseconds, **more, **described | numbers)


def _unit(name: str) -> str:
    return next((unit for unit in ("Milliseconds", "Bytes") if name.endswith(unit)), "Count")
