"""The arithmetic of docs/cost.md, and that the page says of memory what template.yaml has."""

import re
from pathlib import Path
from typing import Any

import pytest

from bench.cost import assumptions, bill, logs, memory
from bench.cost.prices import GB, PRICES
from tests.integration.template import TEMPLATE, resources

PAGE = Path(__file__).parents[2] / "docs/cost.md"
DEFAULT: int = TEMPLATE["Globals"]["Function"]["MemorySize"]
DEPLOYED = bill.Deployed({"read": 1024, "upload_worker": 2048, "upload_create": 512, "upload_status": 512}, {}, "", {})


def case(function: str, milliseconds: float, answer: int = 0, **operations: int) -> dict[str, Any]:
    return {
        "function": function,
        "staged": function == "upload_worker",
        "answer": answer,
        "stored": GB if function == "upload_worker" else 0,
        "milliseconds": dict.fromkeys(("512", "1024", "2048"), milliseconds),
        "operations": operations,
        "log_lines": 2,
        "log_bytes": 1000,
    }


MEASURED = {
    "init": dict.fromkeys(DEPLOYED.memory, 0.0),
    "cases": {
        "direct": case("read", 50, answer=GB - assumptions.HEADERS, GetItem=1, UpdateItem=1),
        "staged": case("upload_worker", 1000, GetObject=4, PutObject=3, UpdateItem=4),
        "upload_create, its example": case("upload_create", 0, GetItem=1, UpdateItem=1, PutItem=1),
        "upload_status, its example": case("upload_status", 0, GetItem=2),
    },
}


@pytest.mark.parametrize(
    ("name", "units", "dollars"),
    [
        ("gateway", 1e6, 3.5),
        ("gateway", 333e6 + 1e6, 333 * 3.5 + 2.8),
        ("out", 10 * 1024 + 1, 10 * 1024 * 0.09 + 0.085),
        ("x86_64", 1e6, 16.6667),
        ("write", 1e6, 0.625),
        ("metric", 10, 3),
    ],
)
def test_units_cost_what_their_tiers_say(name: str, units: float, dollars: float) -> None:
    assert PRICES[name].dollars(units) == pytest.approx(dollars)


@pytest.mark.parametrize(("units", "dollars"), [(99, 0), (100, 0), (101, 0.09)])
def test_what_is_free_is_taken_off_first(units: float, dollars: float) -> None:
    assert PRICES["out"].dollars(units, less_free=True) == pytest.approx(dollars)


def test_a_direct_read_is_one_request_with_its_answer_and_its_logs() -> None:
    quantities = bill.of_read(MEASURED, "direct", DEPLOYED)
    log = 1000 + 2 * assumptions.LOG_EVENT + logs.LAMBDA + logs.access("")
    expected = {"gateway": 1, "invocation": 1, "x86_64": 0.05, "read": 1, "write": 1, "out": 1, "log": log / GB}
    assert {name: units for name, units in quantities.items() if units} == pytest.approx(expected)


def test_a_staged_read_has_its_job_its_polls_and_what_it_stores() -> None:
    quantities = bill.of_read(MEASURED, "staged", DEPLOYED)
    polls = assumptions.POLLS
    assert quantities["gateway"] == 1 + polls
    assert quantities["invocation"] == 2 + polls
    assert quantities["put"] == 3 + 1
    assert quantities["get"] == 4 + 1
    assert quantities["sqs"] == 3
    assert quantities["read"] == 1 + 2 * polls
    assert quantities["write"] == 4 + 2 + 3
    assert quantities["x86_64"] == 2
    assert quantities["stored"] == pytest.approx(assumptions.STORED_DAYS / assumptions.DAYS)


def test_a_month_is_its_reads_and_what_costs_without_them() -> None:
    month = bill.of_month({"gateway": 1, "invocation": 2}, 1e6, {"alarm": 2})
    parts = bill.dollars(month)
    assert parts["API Gateway"] == pytest.approx(3.5)
    assert parts["alarms, dashboard, secret"] == pytest.approx(0.2)
    assert parts["X-Ray"] == pytest.approx(5 + 5)  # of requests and workers, fewer than one a second: all are recorded
    assert parts["SQS"] == pytest.approx(2 * 648_000 * 0.4e-6)  # two queues, asked every 20 seconds, five times
    assert list(parts.values()) == sorted(parts.values(), reverse=True)


def test_on_graviton_a_fifth_less_of_the_duration_is_paid() -> None:
    durations = [bill.dollars({architecture: 1e6}, less_free=False)["Lambda"] for architecture in ("x86_64", "arm64")]
    assert durations[1] / durations[0] == pytest.approx(0.8, abs=1e-5)


def test_the_page_has_the_memory_of_the_template() -> None:
    told = {
        (name, int(size)) for name, size in re.findall(r"^\| `(\w+)`[^|]*\| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    }
    functions = resources("AWS::Serverless::Function").values()
    assert told == {
        (function["CodeUri"].removeprefix("functions/"), function.get("MemorySize", DEFAULT)) for function in functions
    }


def test_of_each_size_that_is_deployed_there_is_a_duration() -> None:
    bold = re.findall(r"^\| `(\w+)`.*\*\*[\d,]+\*\*.*\|$", PAGE.read_text(), re.MULTILINE)
    assert set(bold) == {
        function["CodeUri"].removeprefix("functions/") for function in resources("AWS::Serverless::Function").values()
    } - set(memory.NOT_MEASURED)
