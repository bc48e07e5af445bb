"""The log line of a request or message: JSON, from which CloudWatch takes metrics."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import tally
import telemetry
from tests.integration.lambda_context import CONTEXT

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    monkeypatch.setattr(telemetry, "_cold", [])
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def metrics(line: dict[str, Any]) -> dict[tuple[str, ...], dict[str, str]]:
    """The unit of each metric, by dimensions. The line has each metric's value under its name."""
    found = {}
    for described in line["_aws"]["CloudWatchMetrics"]:
        assert described["Namespace"] == "DicomApi"
        (dimensions,) = described["Dimensions"]
        assert all(isinstance(line[name], str) for name in dimensions)
        found[tuple(dimensions)] = {metric["Name"]: metric["Unit"] for metric in described["Metrics"]}
    return found


def test_a_line_has_the_ids_and_the_numbers(lines: Lines) -> None:
    telemetry.begin(CONTEXT, gateway_request="g")
    telemetry.add(developer="d")
    tally.add("Reads")
    tally.add("Frames", 2)
    tally.add("Frames", 3)
    tally.add("InBytes", 10)
    with tally.stage("Parse"):
        pass
    telemetry.end("answered", status=200)
    (line,) = lines()
    ids = {"function": "function", "version": "$LATEST", "request": CONTEXT.aws_request_id}
    told = {"gateway_request": "g", "developer": "d", "status": 200, "Reads": 1, "Frames": 5, "InBytes": 10}
    assert {"level": "INFO", "message": "answered", "service": "dicom-api", **ids, **told}.items() <= line.items()
    assert datetime.now().astimezone() - datetime.fromisoformat(line["timestamp"]) < timedelta(minutes=1)
    units = {"Reads": "Count", "Frames": "Count", "InBytes": "Bytes", "ParseMilliseconds": "Milliseconds"}
    assert metrics(line) == {("service",): units}


def test_the_next_line_knows_nothing_of_the_one_before(lines: Lines) -> None:
    for developer in ("d", None):
        telemetry.begin(CONTEXT)
        if developer:
            telemetry.add(developer=developer)
            tally.add("Reads")
        telemetry.end("answered")
    _, line = lines()
    assert not {"developer", "Reads", "_aws"} & set(line)


def test_what_a_crash_left_counts_for_nobody(lines: Lines) -> None:
    tally.add("Reads")
    telemetry.begin(CONTEXT)
    telemetry.end("answered")
    assert "Reads" not in lines()[0]


def test_a_cold_start_counts_once(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_cold", [True])
    for _ in range(2):
        telemetry.begin(CONTEXT)
        telemetry.end("answered")
    first, second = lines()
    assert metrics(first) == {("service",): {"ColdStarts": "Count"}}
    assert (first["ColdStarts"], "ColdStarts" in second) == (1, False)


def test_a_defect_is_told_without_its_message(lines: Lines) -> None:
    telemetry.begin(CONTEXT)
    telemetry.add(job="j")
    try:
        int("Doe^John")
    except ValueError as error:
        telemetry.defect("not done", error)
    (line,) = lines()
    assert {"level": "ERROR", "message": "not done", "job": "j", "error": "ValueError"}.items() <= line.items()
    assert [place.rpartition(":")[0] for place in line["places"]] == [__file__]
    assert "Doe" not in str(line)


def test_a_stage_that_fails_took_its_time_too(lines: Lines) -> None:
    telemetry.begin(CONTEXT)
    with pytest.raises(ValueError, match="x"), tally.stage("Parse"):
        raise ValueError("x")
    telemetry.end("answered")
    assert lines()[0]["ParseMilliseconds"] >= 0


def test_threads_tally_together() -> None:
    tally.take()

    def add() -> None:
        for _ in range(1000):
            tally.add("Frames")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.take() == {"Frames": 8000}
    assert tally.take() == {}
