"""GET /api/developer/profiles/activity-summary/: this month's metered requests, a day at a time."""

from typing import Any

import web.api
from identity import developers
from metering import usage
from web.by_token import developer

api = web.api.rest_api()


@api.get("/api/developer/profiles/activity-summary")
def activity_summary() -> dict[str, Any]:
    user_id = developer(api.current_event)
    developers.require_developer(user_id)
    return usage.activity(user_id)


handler = web.api.lambda_handler(api)
