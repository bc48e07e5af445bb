"""Prices times quantities: what a read costs, and what a month of reads does."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.cost import logs
from bench.cost.assumptions import COLD, DAYS, HEADERS, LOG_EVENT, POLLS, STORED_DAYS
from bench.cost.prices import GB, PRICES

Quantities = dict[str, float]  # units by the names of PRICES, parts of one too

OPERATIONS: dict[str, dict[str, float]] = {
    "GetItem": {"read": 1},
    "Query": {"read": 1},  # of up to 8 KB: a page of twenty uploads has 3
    "PutItem": {"write": 1},
    "UpdateItem": {"write": 1},
    "DeleteItem": {"write": 1},
    "TransactWriteItems": {"write": 4},  # two items, each twice
    "GetObject": {"get": 1},
    "HeadObject": {"get": 1},
    "DeleteObjects": {},  # free
    "PutObject": {"put": 1},
    "CreateMultipartUpload": {"put": 1},
    "UploadPart": {"put": 1},
    "UploadPartCopy": {"put": 1},
    "CompleteMultipartUpload": {"put": 1},
    "SendMessageBatch": {"sqs": 1},
    "GetSecretValue": {},  # kept for minutes
}
# The client's form and its GET of the result; what S3 sends, Lambda receives and deletes; and what the index of jobs is
# told: that one is made, begun, done.
STAGED: Quantities = {"put": 1, "get": 1, "sqs": 3, "write": 3}
MONTH_SECONDS = DAYS * 86400
# Of each queue five pollers, each for 20 seconds (Lambda's guide, "Using Lambda with Amazon SQS").
QUEUES = 2
POLLING = QUEUES * 5 * 3 * 60 * 24 * DAYS


class Deployed(NamedTuple):
    """What the template says: megabytes by function; MB of /tmp; the access log's format; what costs by the month."""

    memory: Mapping[str, int]
    disk: Mapping[str, int]
    access_log: str
    fixed: Mapping[str, float]
    architecture: str = "x86_64"


def add(total: Quantities, more: Mapping[str, float], times: float = 1) -> None:
    for name, units in more.items():
        total[name] = total.get(name, 0) + units * times


def of_read(measured: Mapping[str, Any], name: str, deployed: Deployed) -> Quantities:
    """One read of the case `name`, with the requests that go with it."""
    case = measured["cases"][name]
    total = _invocation(measured, name, deployed)
    requests = 1
    if case["staged"]:
        add(total, STAGED)
        add(total, _invocation(measured, "upload_create, its example", deployed))
        add(total, _invocation(measured, "upload_status, its example", deployed), POLLS)
        requests += POLLS
    add(
        total,
        {
            "gateway": requests,
            "out": (case["answer"] + requests * HEADERS) / GB,
            "stored": case["stored"] / GB * STORED_DAYS / DAYS,
            "log": requests * logs.access(deployed.access_log) / GB,
        },
    )
    return total


def of_month(read: Quantities, reads: float, fixed: Mapping[str, float]) -> Quantities:
    """So many of that read, and what costs by the month."""
    total = dict(fixed)
    add(total, read, reads)
    add(total, {"sqs": POLLING, "trace": _traces(total["gateway"])})
    add(total, {"trace": _traces(total["invocation"] - total["gateway"])})  # a worker's is a trace of its own
    return total


def dollars(quantities: Quantities, *, less_free: bool = False) -> dict[str, float]:
    """By part of the bill, the largest first."""
    parts: dict[str, float] = defaultdict(float)
    for name, units in quantities.items():
        parts[PRICES[name].part] += PRICES[name].dollars(units, less_free=less_free)
    return dict(sorted(parts.items(), key=lambda part: -part[1]))


def _invocation(measured: Mapping[str, Any], name: str, deployed: Deployed) -> Quantities:
    case = measured["cases"][name]
    memory = deployed.memory[case["function"]]
    seconds = (case["milliseconds"][str(memory)] + COLD * measured["init"][case["function"]]) / 1000
    total: Quantities = {}
    for operation, times in case["operations"].items():
        add(total, OPERATIONS[operation], times)
    add(
        total,
        {
            "invocation": 1,
            deployed.architecture: seconds * memory / 1024,
            "disk": seconds * max(0, deployed.disk.get(case["function"], 512) - 512) / 1024,
            "log": (case["log_bytes"] + case["log_lines"] * LOG_EVENT + logs.LAMBDA) / GB,
        },
    )
    return total


def _traces(requests: float) -> float:
    """X-Ray's default rule, were the requests spread evenly: one a second, and a twentieth of the others."""
    rate = requests / MONTH_SECONDS
    return (min(rate, 1) + max(0, rate - 1) * 0.05) * MONTH_SECONDS
