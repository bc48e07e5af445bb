"""POST /api/register/: makes an account."""

import web.api
from identity import accounts
from web import repeated
from web.body import json_strings

api = web.api.rest_api()


@api.post("/api/register")
def register() -> tuple[dict[str, str], int]:
    body = json_strings(api.current_event, "email", "password")
    # Its password would be easier to try out on a fingerprint than on its hash, by which a repetition is compared.
    attempt = repeated.attempt(api.current_event, body["email"])
    return {"email": accounts.register(body["email"], body["password"], attempt.nonce)}, 201


handler = web.api.lambda_handler(api)
