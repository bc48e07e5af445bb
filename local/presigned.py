"""What S3 checks of a presigned form or URL, and moto does not. The signature is not looked at."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

# Fields that a policy need not name. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
FREE = ("policy", "x-amz-signature", "file")


def has_expired(query: str) -> bool:
    """Whether it is the query of a presigned URL whose time is over."""
    if "X-Amz-Expires=" not in query:
        return False
    fields = parse_qs(query)
    signed = datetime.strptime(fields["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z")
    return signed + timedelta(seconds=int(fields["X-Amz-Expires"][0])) < datetime.now(UTC)


def refusal(form: Mapping[str, str], size: int) -> tuple[int, bytes] | None:
    """Status and body of S3's refusal, if the form's policy does not allow its fields, or a file of `size` bytes."""
    fields = {name.lower(): value for name, value in form.items()}
    policy = json.loads(base64.b64decode(fields["policy"]))
    if datetime.fromisoformat(policy["expiration"]) < datetime.now(UTC):
        return 403, error("AccessDenied", "Invalid according to Policy: Policy expired.")
    named = set(FREE)
    for kind, name, value in _conditions(policy["conditions"]):
        if kind == "content-length-range":
            if size < name:
                return 400, error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
            if size > value:
                return 400, error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            continue
        named.add(name)
        # S3 takes the bucket from the address.
        given = fields.get(name, "") if name != "bucket" else value
        if given != value and not (kind == "starts-with" and given.startswith(value)):
            return 403, error("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {name}")
    if extra := [name for name in fields if name not in named]:
        return 403, error("AccessDenied", f"Invalid according to Policy: Extra input fields: {extra[0]}")
    return None


def error(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>".encode()


def _conditions(given: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """(kind, field's name, value) of each, or ("content-length-range", least, most)."""
    for condition in given:
        if isinstance(condition, dict):
            yield from (("eq", name.lower(), value) for name, value in condition.items())
        else:
            kind, name, value = condition
            yield (kind, name.removeprefix("$").lower(), value) if isinstance(name, str) else (kind, name, value)
