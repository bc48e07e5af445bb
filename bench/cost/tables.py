"""The tables of dollars, as lines of Markdown."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.cost.bill import Deployed, Quantities, add, dollars, of_month, of_read
from bench.cost.prices import PRICES

READS = {  # by case: what it is
    "CT slice": "512x512, raw, 0.5 MB, sent directly; PNG",
    "CT slice, JPEG out": "the same, `return_format=jpeg`",
    "CT slice of JPEG-LS": "the same slice in 0.14 MB; PNG",
    "Mammogram": "4096x3072, raw, 25 MB, staged; PNG",
    "Mammogram, JPEG out": "the same, `return_format=jpeg`",
    "Mammogram, viewport 1024": "the same, and `viewport=1024,1024`",
    "Mammogram of JPEG lossless": "the same picture in 6.0 MB, staged; PNG",
    "Mammogram of JPEG-LS": "the same picture in 3.7 MB, small enough to be sent directly; PNG",
    "96 frames": "96 of 512x512, raw, 25 MB, staged; PNG",
    "96 frames, JPEG out": "the same, `return_format=jpeg`",
    "96 frames, the first alone": "the same, `frames=1`",
    "96 frames of JPEG lossless": "the same frames in 10 MB, staged; PNG",
}
MIX = {"CT slice": 0.9, "Mammogram": 0.08, "96 frames": 0.02}
MONTHS = (10_000, 1_000_000, 100_000_000)


def of_reads(measured: Mapping[str, Any], x86: Deployed) -> Iterator[str]:
    yield "| read | what | answer | **1,000 on x86_64** | on arm64 | data out | most of it |"
    yield "|---|---|---|---|---|---|---|"
    for name, what in READS.items():
        here, there = (_of_thousand(measured, name, x86._replace(architecture=on)) for on in ("x86_64", "arm64"))
        total = sum(here.values())
        largest, second = list(here)[:2]
        most = f"{largest} {here[largest] / total:.0%}, {second} {here[second] / total:.0%}"
        answer = f"{measured['cases'][name]['answer'] / 1e6:.2f} MB"
        on_arm, out = sum(there.values()), here["data out"]
        cells = (name, what, answer, f"**${total:.3f}**", f"${on_arm:.3f}", f"${out:.3f}", most)
        yield f"| {' | '.join(cells)} |"


def of_months(measured: Mapping[str, Any], x86: Deployed) -> Iterator[str]:
    yield "| a month | " + " | ".join(f"{reads:,} reads" for reads in MONTHS) + " |"
    yield "|---|" + "---|" * len(MONTHS)
    months = [month(measured, x86, reads) for reads in MONTHS]
    bills = [dollars(month) for month in months]
    for part in bills[-1]:
        yield _line(part, [bill.get(part, 0) for bill in bills])
    yield _line("**all**", [sum(bill.values()) for bill in bills])
    less_free = [sum(dollars(month, less_free=True).values()) for month in months]
    yield _line("all, less what every account has for free", less_free)
    arm = [sum(dollars(month(measured, x86._replace(architecture="arm64"), reads)).values()) for reads in MONTHS]
    yield _line("all, on arm64", arm)


def month(measured: Mapping[str, Any], deployed: Deployed, reads: float) -> Quantities:
    """A month of the mix."""
    mixed: Quantities = {}
    for name, share in MIX.items():
        add(mixed, of_read(measured, name, deployed), share)
    return of_month(mixed, reads, deployed.fixed)


def of_prices() -> Iterator[str]:
    yield "| what | dollars, by the month's tiers | free | aws.amazon.com/ |"
    yield "|---|---|---|---|"
    for price in PRICES.values():
        tiers = "; ".join(_tier(up_to, each) for up_to, each in price.tiers)
        yield f"| {price.unit} | {tiers} | {f'{price.free:,.0f}' if price.free else ''} | {price.page} |"


def _of_thousand(measured: Mapping[str, Any], name: str, deployed: Deployed) -> dict[str, float]:
    return {part: each * 1000 for part, each in dollars(of_read(measured, name, deployed)).items()}


def _line(part: str, amounts: Sequence[float]) -> str:
    return f"| {part} | " + " | ".join(f"${amount:,.2f}" for amount in amounts) + " |"


def _tier(up_to: float, each: float) -> str:
    limit = "" if math.isinf(up_to) else f" up to {up_to:,.0f}"
    return f"{each * 1e6:g} a million{limit}" if each < 0.001 else f"{each:g}{limit}"
