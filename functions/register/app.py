"""POST /api/register/: makes an account."""

from identity import accounts
from web.api import lambda_handler, rest_api
from web.body import json_strings

api = rest_api()


@api.post("/api/register")
def register() -> tuple[dict[str, str], int]:
    body = json_strings(api.current_event, "email", "password")
    return {"email": accounts.register(body["email"], body["password"])}, 201


handler = lambda_handler(api)
