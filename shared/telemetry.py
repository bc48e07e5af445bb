"""What is logged: a line for each piece of work, with its numbers as metrics, and one before it for a defect.

Each has the ids by which the others are found. Nothing in it comes from a client: ids, numbers, times, names of our
own. By orjson in 15 µs; Powertools' Logger and Metrics took 200 for the same, of the 3,600 that a CT slice takes.
"""

import os
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

import tally

NAMESPACE = "DicomApi"
STACK = os.environ.get("STACK", "local")  # tells the metrics of several stacks in an account apart
COLD_START = "ColdStart"

_about: dict[str, Any] = {}
_cold_starts = [1]


def begin(context: LambdaContext, **about: Any) -> None:
    """A piece of work: what is logged until the next one begins has `about` in it."""
    tally.take()
    _about.clear()
    _about.update(
        function=context.function_name,
        version=context.function_version,
        request=context.aws_request_id,
        trace=os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root="),
        **about,
    )


def add(**about: Any) -> None:
    """What is known by now of the work: the developer's id, once it is certain."""
    _about.update(about)


def defect(message: str, error: BaseException) -> None:
    """A line about a defect of ours: its type, and where in the code it passed, outermost first.

    The error's message is no part of it, as it can quote a DICOM value.
    """
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    _write("ERROR", message, {"error": type(error).__name__, "places": places})


def end(message: str, **more: Any) -> None:
    """The line about the work, with `more` and all that was tallied, which CloudWatch takes as metrics."""
    numbers = {name: round(number, 3) for name, number in tally.take().items()}
    described = [_described(["Stack"], list(numbers))] if numbers else []
    if _cold_starts:
        numbers[COLD_START] = _cold_starts.pop()
        described.append(_described(["Stack", "function"], [COLD_START]))
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    metrics = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": described}} if described else {}
    _write("INFO", message, {**more, **numbers, **metrics})


def _described(dimensions: list[str], names: list[str]) -> dict[str, Any]:
    metrics = [{"Name": name, "Unit": _unit(name)} for name in names]
    return {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics}


def _unit(name: str) -> str:
    return next((unit for unit in ("Milliseconds", "Bytes") if name.endswith(unit)), "Count")


def _write(level: str, message: str, more: dict[str, Any]) -> None:
    # Lambda looks for a level and a time (RFC 3339), and would take a line without for one of INFO.
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"level": level, "timestamp": now, "message": message, "Stack": STACK, **_about, **more}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
