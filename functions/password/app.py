"""POST /api/password/: a new password for the old one. All other sessions of the account end."""

import web.api
from identity import accounts, sessions
from web.body import json_strings
from web.by_token import session

api = web.api.rest_api()


@api.post("/api/password")
def password() -> dict[str, str]:
    email = session(api.current_event).email
    body = json_strings(api.current_event, "old_password", "new_password")
    source = api.current_event.request_context.identity.source_ip
    return sessions.begin(accounts.change_password(email, body["old_password"], body["new_password"], source))


handler = web.api.lambda_handler(api)
