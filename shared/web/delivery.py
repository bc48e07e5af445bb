"""Answers of any size: those that are too large for Lambda and API Gateway leave through S3."""

import orjson
import pybase64
from aws_lambda_powertools.event_handler import Response

import tally
from staging import large_answers

# Lambda's limit for an answer is 6 MB (6,291,556 bytes of JSON); the rest is room for the headers and the envelope.
MAX_BODY_CHARACTERS = 6_200_000

_PART = 1 << 16


@tally.stage("Deliver")
def deliver_json(
    body: bytes | bytearray, media_type: str = "application/json", headers: dict[str, str] | None = None
) -> Response[str]:
    """200 with the JSON text `body`, or 303 to where it can be fetched; `headers` go with both."""
    tally.add("OutBytes", len(body))
    if len(body) > MAX_BODY_CHARACTERS:  # without counting, as that needs a copy
        return _see_other(body, media_type, headers)
    text = body.decode()
    if _length_in_json(text) > MAX_BODY_CHARACTERS:
        return _see_other(body, media_type, headers)
    return Response(200, media_type, text, {**(headers or {})})


@tally.stage("Deliver")
def deliver_file(content: bytes | bytearray, media_type: str, headers: dict[str, str] | None = None) -> Response[str]:
    """200 with a file (base64 on its way to the gateway), or 303 to where it can be fetched; `headers` go with both."""
    tally.add("OutBytes", len(content))
    # Base64 makes four characters of three bytes.
    if len(content) * 4 / 3 > MAX_BODY_CHARACTERS:
        return _see_other(content, media_type, headers)
    answer = Response(200, media_type, pybase64.b64encode_as_string(content), {**(headers or {})})
    answer.base64_encoded = True
    return answer


def _length_in_json(text: str) -> int:
    """The length of the body as a JSON string, in which quotes and backslashes take two bytes."""
    # In parts that fit into the cache: 6 MB take 0.4 ms, against 2.8 ms at once and 3.1 ms to count both characters.
    parts = (text[start : start + _PART] for start in range(0, len(text), _PART))
    return sum(len(orjson.dumps(part)) - len('""') for part in parts)


def _see_other(content: bytes | bytearray, media_type: str, headers: dict[str, str] | None) -> Response[str]:
    headers = {**(headers or {})}
    location = large_answers.store(content, media_type, headers.pop("Content-Disposition", None))
    body = {"detail": "The answer is too large for a direct answer: follow Location to fetch it.", "location": location}
    return Response(303, "application/json", orjson.dumps(body).decode(), {**headers, "Location": location})
