"""The body of a request, as bytes or as a JSON object of strings."""

from typing import Any

import orjson
import pybase64
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
from problems import Invalid, UnsupportedMediaType

# As the gateway hands the body over, in base64 or not. The longest texts that are taken, with each character escaped,
# are 12,000 bytes of it.
MAX_CHARACTERS_OF_STRINGS = 20_000


def media_type(event: APIGatewayProxyEvent) -> str:
    """The Content-Type without its parameters, in lower case; empty if the request has none."""
    return (event.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def body_bytes(event: APIGatewayProxyEvent) -> bytes:
    """The body as the client sent it. The gateway hands binary media types over in base64."""
    body = event.body or ""
    # It takes a tenth of the time of base64's.
    content = bytes(pybase64.b64decode(body, validate=True)) if event.is_base64_encoded else body.encode()
    tally.add("InBytes", len(content))
    return content


def json_object(event: APIGatewayProxyEvent) -> dict[str, Any]:
    """The JSON object in the body.

    A request without a Content-Type passes as JSON, since the usage guide's examples carry none.
    """
    if media_type(event) not in ("", "application/json"):
        raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
    try:
        members = orjson.loads(body_bytes(event))
    except orjson.JSONDecodeError:
        raise Invalid("The body is not valid JSON: send a JSON object.") from None
    if not isinstance(members, dict):
        raise Invalid("The body is not a JSON object: send one, in braces.")
    return members


def json_strings(event: APIGatewayProxyEvent, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The members `names` of the JSON object in the body, which have to be there, and those of `optional` that are.

    All have to be strings, and the body is a small one.
    """
    if len(event.body or "") > MAX_CHARACTERS_OF_STRINGS:
        raise Invalid(f"The body is too long: send JSON of at most {MAX_CHARACTERS_OF_STRINGS * 3 // 4:,} bytes.")
    members = json_object(event)
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
