"""The errors. The text of each is a sentence that says what to do."""

import re
from typing import Any

import httpx

FOREIGN = "The answer is not from this API: see whether the address is right."


class DicomApiError(Exception):
    """Any error with the API. An error with a file on this machine is an OSError."""


class Disconnected(DicomApiError):
    """No answer, or only a part of it, arrived."""


class ForeignAnswer(DicomApiError):
    """The answer is not from this API."""

    def __init__(self, text: str = FOREIGN) -> None:
        super().__init__(text)


class WorkFailed(DicomApiError):
    """The work on a staged upload failed."""


class Refused(DicomApiError):
    """An answer with an error. `status` is the HTTP status. `details` has the answer's other members.

    `retry_after` is the number of seconds to wait before another try, or None. `request_id` is for the API's operator.
    """

    def __init__(self, text: str, answer: httpx.Response, details: dict[str, Any]) -> None:
        super().__init__("\n".join([text, *(f"  {name}: {value}" for name, value in _lines(details))]))
        self.status = answer.status_code
        self.details = details
        self.retry_after = retry_after(answer)
        self.request_id = answer.headers.get("X-Request-Id")


class Invalid(Refused):
    """400 and other errors of the client. `fields` has a reason for each wrong field, by name."""

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.details.get("fields", {}))


class NotAuthorized(Refused):
    """401 or 403: credentials are missing, wrong or not sufficient."""


class NotFound(Refused):
    """404: there is no such thing."""


class Conflict(Refused):
    """409 or 422: it exists already, or the idempotency key was used for something else."""


class TooLarge(Refused):
    """413: too large even for a staged upload, which `read` and `generate` use by themselves."""


class TooManyRequests(Refused):
    """429, and the retries did not help."""


class QuotaReached(TooManyRequests):
    """429: the month's quota is used up. `reset` is the number of seconds until the next month."""

    @property
    def reset(self) -> int | None:
        return self.retry_after

    @property
    def quota(self) -> int:
        return int(self.details["quota"])


class ServerError(Refused):
    """5xx, and the retries did not help."""


BY_STATUS: dict[int, type[Refused]] = {
    401: NotAuthorized,
    403: NotAuthorized,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Conflict,
    429: TooManyRequests,
}


def refused(answer: httpx.Response) -> Refused:
    """The error for an answer of the API or of S3."""
    text, details = _said(answer)
    kind = BY_STATUS.get(answer.status_code, ServerError if answer.status_code >= 500 else Invalid)
    if kind is TooManyRequests and isinstance(details.get("quota"), int):
        kind = QuotaReached
    return kind(text, answer, details)


def retry_after(answer: httpx.Response) -> int | None:
    """The seconds to wait before another try, if the answer says so."""
    text = answer.headers.get("Retry-After", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _said(answer: httpx.Response) -> tuple[str, dict[str, Any]]:
    try:
        details = answer.json()
    except (ValueError, RecursionError):
        details = None
    match details:
        case {"error": str(text)} if isinstance(details.get("fields", {}), dict):
            return text, {name: value for name, value in details.items() if name != "error"}
    message = re.search(rb"<Message>(.*?)</Message>", answer.content)
    reason = message[1].decode(errors="replace") if message else answer.reason_phrase
    return f"{answer.status_code} {reason}".rstrip(), {}


def _lines(details: dict[str, Any]) -> list[tuple[str, Any]]:
    rest = [(name, value) for name, value in details.items() if name != "fields"]
    return [*details.get("fields", {}).items(), *rest]
