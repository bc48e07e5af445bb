"""What a client accepts (RFC 9110 12.5)."""

import re
from collections.abc import Sequence

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from problems import NotAcceptable

QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")
PAGE = "text/html"
PROBLEM_JSON = "application/problem+json"  # of errors alone (RFC 9457)


def chosen(event: APIGatewayProxyEvent, usual: str, others: Sequence[str]) -> str:
    """The media type to answer in: one of `others` if the request names it and prefers it to `usual`, or likes both
    alike.

    Raises NotAcceptable if the request accepts none of them.
    """
    accepted = _qualities(event.headers.get("Accept") or "")
    qualities = {name: quality for name, quality in accepted.items() if "/" in name and name != PROBLEM_JSON}
    if not qualities:
        return usual
    named = {offer: _named(offer, qualities) for offer in others}
    best = max(others, key=named.__getitem__)
    of_usual = _quality(usual, qualities)
    if named[best] > 0 and named[best] >= of_usual:
        return best
    if of_usual > 0 or PAGE in qualities:
        return usual
    raise NotAcceptable(f"Nothing that Accept names can be given: accept {usual}, {', '.join(others)}.")


def names(event: APIGatewayProxyEvent, media_type: str) -> bool:
    """Whether the request accepts this media type by its name."""
    return _qualities(event.headers.get("Accept") or "").get(media_type, 0.0) > 0


def accepts_gzip(event: APIGatewayProxyEvent) -> bool:
    """Whether the answer may be compressed. A request without Accept-Encoding does not allow it."""
    qualities = _qualities(event.headers.get("Accept-Encoding") or "")
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0


def _named(media_type: str, qualities: dict[str, float]) -> float:
    if not media_type.startswith("image/"):
        return qualities.get(media_type, 0.0)
    # Browsers and Java's URLConnection name pages and pictures in every request, and have not asked for a picture.
    return 0.0 if PAGE in qualities else qualities.get(media_type, qualities.get("image/*", 0.0))


def _quality(media_type: str, qualities: dict[str, float]) -> float:
    kind = media_type.partition("/")[0]
    return next((qualities[name] for name in (media_type, f"{kind}/*", "*/*") if name in qualities), 0.0)


def _qualities(accept: str) -> dict[str, float]:
    """Each name in lower case with its quality; the highest if a name comes several times."""
    qualities: dict[str, float] = {}
    for named in accept.lower().split(","):
        name, *parameters = (part.strip() for part in named.split(";"))
        given = [float(match[1]) for match in map(QUALITY.fullmatch, parameters) if match]
        qualities[name] = max(qualities.get(name, 0.0), *given[-1:] or [1.0])
    return qualities
