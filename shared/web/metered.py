"""Requests that count against a monthly quota, and say how much of it is left.

The headers are those of the IETF's draft-ietf-httpapi-ratelimit-headers-10: a policy by its name, with its quota `q` in
a window of `w` seconds, and what remains, `r`, for the next `t` seconds.
"""

from datetime import UTC, datetime

from metering import usage
from metering.usage import Quota
from problems import OverQuota
from web import headers


def count(user_id: str, quota: Quota) -> None:
    """Counts the request in hand. Raises OverQuota and TooMany, as `usage.count` does."""
    try:
        counted = usage.count(user_id, quota=quota)
    except OverQuota as refusal:
        _tell(quota, refusal.details["quota"], 0, refusal.retry_after)
        raise
    _tell(quota, counted.limit, counted.limit - counted.used, counted.seconds_left)


def _tell(quota: Quota, limit: int, remaining: int, seconds_left: int) -> None:
    window = usage.month_seconds(datetime.now(UTC))
    headers.add("RateLimit-Policy", f'"{quota.name}";q={limit};w={window}')
    headers.add("RateLimit", f'"{quota.name}";r={remaining};t={seconds_left}')
