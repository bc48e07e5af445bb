"""POST /api/token/: an e-mail address and a password for an access and a refresh token."""

import web.api
from identity import accounts, sessions
from web.body import json_strings

api = web.api.rest_api()


@api.post("/api/token")
def token() -> dict[str, str]:
    body = json_strings(api.current_event, "email", "password")
    source = api.current_event.request_context.identity.source_ip
    return sessions.begin(accounts.authenticate(body["email"], body["password"], source))


handler = web.api.lambda_handler(api)
