"""POST /api/token/refresh/: a refresh token for a new pair of tokens."""

from identity import tokens
from web.api import lambda_handler, rest_api
from web.body import json_strings

api = rest_api()


@api.post("/api/token/refresh")
def token_refresh() -> dict[str, str]:
    return tokens.refresh(json_strings(api.current_event, "refresh")["refresh"])


handler = lambda_handler(api)
