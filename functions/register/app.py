"""POST /api/register/: creates an account."""

import web.api
from identity import accounts
from web import repeated
from web.body import json_strings

api = web.api.rest_api()


@api.post("/api/register")
def register() -> tuple[dict[str, str], int]:
    body = json_strings(api.current_event, "email", "password")
    # The password is left out: guessing it from a fingerprint would be easier than from its hash. A retry is compared
    # by
    # the hash.
    attempt = repeated.attempt(api.current_event, body["email"])
    return {"email": accounts.register(body["email"], body["password"], attempt.nonce)}, 201


handler = web.api.lambda_handler(api)
