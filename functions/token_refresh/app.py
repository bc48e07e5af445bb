"""POST /api/token/refresh/: a refresh token for a new pair of tokens."""

import web.api
from identity import sessions
from web.body import json_strings

api = web.api.rest_api()


@api.post("/api/token/refresh")
def token_refresh() -> dict[str, str]:
    return sessions.refresh(json_strings(api.current_event, "refresh")["refresh"])


handler = web.api.lambda_handler(api)
