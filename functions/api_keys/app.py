"""POST, GET /api-keys/: makes an API key, and lists those there are."""

from typing import Any

import web.api
from identity import api_keys, tokens
from web.body import json_strings
from web.credentials import bearer_token

api = web.api.rest_api()


@api.post("/api-keys")
def create() -> tuple[dict[str, Any], int]:
    user_id = tokens.verify_access(bearer_token(api.current_event))
    return api_keys.create(user_id, json_strings(api.current_event, "name")["name"]), 201


@api.get("/api-keys")
def show() -> list[dict[str, Any]]:
    return api_keys.list_for(tokens.verify_access(bearer_token(api.current_event)))


handler = web.api.lambda_handler(api)
