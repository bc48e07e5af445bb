"""What AWS asks for, in dollars: region us-east-1, as published, looked up in November 2026."""

import math
from typing import NamedTuple

REGION, DATE = "us-east-1 (N. Virginia)", "November 2026"
GB = 2**30


class Price(NamedTuple):
    """`tiers`: up to how many units a month, dollars for a unit. `free`: units a month that every account has for free.

    `part`: of the bill. `page`: aws.amazon.com/..., where AWS publishes it.
    """

    part: str
    unit: str
    tiers: tuple[tuple[float, float], ...]
    page: str
    free: float = 0

    def dollars(self, units: float, *, less_free: bool = False) -> float:
        """For so many units in a month."""
        left = max(0.0, units - self.free) if less_free else units
        total = below = 0.0
        for up_to, price in self.tiers:
            total += min(left, up_to - below) * price
            left -= min(left, up_to - below)
            below = up_to
        return total


def _flat(price: float) -> tuple[tuple[float, float], ...]:
    return ((math.inf, price),)


TB = 1024
PRICES = {
    "out": Price(
        "data out",
        "GB to the internet",
        ((10 * TB, 0.09), (50 * TB, 0.085), (150 * TB, 0.07), (math.inf, 0.05)),
        "ec2/pricing/on-demand",
        free=100,
    ),
    "gateway": Price(
        "API Gateway",
        "request to a REST API",
        ((333e6, 3.5e-6), (1e9, 2.8e-6), (20e9, 2.38e-6), (math.inf, 1.51e-6)),
        "api-gateway/pricing",
    ),
    "invocation": Price("Lambda", "invocation", _flat(0.2e-6), "lambda/pricing", free=1e6),
    "x86_64": Price(
        "Lambda",
        "GB-second, x86_64",
        ((6e9, 1.66667e-5), (15e9, 1.5e-5), (math.inf, 1.33334e-5)),
        "lambda/pricing",
        free=400_000,
    ),
    "arm64": Price(
        "Lambda",
        "GB-second, arm64",
        ((7.5e9, 1.33334e-5), (18.75e9, 1.20001e-5), (math.inf, 1.06667e-5)),
        "lambda/pricing",
        free=400_000,
    ),
    "disk": Price("Lambda", "GB-second of /tmp over 512 MB", _flat(3.09e-8), "lambda/pricing"),
    "write": Price("DynamoDB", "write of 1 KB, on demand", _flat(0.625e-6), "dynamodb/pricing/on-demand"),
    "read": Price("DynamoDB", "consistent read of 4 KB, on demand", _flat(0.125e-6), "dynamodb/pricing/on-demand"),
    "put": Price("S3", "PUT, POST or COPY", _flat(5e-6), "s3/pricing"),
    "get": Price("S3", "GET", _flat(0.4e-6), "s3/pricing"),
    "stored": Price("S3", "GB-month of S3 Standard", _flat(0.023), "s3/pricing"),
    "sqs": Price("SQS", "request to SQS", _flat(0.4e-6), "sqs/pricing", free=1e6),
    "log": Price(
        "logs",
        "GB of logs taken in",
        ((10 * TB, 0.5), (30 * TB, 0.25), (50 * TB, 0.1), (math.inf, 0.05)),
        "cloudwatch/pricing",
        free=5,
    ),
    "trace": Price("X-Ray", "trace recorded", _flat(5e-6), "xray/pricing", free=100_000),
    "metric": Price(
        "metrics", "metric and month", ((10_000, 0.3), (250_000, 0.1), (math.inf, 0.05)), "cloudwatch/pricing", free=10
    ),
    "alarm": Price("alarms, dashboard, secret", "alarm and month", _flat(0.1), "cloudwatch/pricing", free=10),
    "dashboard": Price("alarms, dashboard, secret", "dashboard and month", _flat(3.0), "cloudwatch/pricing", free=3),
    "secret": Price("alarms, dashboard, secret", "secret and month", _flat(0.4), "secrets-manager/pricing"),
}

# Of what could be used instead, and of what a parameter adds.
FARGATE_VCPU_HOUR, FARGATE_GB_HOUR = 0.04048, 0.004445  # fargate/pricing, Linux on x86
BALANCER_HOUR = 0.0225  # elasticloadbalancing/pricing, without its capacity units
