"""Measures all cases, into measured.json: `python -m bench.cost --measure`, as root, after `make build`."""

import json
import os
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.cold_start import deployed
from bench.cost.account import Account
from bench.cost.cases import Case, cases
from bench.cost.invoking import Invoked, environment
from bench.cost.processor import UNLIMITED
from bench.document import processor

MEASURED = Path(__file__).with_name("measured.json")
MEMORIES = (256, 512, 1024, 1769, 3008)  # MB; a new account can have no more (AWS Lambda's guide, quotas)
ENOUGH = 4000  # ms: fewer rounds of what is slow
STARTS = 3


def measure(part: str) -> None:
    """The cases with `part` in their names; what was measured of others stays."""
    python, layers = deployed()
    if not layers:
        raise SystemExit("bench.cost: there are no built layers with their Python: run make build, with Python 3.13.")
    measured: dict[str, Any] = json.loads(MEASURED.read_text())
    account = Account()
    environments = {
        name: environment(account.variables[name], function.directory, layers)
        for name, function in account.functions.items()
    }
    for case in cases(account):
        if part.lower() not in case.name.lower():
            continue
        with closing(Invoked(python, environments[case.function])) as invoked:
            measured["cases"][case.name] = _measure(account, case, invoked)
        account.clear()
        measured["init"][case.function] = _start(python, environments[case.function])
        print(case.name, json.dumps(measured["cases"][case.name]["milliseconds"]), flush=True)
    measured["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
    measured["machine"] = f"{processor()}, {os.cpu_count()} cores"
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n")


def _start(python: str, variables: dict[str, str]) -> float:
    """Milliseconds from the start of Python to a loaded function."""
    times = []
    for _ in range(STARTS):
        with closing(Invoked(python, variables)) as invoked:
            times.append(invoked.init_milliseconds)
    return round(min(times), 1)


def _measure(account: Account, case: Case, invoked: Invoked) -> dict[str, Any]:
    event = case.event()
    answer, cold = invoked.invoke(event)
    assert answer.get("statusCode", 200) < 400, answer
    assert not answer.get("batchItemFailures"), cold["log"]
    _, warm = invoked.invoke(event)
    rounds = min(9, max(3, int(ENOUGH / warm["milliseconds"])))
    runs: dict[int, list[dict[str, Any]]] = {memory: [] for memory in (UNLIMITED, *MEMORIES)}
    for _ in range(rounds):
        for memory, taken in runs.items():
            taken.append(invoked.invoke(event, memory)[1])
    stored = account.stored()
    large = [size for key, size in stored.items() if key.startswith(("results/", "answers/"))]
    return {
        "function": case.function,
        "staged": case.staged,
        "file": case.file,
        "answer": large[0] if large else len(answer["body"] or ""),
        "stored": sum(stored.values()),
        "milliseconds": {memory: _least(taken, "milliseconds") for memory, taken in runs.items() if memory},
        "waited": _least(runs[UNLIMITED], "waited"),
        "peak": round(max(run["peak"] for taken in runs.values() for run in taken) / 1e6),
        "operations": dict(Counter(warm["operations"])),
        "log_lines": warm["log"].count("\n"),
        "log_bytes": len(warm["log"].encode()),
        "load": round(os.getloadavg()[0], 1),
        "metrics": sorted(_metrics(cold["log"] + warm["log"])),
    }


def _least(taken: list[dict[str, Any]], what: str) -> float:
    # Whatever else the machine does only makes them longer.
    return float(round(min(run[what] for run in taken), 1))


def _metrics(log: str) -> set[str]:
    """Each is paid for: a name with the values of its dimensions."""
    found = set()
    for written in map(json.loads, log.splitlines()):
        for directive in written.get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in directive["Dimensions"]:
                values = ",".join(str(written[name]) for name in sorted(dimensions))
                found |= {f"{metric['Name']} of {values}" for metric in directive["Metrics"]}
    return found
