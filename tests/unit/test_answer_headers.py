"""Headers that every answer has, and headers that belong to one request."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import web.api
from metering import usage
from problems import Invalid, OverQuota, TooMany
from tests.integration.lambda_context import CONTEXT
from web import headers, metered

Answer = Callable[..., dict[str, str]]
EVENT = Path(__file__).parents[2] / "events/api_keys.json"
EVERY = {
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


@pytest.fixture
def answer() -> Answer:
    """answer(do) runs `do` as a function, and returns its answer's headers, with `status` and `body` among them."""
    work: list[Callable[[], Any]] = []
    api = web.api.rest_api()

    @api.get("/api-keys")
    def _() -> Any:
        return work.pop()()

    handler = web.api.lambda_handler(api)

    def answered(do: Callable[[], Any], request_id: str = "one", **event: Any) -> dict[str, str]:
        work[:] = [do]
        request = {**json.loads(EVENT.read_text()), "httpMethod": "GET", **event}
        request["requestContext"]["requestId"] = request_id
        found = handler(request, CONTEXT)
        sent = {name: ", ".join(values) for name, values in found["multiValueHeaders"].items()}
        return {**sent, "status": str(found["statusCode"]), "body": found["body"]}

    return answered


def fail(error: Exception) -> Callable[[], None]:
    def raising() -> None:
        headers.add("RateLimit", "spent")
        raise error

    return raising


@pytest.mark.parametrize("do", [dict, fail(Invalid("No.")), fail(ValueError("a defect"))])
def test_every_answer_has_them(answer: Answer, do: Callable[[], Any]) -> None:
    assert answer(do, "an id").items() >= {**EVERY, "X-Request-Id": "an id"}.items()


def test_a_preflight_and_a_route_that_there_is_not_have_them_too(answer: Answer) -> None:
    for event in ({"httpMethod": "OPTIONS"}, {"path": "/nothing"}):
        assert answer(dict, "two", **event).items() >= {**EVERY, "X-Request-Id": "two"}.items()


def test_what_no_route_takes_is_answered_in_our_words(answer: Answer) -> None:
    found = answer(dict, path="/nothing")
    assert found["Content-Type"] == "application/json"
    assert int(found["status"]) == 404
    assert json.loads(found["body"]) == {"error": "There is no such thing: check the address."}


def test_an_answer_may_be_kept_if_it_says_so(answer: Answer) -> None:
    def public() -> web.api.Response[str]:
        return web.api.Response(200, "application/json", "{}", {"Cache-Control": "public"})

    assert answer(public)["Cache-Control"] == "public"


@pytest.mark.parametrize("error", [Invalid("No."), ValueError("a defect")])
def test_what_is_added_is_in_this_answer_alone(answer: Answer, error: Exception) -> None:
    assert answer(fail(error))["RateLimit"] == "spent"
    assert "RateLimit" not in answer(dict)


@pytest.mark.parametrize(("quota", "name"), [(usage.READS, "reads"), (usage.GENERATES, "generates")])
def test_a_metered_answer_says_what_is_left(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, quota: usage.Quota, name: str
) -> None:
    asked = []

    def count(user_id: str, *, quota: usage.Quota) -> usage.Count:
        asked.append((user_id, quota))
        return usage.Count(1000, 998, 86400)

    monkeypatch.setattr(usage, "count", count)
    monkeypatch.setattr(usage, "month_seconds", lambda _: 2592000)
    found = answer(lambda: metered.count_request("ann", quota))
    assert found["RateLimit-Policy"] == f'"{name}";q=1000;w=2592000'
    assert found["RateLimit"] == f'"{name}";r=2;t=86400'
    assert asked == [("ann", quota)]


def test_beyond_the_quota_nothing_is_left(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OverQuota("Enough.", retry_after=77, quota=5, requests_used=9)

    monkeypatch.setattr(usage, "count", refuse)
    found = answer(lambda: metered.count_request("ann", usage.READS))
    assert found["RateLimit"] == '"reads";r=0;t=77'
    assert found["RateLimit-Policy"].startswith('"reads";q=5;w=')
    assert found["Retry-After"] == "77"


def test_what_could_not_be_counted_says_nothing_of_a_quota(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise TooMany("Slower.", retry_after=1)

    monkeypatch.setattr(usage, "count", refuse)
    assert not {"RateLimit", "RateLimit-Policy"} & set(answer(lambda: metered.count_request("ann", usage.READS)))
