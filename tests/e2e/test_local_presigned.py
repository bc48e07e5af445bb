"""What the local AWS refuses of presigned forms and URLs, as S3 does."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local import presigned


def form(*conditions: Any, minutes: int = 60, **fields: str) -> dict[str, str]:
    # An hour, as it may take that long from here to the test.
    policy = {"expiration": (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(), "conditions": conditions}
    return {**fields, "policy": base64.b64encode(json.dumps(policy).encode()).decode(), "x-amz-signature": "0"}


@pytest.mark.parametrize(
    "allowed",
    [
        form({"bucket": "b"}, {"key": "a"}, key="a"),
        form(["eq", "$key", "a"], key="a"),
        form(["starts-with", "$key", "uploads/"], key="uploads/a"),
        form({"Content-Type": "x/y"}, **{"content-type": "x/y"}),
        form(["content-length-range", 5, 5]),
    ],
)
def test_what_the_policy_allows(allowed: dict[str, str]) -> None:
    assert presigned.refusal(allowed, 5) is None


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (form(minutes=-1), 403, "AccessDenied"),
        (form({"key": "a"}), 403, "AccessDenied"),
        (form({"key": "a"}, key="ab"), 403, "AccessDenied"),
        (form(["starts-with", "$key", "uploads/"], key="results/a"), 403, "AccessDenied"),
        (form(key="a"), 403, "AccessDenied"),
        (form(["content-length-range", 6, 9]), 400, "EntityTooSmall"),
        (form(["content-length-range", 1, 4]), 400, "EntityTooLarge"),
    ],
)
def test_what_it_does_not(given: dict[str, str], status: int, code: str) -> None:
    refusal = presigned.refusal(given, 5)
    assert refusal
    assert refusal[0] == status
    assert f"<Code>{code}</Code>".encode() in refusal[1]


@pytest.mark.parametrize(("seconds", "expired"), [(30, True), (90, False)])
def test_a_url_has_its_time(seconds: int, expired: bool) -> None:
    signed = datetime.now(UTC) - timedelta(minutes=1)
    query = f"X-Amz-Date={signed:%Y%m%dT%H%M%SZ}&X-Amz-Expires={seconds}&X-Amz-Signature=0"
    assert presigned.has_expired(query) == expired
    assert not presigned.has_expired("list-type=2")
