"""POST, GET /api-keys/: creates an API key, and lists all of them."""

from typing import Any

import web.api
from identity import api_keys
from web import repeated
from web.body import json_strings
from web.by_token import user_id_of

api = web.api.rest_api()


@api.post("/api-keys")
def create() -> tuple[dict[str, Any], int]:
    user_id = user_id_of(api.current_event)
    body = json_strings(api.current_event, "name", optional=("expires",))
    attempt = repeated.attempt(api.current_event, body, user_id)
    return api_keys.create(user_id, body["name"], body.get("expires"), attempt.nonce), 201


@api.get("/api-keys")
def show() -> list[dict[str, Any]]:
    return api_keys.list_for(user_id_of(api.current_event))


handler = web.api.lambda_handler(api)
