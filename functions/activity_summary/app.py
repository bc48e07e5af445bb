"""GET /api/developer/profiles/activity-summary/: the metered requests of a month, by day, for a token or an API key."""

from datetime import UTC, datetime
from typing import Any

import web.api
from identity import developers
from metering import usage
from problems import Invalid, not_valid
from web import by_api_key, by_token, credentials, metered

MAX_MONTH_CHARACTERS = 8  # one more than a month has

api = web.api.rest_api()


@api.get("/api/developer/profiles/activity-summary")
def activity_summary() -> dict[str, Any]:
    user_id = _user_id()
    month = _month(api.current_event.resolved_query_string_parameters)
    used = usage.activity(user_id, month)
    this_month = used if month is None else usage.activity(user_id)
    metered.tell(usage.READS, usage.so_far(usage.READS, this_month["monthly_total"]))
    return used


def _user_id() -> str:
    if credentials.scheme(api.current_event) == "apikey":
        return by_api_key.user_id_of(api.current_event)
    user_id = by_token.user_id_of(api.current_event)
    developers.require_developer(user_id)
    return user_id


def _month(query: dict[str, list[str]]) -> datetime | None:
    """The first of the month that the query names; None if it names none. Raises Invalid."""
    if others := query.keys() - {"month"}:
        fields = dict.fromkeys(sorted(others), "There is no such parameter.")
        raise Invalid("The query may have month=YYYY-MM, and nothing else.", fields=fields)
    if "month" not in query:
        return None
    try:
        (text,) = query["month"]
        month = datetime.strptime(text[:MAX_MONTH_CHARACTERS], "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        month = None
    if month is None or text != f"{month:%Y-%m}":
        why = "Send a month as YYYY-MM, such as 2026-10, once."
        raise not_valid("month", why, what="parameter")
    return month


handler = web.api.lambda_handler(api)
