"""Requests that clients may repeat: the Idempotency-Key header (IETF's draft-ietf-httpapi-idempotency-key-header)."""

import re
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import idempotency
from idempotency import Attempt
from problems import Invalid

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[ -~]{1,255}")


def attempt(event: APIGatewayProxyEvent, content: Any, user_id: str = "") -> Attempt:
    """The attempt that this request is, with this `content`. Raises Invalid and KeyReused.

    Without the header, each request is a new attempt.
    """
    key = event.headers.get(HEADER)
    if key is None:
        return Attempt(idempotency.new_nonce(), repeated=False)
    if not _KEY.fullmatch(key):
        raise Invalid(f"The header {HEADER} is not valid: send 1 to 255 printable ASCII characters, such as a UUID.")
    return idempotency.claim(key, (event.resource, user_id), content)
