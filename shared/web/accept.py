"""What a client accepts (RFC 9110 12.5)."""

import re

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")


def prefers(event: APIGatewayProxyEvent, wanted: str, usual: str) -> bool:
    """Whether the request names the media type `wanted`, and likes it no less than `usual`."""
    qualities = _qualities(event.headers.get("Accept") or "")
    kind = usual.partition("/")[0]
    of_usual = next((qualities[name] for name in (usual, f"{kind}/*", "*/*") if name in qualities), 0.0)
    return qualities.get(wanted, 0.0) > 0 and qualities[wanted] >= of_usual


def accepts_gzip(event: APIGatewayProxyEvent) -> bool:
    """Whether the answer may come compressed, which a request without Accept-Encoding does not say."""
    qualities = _qualities(event.headers.get("Accept-Encoding") or "")
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0


def _qualities(accept: str) -> dict[str, float]:
    """Each thing named in lower case with its quality, the highest where one comes with several parameters."""
    qualities: dict[str, float] = {}
    for named in accept.lower().split(","):
        name, *parameters = (part.strip() for part in named.split(";"))
        given = [float(match[1]) for match in map(QUALITY.fullmatch, parameters) if match]
        qualities[name] = max(qualities.get(name, 0.0), *given[-1:] or [1.0])
    return qualities
