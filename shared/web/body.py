"""The body of a request, as bytes or as a JSON object of strings."""

from typing import Any

import orjson
import pybase64
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
from problems import BodyTooLarge, Invalid, UnsupportedMediaType

# The longest accepted texts take 12,000 bytes if each character is escaped.
MAX_BYTES_OF_STRINGS = 15_000


def media_type(event: APIGatewayProxyEvent) -> str:
    """The Content-Type without its parameters, in lower case; empty if the request has none."""
    return (event.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def body_bytes(event: APIGatewayProxyEvent) -> bytes:
    """The body as the client sent it. The gateway hands binary media types over in base64."""
    body = event.body or ""
    # A tenth of the time of the standard library's base64.
    content = bytes(pybase64.b64decode(body, validate=True)) if event.is_base64_encoded else body.encode()
    tally.add("InBytes", len(content))
    return content


def json_object(event: APIGatewayProxyEvent, max_bytes: int) -> dict[str, Any]:
    """The JSON object in the body, which has `max_bytes` at the most; what has more is not looked at.

    A request without a Content-Type passes as JSON, since the examples of docs/usage-guide.md carry none.
    """
    if media_type(event) not in ("", "application/json"):
        raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
    content = body_bytes(event)
    if len(content) > max_bytes:
        raise BodyTooLarge(
            f"The JSON in the body has {len(content):,} bytes, and {max_bytes:,} are the most: "
            "send fewer or shorter fields."
        )
    try:
        members = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Invalid("The body is not valid JSON: send a JSON object.") from None
    if not isinstance(members, dict):
        raise Invalid("The body is not a JSON object: send one, in braces.")
    return members


def json_strings(event: APIGatewayProxyEvent, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The required members `names` of the JSON object in the body, and those of `optional` that are present.

    All must be strings.
    """
    members = json_object(event, MAX_BYTES_OF_STRINGS)
    fields = {}
    for name in (*names, *optional):
        if name not in members:
            if name in names:
                fields[name] = "This field is required."
        elif not isinstance(members[name], str):
            fields[name] = "This field must be a string."
    if fields:
        raise Invalid("Some fields are missing or of the wrong type: " + ", ".join(fields) + ".", fields=fields)
    return {name: members[name] for name in (*names, *optional) if name in members}
