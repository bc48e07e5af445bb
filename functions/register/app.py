"""POST /api/register/: makes an account."""

import web.api
from identity import accounts
from web.body import json_strings

api = web.api.rest_api()


@api.post("/api/register")
def register() -> tuple[dict[str, str], int]:
    body = json_strings(api.current_event, "email", "password")
    return {"email": accounts.register(body["email"], body["password"])}, 201


handler = web.api.lambda_handler(api)
