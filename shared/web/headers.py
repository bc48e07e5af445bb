"""Headers of answers: those that every answer has, and those that are added to the one in hand.

A process answers one request at a time.
"""

from typing import Any

EVERY = {
    "Strict-Transport-Security": "max-age=31536000",  # a year; browsers heed it over TLS alone
    "X-Content-Type-Options": "nosniff",
}
# Unless an answer says otherwise: most hold patients' data, tokens, keys, or the addresses of such.
CACHE_CONTROL = "no-store"

_added: dict[str, str] = {}


def begin() -> None:
    """Forgets what was added to the answer before."""
    _added.clear()


def add(name: str, value: str) -> None:
    """Has the answer to the request in hand carry this header, whether the request succeeds or not."""
    _added[name] = value


def complete(answer: dict[str, Any], request_id: str) -> None:
    """Puts them into a function's answer to API Gateway."""
    headers = answer["multiValueHeaders"]
    headers |= {name: [value] for name, value in {**EVERY, **_added, "X-Request-Id": request_id}.items()}
    headers.setdefault("Cache-Control", [CACHE_CONTROL])
