"""Requests that count towards a monthly quota, and whose answers say how much of it is left.

The headers follow draft-ietf-httpapi-ratelimit-headers-10: a policy has a name, a quota `q` and a window of `w`
seconds; `r` requests remain for the next `t` seconds.
"""

from datetime import UTC, datetime

from metering import usage
from metering.usage import Count, Quota
from problems import OverQuota
from web import headers


def count_request(user_id: str, quota: Quota) -> None:
    """Counts the current request, and adds the headers that say what is left. Raises OverQuota and TooMany."""
    try:
        counted = usage.count(user_id, quota=quota)
    except OverQuota as refusal:
        tell(quota, Count(refusal.details["quota"], refusal.details["quota"], refusal.retry_after))
        raise
    tell(quota, counted)


def tell(quota: Quota, counted: Count) -> None:
    """Adds the headers that say how much of the quota is left."""
    window = usage.month_seconds(datetime.now(UTC))
    remaining = max(counted.limit - counted.used, 0)
    headers.add("RateLimit-Policy", f'"{quota.name}";q={counted.limit};w={window}')
    headers.add("RateLimit", f'"{quota.name}";r={remaining};t={counted.seconds_left}')
