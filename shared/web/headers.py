"""Headers of answers: those that every answer has, and those that are added to the current one.

A process answers one request at a time.
"""

from typing import Any

EVERY = {
    "Strict-Transport-Security": "max-age=31536000",  # a year; browsers heed it over TLS alone
    "X-Content-Type-Options": "nosniff",
}
# The default, as most answers hold patients' data, tokens or keys, or URLs of these.
CACHE_CONTROL = "no-store"

# Counts warnings where an answer has no place for them, as in DICOMweb (PS3.18 11.6.3.2). It quotes nothing.
WARNING = '299 - "Warnings: {}. They are in the answer to Accept: application/json."'

_added: dict[str, str] = {}


def begin() -> None:
    """Forgets the headers of the previous answer."""
    _added.clear()


def add(name: str, value: str) -> None:
    """Adds a header to the answer to the current request, whether it succeeds or not."""
    _added[name] = value


def warning(warned: int) -> dict[str, str]:
    """The header that says how many warnings there are, if there are any."""
    return {"Warning": WARNING.format(warned)} if warned else {}


def complete(answer: dict[str, Any], request_id: str) -> None:
    """Adds all headers to a function's answer to API Gateway."""
    headers = answer["multiValueHeaders"]
    headers |= {name: [value] for name, value in {**EVERY, **_added, "X-Request-Id": request_id}.items()}
    headers.setdefault("Cache-Control", [CACHE_CONTROL])
