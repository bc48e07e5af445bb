"""What a client can get wrong. Domain code raises these; `web.errors` alone turns them into HTTP answers."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

# What quotes a hostile request must fit into an answer, and into a job's record.
MAX_MESSAGE = 2000
MAX_FIELDS = 100
MAX_NAME = 80


class Problem(Exception):
    """Something that the client can mend.

    `message` is one plain sentence that says what to do. It is for the client only and is never logged: it may quote
    what the client sent, of which it keeps the beginning. `fields` says why, a field at a time; `details` are further
    members of the answer.
    """

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = _short(message, MAX_MESSAGE)
        self.fields = {
            _short(name, MAX_NAME): _short(why, MAX_MESSAGE) for name, why in islice((fields or {}).items(), MAX_FIELDS)
        }
        self.details = details


def _short(text: str, most: int) -> str:
    """The text as Unicode that JSON has a place for, with an ellipsis in place of its end if it is longer."""
    kept = text if len(text) <= most else text[: most - 1] + "…"
    return kept.encode("utf-8", "replace").decode()


class Invalid(Problem):
    """Malformed, or not what the endpoint takes."""


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
    """Known, but not allowed."""


class NotAcceptable(Problem):
    """Nothing that the client accepts can be given."""


class NotFound(Problem):
    """No such thing; another developer's things are no such thing either."""


class Conflict(Problem):
    """It exists already."""


class KeyReused(Problem):
    """An Idempotency-Key that came with another request before."""


class TooLarge(Problem):
    """More than a direct request can carry or do."""


class BodyTooLarge(Problem):
    """More than the endpoint takes, and a staged upload is no way around it."""


class UnsupportedMediaType(Problem):
    """The body is of a media type that the endpoint does not take."""


class TooMany(Problem):
    """Over a limit. `retry_after`: whole seconds until it is worth asking again."""

    def __init__(self, message: str, *, retry_after: int, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class OverQuota(TooMany):
    """Over the quota of the month."""
