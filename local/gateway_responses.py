"""The gateway's own answers, by the template's GatewayResponses."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

# Response type, status and message of API Gateway, by the status that Werkzeug has for the case.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
TYPES = {
    404: ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token"),
    405: ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token"),
    413: ("REQUEST_TOO_LARGE", 413, "Request Too Long"),
    500: ("API_CONFIGURATION_ERROR", 500, "Internal server error"),
    502: ("INTEGRATION_FAILURE", 502, "Internal server error"),
    504: ("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out"),
}
PLAIN_BODY = '{"message": $context.error.messageString}'


def answer(responses: Mapping[str, Mapping[str, Any]], error: HTTPException, request_id: str) -> Response:
    """The answer to the request `request_id`, which reached no function, or whose function failed."""
    code = error.code or 500
    kind, status, message = TYPES.get(code, ("BAD_REQUEST", code, error.description or error.name))
    response = responses.get(kind) or responses.get(f"DEFAULT_{status // 100}XX") or {}
    body = response.get("ResponseTemplates", {}).get("application/json", PLAIN_BODY)
    headers = response.get("ResponseParameters", {}).get("Headers", {})
    return Response(
        body.replace("$context.error.messageString", json.dumps(message)),
        response.get("StatusCode", status),
        {name: request_id if value == "context.requestId" else value.strip("'") for name, value in headers.items()},
        content_type="application/json",
    )
