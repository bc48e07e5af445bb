"""What a client can get wrong. Domain code raises these; `web.errors` alone turns them into HTTP answers."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

# A message may quote a hostile request, and must still fit into an answer and a job's record.
MAX_MESSAGE = 2000
MAX_FIELDS = 100
MAX_NAME = 80


class Problem(Exception):
    """Something that the client can fix.

    `message` is one plain sentence that says what to do. It is for the client only and is never logged, as it may quote
    what the client sent. Long messages are cut. `fields` gives the reason for each field; `details` are further members
    of the answer.
    """

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = _short(message, MAX_MESSAGE)
        self.fields = {
            _short(name, MAX_NAME): _short(why, MAX_MESSAGE) for name, why in islice((fields or {}).items(), MAX_FIELDS)
        }
        self.details = details


def _short(text: str, most: int) -> str:
    """The text as valid Unicode, cut to `most` characters with an ellipsis."""
    kept = text if len(text) <= most else text[: most - 1] + "…"
    return kept.encode("utf-8", "replace").decode()


class Invalid(Problem):
    """The request is malformed, or not what the endpoint takes."""


def not_valid(name: str, why: str, *, what: str = "field") -> Invalid:
    """The problem of one field (or `what` else) of a request. `why`: a sentence that says what to send."""
    return Invalid(f"The {what} {name} is not valid: {why[0].lower()}{why[1:]}", fields={name: why})


class Unusable(Invalid):
    """A frame, an image or a field's text can't be used. The message says why, and is a part of a sentence.

    Whoever raises it knows the reason, and whoever catches it knows what it is about: "Frame 3 can't be shown: …".
    """


class NotAuthenticated(Problem):
    """Credentials are missing, malformed, unknown, deleted or expired. `scheme`: Bearer or ApiKey, which to send."""

    def __init__(self, message: str, *, scheme: str = "Bearer") -> None:
        super().__init__(message)
        self.scheme = scheme


class NotAllowed(Problem):
    """The developer is known, but not allowed to do this."""


class NotAcceptable(Problem):
    """Nothing that the client accepts can be given."""


class NotFound(Problem):
    """There is no such thing. Other developers' things count as missing."""


class Conflict(Problem):
    """It exists already."""


class KeyReused(Problem):
    """The Idempotency-Key was used with another request before."""


class TooLarge(Problem):
    """More than a direct request can carry or process; a staged upload may do."""


class BodyTooLarge(Problem):
    """More than the endpoint takes, and a staged upload would not help."""


class UnsupportedMediaType(Problem):
    """The body is of a media type that the endpoint does not take."""


class TooMany(Problem):
    """Over a limit. `retry_after`: whole seconds until it is worth asking again."""

    def __init__(self, message: str, *, retry_after: int, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class OverQuota(TooMany):
    """Over the quota of the month."""
