"""Answers with an error: the one place that turns problems into HTTP.

A client that accepts application/problem+json gets an error by RFC 9457, whose type never changes; others get
`{"error": …}`, as docs/usage-guide.md shows it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import problems
import tally
from problems import Problem
from web import accept

TYPE = "urn:dicom-api:problem:"


class Kind(NamedTuple):
    """A kind of problem in HTTP. `name` is the end of its type, and `title` a short description (RFC 9457 3.1)."""

    status: int
    name: str
    title: str


KINDS: dict[type[Problem], Kind] = {
    problems.Invalid: Kind(400, "invalid", "The request is not valid"),
    problems.NotAuthenticated: Kind(401, "not-authenticated", "The credentials are not valid"),
    problems.NotAllowed: Kind(403, "not-allowed", "This is not allowed"),
    problems.NotFound: Kind(404, "not-found", "There is no such thing"),
    problems.NotAcceptable: Kind(406, "not-acceptable", "What Accept names can not be given"),
    problems.Conflict: Kind(409, "conflict", "It exists already"),
    problems.TooLarge: Kind(413, "too-large", "The request is too large"),
    problems.BodyTooLarge: Kind(413, "too-large", "The request is too large"),
    problems.UnsupportedMediaType: Kind(415, "unsupported-media-type", "The media type is not taken"),
    problems.KeyReused: Kind(422, "key-reused", "The Idempotency-Key was used for another request"),
    problems.OverQuota: Kind(429, "over-quota", "The month's quota is used up"),
    problems.TooMany: Kind(429, "too-many-requests", "There were too many requests"),
}
DEFECT = Kind(500, "defect", "Something went wrong on the side of the service")
OUTAGE = Kind(503, "outage", "A part of the service does not answer")

OUTAGE_SECONDS = 5  # to wait after a failure of AWS


def problem_answer(event: APIGatewayProxyEvent, problem: Problem) -> Response[str]:
    """The answer to a request with this problem, with its `fields` and details."""
    tally.add(f"Refused{type(problem).__name__}")
    message = problem.message
    if isinstance(problem, problems.TooLarge):
        message = message.removesuffix(".") + ", or use a staged upload (POST /api/dicom/uploads/)."
    details: dict[str, Any] = {**problem.details}
    if problem.fields:
        details["fields"] = problem.fields
    headers: dict[str, str | list[str]] = {}
    if isinstance(problem, problems.NotAuthenticated):
        headers["WWW-Authenticate"] = problem.scheme
    if isinstance(problem, problems.TooMany):
        headers["Retry-After"] = str(problem.retry_after)
    kind = next(kind for of, kind in KINDS.items() if isinstance(problem, of))
    return _answer(event, kind, message, details, headers)


def defect_answer(event: APIGatewayProxyEvent) -> Response[str]:
    """The answer to a request that met a defect of ours."""
    return _answer(event, DEFECT, "Something went wrong on our side, and we have been told: try again later.")


def outage_answer(event: APIGatewayProxyEvent) -> Response[str]:
    """The answer to a request during an outage of AWS."""
    message = "A part of the service does not answer at the moment: wait as long as Retry-After says, then try again."
    return _answer(event, OUTAGE, message, headers={"Retry-After": str(OUTAGE_SECONDS)})


def _answer(
    event: APIGatewayProxyEvent,
    kind: Kind,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str | list[str]] | None = None,
) -> Response[str]:
    media_type, body = "application/json", {"error": message, **(details or {})}
    if accept.names(event, accept.PROBLEM_JSON):
        media_type = accept.PROBLEM_JSON
        described = {"type": TYPE + kind.name, "title": kind.title, "status": kind.status, "detail": message}
        body = {**described, **(details or {})}
    return Response(kind.status, media_type, orjson.dumps(body).decode(), {"Vary": "Accept", **(headers or {})})
