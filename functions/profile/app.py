"""POST, GET /api/developer/profiles/: creates and shows the developer's profile."""

import web.api
from identity import developers
from web import repeated
from web.body import json_strings
from web.by_token import user_id_of

api = web.api.rest_api()


@api.post("/api/developer/profiles")
def create() -> tuple[dict[str, str], int]:
    user_id = user_id_of(api.current_event)
    body = json_strings(api.current_event, "purpose", "organization")
    attempt = repeated.attempt(api.current_event, body, user_id)
    return developers.create_profile(user_id, body["purpose"], body["organization"], attempt.nonce), 201


@api.get("/api/developer/profiles")
def show() -> dict[str, str]:
    return developers.get_profile(user_id_of(api.current_event))


handler = web.api.lambda_handler(api)
