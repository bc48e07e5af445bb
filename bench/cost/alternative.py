"""What a server that always runs would cost in place of API Gateway and Lambda."""

from collections.abc import Mapping
from typing import Any

from bench.cost.bill import Deployed, dollars, of_read
from bench.cost.prices import BALANCER_HOUR, FARGATE_GB_HOUR, FARGATE_VCPU_HOUR

TASKS, VCPUS, GIGABYTES = 2, 1, 4  # two, so that one may fail
HOURS = 730  # a month
BUSY = 0.5  # of what the processor could do, so that no request has to wait


def alternative(measured: Mapping[str, Any], deployed: Deployed) -> dict[str, Any]:
    """Numbers for the page: of CT slices, sent directly."""
    case = measured["cases"]["CT slice"]
    here = dollars(of_read(measured, "CT slice", deployed))
    a_read = here["API Gateway"] + here["Lambda"]
    a_month = (TASKS * (VCPUS * FARGATE_VCPU_HOUR + GIGABYTES * FARGATE_GB_HOUR) + BALANCER_HOUR) * HOURS
    processor_seconds = (case["milliseconds"][str(deployed.memory["read"])] - case["waited"]) / 1000
    return {
        "server_month": a_month,
        "server_rate": TASKS * VCPUS * BUSY / processor_seconds,
        "server_even": a_month / a_read / 1e6,
        "server_even_rate": a_month / a_read / HOURS / 3600,
        "server_a_read": a_read * 1e6,
    }
