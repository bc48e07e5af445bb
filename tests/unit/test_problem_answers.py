"""Each problem as HTTP, in the one form that the contract has for errors."""

import json
from typing import Any

import pytest

import problems
import web.api
from web import errors

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
    answer = errors.problem_answer(problem)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert json.loads(answer.body or "") == {"error": "No."}
    assert {name: value for name, value in answer.headers.items() if name != "Content-Type"} == headers


def test_what_is_wrong_with_single_fields_is_said_beside_it() -> None:
    answer = errors.problem_answer(problems.Invalid("No.", fields=FIELDS, quota=1))
    assert json.loads(answer.body or "") == {"error": "No.", "fields": FIELDS, "quota": 1}


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
