"""Each problem as HTTP, in the one form for errors (docs/usage-guide.md)."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import problems
import web.api
from web import errors

ANY = APIGatewayProxyEvent({"headers": {"Accept": "*/*"}})
RFC_9457 = APIGatewayProxyEvent({"headers": {"accept": "application/json, application/problem+json;q=0.9"}})

FIELDS = {"name": "Send a name."}
ANSWERS: list[tuple[problems.Problem, int, dict[str, str]]] = [
    (problems.Invalid("No."), 400, {}),
    (problems.NotAuthenticated("No.", scheme="ApiKey"), 401, {"WWW-Authenticate": "ApiKey"}),
    (problems.NotAuthenticated("No."), 401, {"WWW-Authenticate": "Bearer"}),
    (problems.NotAllowed("No."), 403, {}),
    (problems.NotFound("No."), 404, {}),
    (problems.Conflict("No."), 409, {}),
    (problems.UnsupportedMediaType("No."), 415, {}),
    (problems.TooMany("No.", retry_after=7), 429, {"Retry-After": "7"}),
    (problems.OverQuota("No.", retry_after=8), 429, {"Retry-After": "8"}),
]


@pytest.mark.parametrize(("problem", "status", "headers"), ANSWERS)
def test_a_problem_has_its_status_and_headers(problem: problems.Problem, status: int, headers: dict[str, str]) -> None:
    answer = errors.problem_answer(ANY, problem)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert json.loads(answer.body or "") == {"error": "No."}
    assert {name: value for name, value in answer.headers.items() if name != "Content-Type"} == {
        "Vary": "Accept",
        **headers,
    }


def test_what_is_wrong_with_single_fields_is_said_beside_it() -> None:
    answer = errors.problem_answer(ANY, problems.Invalid("No.", fields=FIELDS, quota=1))
    assert json.loads(answer.body or "") == {"error": "No.", "fields": FIELDS, "quota": 1}


@pytest.mark.parametrize(("problem", "status", "headers"), ANSWERS)
def test_a_problem_as_rfc_9457_has_it(problem: problems.Problem, status: int, headers: dict[str, str]) -> None:
    answer = errors.problem_answer(RFC_9457, problem)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    body = json.loads(answer.body or "")
    assert body.keys() == {"type", "title", "status", "detail"}
    assert (body["status"], body["detail"]) == (status, "No.")
    assert {name: value for name, value in answer.headers.items() if name != "Content-Type"} == {
        "Vary": "Accept",
        **headers,
    }


def test_its_details_stand_beside_it() -> None:
    answer = errors.problem_answer(RFC_9457, problems.Invalid("No.", fields=FIELDS, quota=1))
    body = json.loads(answer.body or "")
    assert (body["detail"], body["fields"], body["quota"]) == ("No.", FIELDS, 1)


def test_types_of_problems_never_change() -> None:
    """Programs compare types, so one may be added here, but none changed."""
    assert [
        (kind.status, kind.name) for kind in dict.fromkeys((*errors.KINDS.values(), errors.DEFECT, errors.OUTAGE))
    ] == [
        (400, "invalid"),
        (401, "not-authenticated"),
        (403, "not-allowed"),
        (404, "not-found"),
        (406, "not-acceptable"),
        (409, "conflict"),
        (413, "too-large"),
        (415, "unsupported-media-type"),
        (422, "key-reused"),
        (429, "over-quota"),
        (429, "too-many-requests"),
        (500, "defect"),
        (503, "outage"),
    ]


def test_every_problem_has_its_kind() -> None:
    kinds = {kind for kind in vars(problems).values() if isinstance(kind, type) and issubclass(kind, problems.Problem)}
    for kind in kinds - {problems.Problem}:
        assert any(issubclass(kind, known) for known in errors.KINDS), (
            f"Name {kind.__name__} in KINDS of web/errors.py."
        )


def test_a_page_may_see_every_header_that_means_something_to_it() -> None:
    headers: dict[str, Any] = web.api.CORS.to_dict("https://viewer.example.com")
    assert set(headers["Access-Control-Expose-Headers"].split(",")) == {
        "Content-Disposition",
        "ETag",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Warning",
        "WWW-Authenticate",
        "X-Request-Id",
        "x-amzn-Remapped-WWW-Authenticate",
    }
    assert int(headers["Access-Control-Max-Age"]) == 7200
