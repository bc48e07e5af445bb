"""How much memory each function has, and why: the measured durations by memory size, as a table."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.cost.prices import PRICES

EXAMPLE = "{}, its example"
# Where a function's example says little of what it is for.
SHOWN = {
    "allowed_fields": ("All fields", "Fields by a regular expression"),
    "read": ("CT slice", "Mammogram of JPEG-LS"),
    "generate": ("generate, its example", "Picture of 12 million pixels"),
    "upload_worker": ("Mammogram", "96 frames"),
}
NOT_MEASURED = {
    "rotate_signing_secret": "Once a month: not measured",
    "dead_letters": "For what no worker could do: not measured",
    "password": "As token, with two hashes in place of one: not measured",
}
WAITS = "It waits for DynamoDB; less would make cold starts slower, see below"
WHY = {
    "register": "Argon2id is bound by one processor: with a whole one it takes the least time, for hardly more",
    "token": "As register",
    "read": "A whole processor; and the largest answers were seen to take 1,332 MB",
    "generate": "As read, with pictures of up to 4.4 MB, however many pixels those have",
    "upload_worker": "For its memory: a picture of 8192x8192 takes 1,575 MB. It waits for S3 most of the time",
    "allowed_fields": "All fields are kept ready, at any size; a regular expression goes through them anew",
    "required_field_types": "Its one answer is kept ready",
    **NOT_MEASURED,
}


def table(measured: Mapping[str, Any], memory: Mapping[str, int]) -> Iterator[str]:
    """Lines of Markdown, a function each, or a case."""
    sizes = list(next(iter(measured["cases"].values()))["milliseconds"])
    times = " | ".join(f"ms at {size}" for size in sizes)
    yield f"| function | MB | {times} | waiting | init | peak MB | a million | why |"
    yield "|---|---|" + "---|" * (len(sizes) + 5)
    for function, size in memory.items():
        for name in SHOWN.get(function, (EXAMPLE.format(function),)):
            case = measured["cases"].get(name)
            init = measured["init"].get(function, 0)
            cells = _cells(case, size, init) if case else [""] * (len(sizes) + 4)
            label = f"`{function}`" + ("" if name == EXAMPLE.format(function) else f", {name}")
            yield f"| {label} | {size} | {' | '.join(cells)} | {WHY.get(function, WAITS)} |"


def dollars_a_million(milliseconds: float, memory: int) -> float:
    """Of duration, in the first tier of x86_64."""
    return PRICES["x86_64"].dollars(1e6 * milliseconds / 1000 * memory / 1024)


def _cells(case: Mapping[str, Any], size: int, init: float) -> list[str]:
    times = [f"**{ms:,.0f}**" if int(at) == size else f"{ms:,.0f}" for at, ms in case["milliseconds"].items()]
    price = dollars_a_million(case["milliseconds"][str(size)], size)
    return [*times, f"{case['waited']:,.0f}", f"{init:,.0f}", f"{case['peak']}", f"${price:,.2f}"]
