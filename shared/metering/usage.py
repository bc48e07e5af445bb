"""The quotas of requests that a developer has in a calendar month, in UTC."""

import math
import os
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

import tally
from metering import exact
from problems import OverQuota, TooMany
from tables import Table, error_code

KEPT = timedelta(days=400)  # after the month's end
# DynamoDB updates an item at most 1,000 times a second. More is one developer's flood.
THROTTLED = {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}


class Quota(NamedTuple):
    """A monthly limit, and what counts towards it."""

    name: str
    endpoint: str  # as a refusal names it
    variable: str  # of the environment: the limit
    suffix: str = ""  # of the month, in the item's key


READS = Quota("reads", "/api/dicom/read/file/", "MONTHLY_QUOTA")
GENERATES = Quota("generates", "/api/dicom/generate/", "MONTHLY_GENERATES", "#generates")


class Count(NamedTuple):
    """How much of a quota is used, and the whole seconds until the next month."""

    limit: int
    used: int
    seconds_left: int


class Usage(Table):
    class Meta(Table.Meta):
        environment_variable = "USAGE_TABLE"

    user_id = UnicodeAttribute(hash_key=True)
    month = UnicodeAttribute(range_key=True)  # "2025-01" of reads, "2025-01#generates"
    total = NumberAttribute()
    expires = NumberAttribute()  # in seconds since 1970
    # One attribute per day, day_01 to day_31: a single update can't create a map and count in it.
    locals().update({f"day_{day:02}": NumberAttribute(default=0) for day in range(1, 32)})


def count(user_id: str, at: datetime | None = None, quota: Quota = READS) -> Count:
    """Counts a request at `at` (UTC) or now.

    Raises OverQuota beyond the limit, where the request counts as well. Raises TooMany if DynamoDB can't count that
    fast.
    """
    at = at or datetime.now(UTC)
    changes = [
        getattr(Usage, f"day_{at:%d}").add(1),
        Usage.expires.set(int((_next_month(at) + KEPT).timestamp())),
    ]
    with tally.stage("Count"):
        used = _update(user_id, f"{at:%Y-%m}{quota.suffix}", changes)
    counted = so_far(quota, used, at)
    if counted.used > counted.limit:
        raise OverQuota(
            f"Monthly API request for '{quota.endpoint}' limit exceeded.",
            retry_after=counted.seconds_left,
            quota=counted.limit,
            requests_used=used,
        )
    return counted


def so_far(quota: Quota, used: int, at: datetime | None = None) -> Count:
    """The count of a quota with `used` requests in the month of `at` (UTC) or now."""
    at = at or datetime.now(UTC)
    seconds_left = math.ceil((_next_month(at) - at).total_seconds())
    return Count(int(os.environ[quota.variable]), used, seconds_left)


def month_seconds(at: datetime) -> int:
    """How long the month of `at` (UTC) is."""
    return int((_next_month(at) - _month(at)).total_seconds())


def activity(user_id: str, at: datetime | None = None) -> dict[str, Any]:
    """{"daily_activity": [{"day": "2025-01-05", "count": 1}], "monthly_total": 1}: the days with reads of the month of
    `at` (UTC) or now, ascending."""
    month = f"{at or datetime.now(UTC):%Y-%m}"
    try:
        usage = Usage.get(user_id, month, consistent_read=True)
    except Usage.DoesNotExist:
        return {"daily_activity": [], "monthly_total": 0}
    counts = {f"{day:02}": int(getattr(usage, f"day_{day:02}")) for day in range(1, 32)}
    days = [{"day": f"{month}-{day}", "count": requests} for day, requests in counts.items() if requests]
    return {"daily_activity": days, "monthly_total": int(usage.total)}


def _update(user_id: str, month: str, changes: list[Action]) -> int:
    """How many requests there are by now."""
    try:
        return exact.add(Usage, Usage.total, (user_id, month), changes)
    except Exception as error:
        tally.add("QuotaStoreFailures")
        if isinstance(error, UpdateError) and error_code(error) in THROTTLED:
            raise TooMany("You send more requests at once than can be counted: try again.", retry_after=1) from None
        raise


def _month(at: datetime) -> datetime:
    """When the month of `at` began."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(at: datetime) -> datetime:
    # The 28th is in every month, and four days later it is the next one.
    return _month(at.replace(day=28) + timedelta(days=4))
