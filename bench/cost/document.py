"""docs/cost.md, from what was measured, the prices and the template."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.cost import assumptions, deployed, memory, tables
from bench.cost.alternative import alternative
from bench.cost.prices import DATE, REGION
from bench.processes import ROOT

PAGE = ROOT / "docs/cost.md"
WORDS = Path(__file__).with_name("page.md")  # with places for numbers and tables


def write(measured: Mapping[str, Any]) -> None:
    PAGE.write_text(page(measured), encoding="utf-8")


def page(measured: Mapping[str, Any]) -> str:
    metrics = {metric for case in measured["cases"].values() for metric in case["metrics"]}
    here = deployed.read(len(metrics))
    ct = measured["cases"]["CT slice"]
    loads = [case["load"] for case in measured["cases"].values()]
    return WORDS.read_text(encoding="utf-8").format(
        date=DATE,
        region=REGION,
        measured=measured["date"],
        machine=measured["machine"],
        load=f"{min(loads)} to {max(loads)}",
        memory=_lines(memory.table(measured, here.memory)),
        reads=_lines(tables.of_reads(measured, here)),
        months=_lines(tables.of_months(measured, here)),
        prices=_lines(tables.of_prices()),
        metrics=int(here.fixed["metric"]),
        own_metrics=len(metrics),
        metrics_dollars=here.fixed["metric"] * 0.3,
        alarms=int(here.fixed["alarm"]),
        ct_ms=ct["milliseconds"][str(here.memory["read"])],
        ct_waited=ct["waited"],
        cold_dollars=memory.dollars_a_million(assumptions.COLD * measured["init"]["read"], here.memory["read"]),
        half_dollars=memory.dollars_a_million(measured["cases"]["profile, its example"]["milliseconds"]["512"], 256),
        **alternative(measured, here),
        **{name: value for name, value in vars(assumptions).items() if name.isupper()},
    )


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
