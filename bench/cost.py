"""What a read costs on AWS: a few measurements times published prices, as the tables of docs/cost.md.

`python -m bench.cost` writes the tables anew. Durations are of functions as `make build` makes them, with the processor
that Lambda gives for their memory, on an AMD EPYC in November 2026; what they wait for AWS is in them, as 5 ms for
DynamoDB, 100 ms for S3 and 70 MB/s from it, which is what AWS's guides say.
"""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[1] / "docs/cost.md"
MARK = "<!-- bench/cost.py writes this table. -->\n"
GB = 1024**3
DAYS, HOURS = 30, 720
HEADERS = 600  # bytes of an answer besides its body

# Dollars in us-east-1, November 2026, without the rebates of large months. Prices of SQS are from memory.
PRICES = {
    "data out": 0.09 / GB,  # a byte: ec2/pricing/on-demand
    "API Gateway": 3.5e-6,  # a request to a REST API: api-gateway/pricing
    "invocation": 0.2e-6,  # lambda/pricing
    "x86_64": 1.66667e-5,  # a GB-second: lambda/pricing
    "arm64": 1.33334e-5,
    "read": 0.125e-6,  # consistent, of 4 KB, on demand: dynamodb/pricing/on-demand
    "write": 0.625e-6,  # of 1 KB
    "put": 5e-6,  # s3/pricing
    "get": 0.4e-6,
    "stored": 0.023 / GB,  # a byte and month
    "sqs": 0.4e-6,  # a request
    "logs": 0.5 / GB,  # a byte: cloudwatch/pricing
}
# A month's, whoever asks: 22 metrics, alarms on 19 of them, a dashboard, a secret; and ten pollers of two queues.
FIXED = 22 * 0.30 + 19 * 0.10 + 3.00 + 0.40 + 10 * 3 * 60 * 24 * DAYS * PRICES["sqs"]


class Read(NamedTuple):
    """A read as it was measured. `answer`: bytes of its body. `staged`: bytes of the upload, 0 if it goes directly."""

    name: str
    answer: int
    milliseconds: float  # of the function that reads, at 1,769 MB
    staged: int = 0
    puts: int = 0  # requests to S3 of a staged one
    gets: int = 0


READS = [
    Read("CT slice, 512x512 in 0.5 MB: JSON with a PNG", 73_840, 17.2),
    Read("the same, `Accept: image/png`", 54_500, 17.2),
    Read("the same, `return_format=jpeg`", 35_193, 15.0),
    Read("the same, `images=false`", 834, 15.1),
    Read("Mammogram, 25 MB, staged: JSON with a PNG", 2_713_693, 1371.1, 25_166_510, 5, 9),
    Read("the same, `return_format=jpeg`", 933_590, 1309.6, 25_166_510, 5, 9),
    Read("Mammogram of JPEG-LS in 3.7 MB: JSON with a PNG", 2_713_693, 140.6),
    Read("the same, `Accept: image/png`", 2_034_900, 140.6),
    Read("96 frames, 25 MB, staged: JSON with PNGs", 15_038_602, 2376.0, 25_166_480, 12, 9),
    Read("the same, `return_format=jpeg`", 5_161_603, 1558.6, 25_166_480, 5, 9),
]
MONTH = {READS[0].name: 0.90, READS[4].name: 0.08, READS[8].name: 0.02}


def parts(read: Read, processor: str = "x86_64") -> dict[str, float]:
    """Dollars of one read, by part of the bill."""
    requests = 4 if read.staged else 1  # a staged one's form, two looks at its status, and the result from S3
    seconds = read.milliseconds / 1000 * 1769 / 1024 + (0.045 / 2 if read.staged else 0)
    lambda_ = requests * PRICES["invocation"] + seconds * PRICES[processor]
    writes, reads = (11, 8) if read.staged else (1, 1)
    return {
        "data out": (read.answer + requests * HEADERS) * PRICES["data out"],
        "S3": read.puts * PRICES["put"]
        + read.gets * PRICES["get"]
        + (read.staged + read.answer) * PRICES["stored"] * 1.5 / DAYS,  # until the midnight after a day
        "Lambda": lambda_,
        "API Gateway": min(requests, 3) * PRICES["API Gateway"],
        "logs, DynamoDB, SQS": requests * 2_000 * PRICES["logs"]
        + writes * PRICES["write"]
        + reads * PRICES["read"]
        + (3 * PRICES["sqs"] if read.staged else 0),
    }


def reads_table() -> str:
    rows = ["| read | answer | 1,000 on x86_64 | on arm64 | of it data out |", "|---|---|---|---|---|"]
    for read in READS:
        x86, arm = (1000 * sum(parts(read, processor).values()) for processor in ("x86_64", "arm64"))
        share = parts(read)["data out"] * 1000 / x86
        rows.append(f"| {read.name} | {read.answer / 1e6:.3f} MB | **${x86:.4f}** | ${arm:.4f} | {share:.0%} |")
    return "\n".join(rows) + "\n"


def month_table() -> str:
    counts = (10_000, 1_000_000, 100_000_000)
    shares = {read: MONTH[read.name] for read in READS if read.name in MONTH}
    by_part = {name: sum(share * parts(read)[name] for read, share in shares.items()) for name in parts(READS[0])}
    rows = ["| a month | " + " | ".join(f"{count:,} reads" for count in counts) + " |", "|---|---|---|---|"]
    for name, dollars in by_part.items():
        rows.append(f"| {name} | " + " | ".join(f"${count * dollars:,.2f}" for count in counts) + " |")
    rows.append("| metrics, alarms, dashboard, secret, polling | " + " | ".join([f"${FIXED:,.2f}"] * 3) + " |")
    totals = (FIXED + count * sum(by_part.values()) for count in counts)
    rows.append("| **all** | " + " | ".join(f"**${total:,.2f}**" for total in totals) + " |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    tables = iter((reads_table(), month_table()))
    PAGE.write_text(re.sub(MARK + r"(?:\|.*\n)*", lambda _: MARK + next(tables), PAGE.read_text()))
