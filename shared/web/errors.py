"""Answers with an error: the one place that turns problems into HTTP."""

import orjson
from aws_lambda_powertools.event_handler import Response

import problems
import tally
from problems import Problem

STATUSES: dict[type[Problem], int] = {
    problems.Invalid: 400,
    problems.NotAuthenticated: 401,
    problems.NotAllowed: 403,
    problems.NotFound: 404,
    problems.Conflict: 409,
    problems.TooLarge: 413,
    problems.BodyTooLarge: 413,
    problems.UnsupportedMediaType: 415,
    problems.KeyReused: 422,
    problems.TooMany: 429,
}

OUTAGE_SECONDS = 5  # until it is worth asking again after AWS has failed


def problem_answer(problem: Problem) -> Response[str]:
    """`{"error": …}` with `fields` and further details where the problem has them."""
    tally.add(f"Refused{type(problem).__name__}")
    message = problem.message
    if isinstance(problem, problems.TooLarge):
        message = message.removesuffix(".") + ", or use a staged upload (POST /api/dicom/uploads/)."
    body = {"error": message, **problem.details}
    if problem.fields:
        body["fields"] = problem.fields
    headers: dict[str, str | list[str]] = {}
    if isinstance(problem, problems.NotAuthenticated):
        headers["WWW-Authenticate"] = problem.scheme
    if isinstance(problem, problems.TooMany):
        headers["Retry-After"] = str(problem.retry_after)
    status = next(status for kind, status in STATUSES.items() if isinstance(problem, kind))
    return _json(status, body, headers)


def defect_answer() -> Response[str]:
    """What a client sees of a defect of ours."""
    return _json(500, {"error": "Something went wrong on our side, and we have been told: try again later."}, {})


def outage_answer() -> Response[str]:
    """What a client sees when AWS fails us."""
    error = "A part of the service does not answer at the moment: wait as long as Retry-After says, then try again."
    return _json(503, {"error": error}, {"Retry-After": str(OUTAGE_SECONDS)})


def _json(status: int, body: dict[str, object], headers: dict[str, str | list[str]]) -> Response[str]:
    return Response(status, "application/json", orjson.dumps(body).decode(), headers)
