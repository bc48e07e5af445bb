"""Requests to the endpoints of accounts, sessions and keys: limits on their size, and changes of passwords."""

import base64
import json
from typing import Any

import pytest
from argon2 import PasswordHasher

from events import build
from identity import accounts, developers, passwords, sessions
from tests.integration import functions
from tests.integration.lambda_context import CONTEXT
from web import body, credentials

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

EMAIL, PASSWORD = "ann@example.com", "securepassword123"
MARKS = "e" + "\u0301\u0316" * 60_000  # normalising it would take quadratic time
NOBODY = build.Caller()
Answer = tuple[int, dict[str, Any]]


@pytest.fixture(autouse=True)
def caller(aws: None, monkeypatch: pytest.MonkeyPatch) -> build.Caller:  # noqa: ARG001
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts.create_account(EMAIL, PASSWORD)
    account = accounts.authenticate(EMAIL, PASSWORD, "127.0.0.1")
    developers.create_profile(account.user_id, "testing", "Us")
    return build.Caller(EMAIL, PASSWORD, **sessions.begin(account))


def send(
    name: str, content: Any, caller: build.Caller = NOBODY, authorization: str = "", source: str = "127.0.0.1"
) -> Answer:
    """Status and body of the answer to a POST. `content` is text, or a value to send as JSON."""
    event = build.events(caller)[name]
    text = content if isinstance(content, str) else json.dumps(content)
    if authorization:
        event["headers"]["Authorization"] = authorization
        event["multiValueHeaders"]["Authorization"] = [authorization]
    event["requestContext"]["identity"]["sourceIp"] = source
    event |= {"body": base64.b64encode(text.encode()).decode(), "isBase64Encoded": True, "httpMethod": "POST"}
    answer = functions.load(name).handler(event, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize("name", ["register", "token"])
@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_text_that_takes_long_to_normalise_is_refused(name: str, field: str, escaped: bool) -> None:
    content = json.dumps({"email": EMAIL, "password": PASSWORD, field: MARKS}, ensure_ascii=escaped)
    status, answer = send(name, content)
    assert status == 413
    assert "15,000 are the most" in answer["error"]


@pytest.mark.parametrize("name", ["register", "token", "token_refresh", "password", "profile", "api_keys"])
def test_a_long_body_is_refused_before_it_is_parsed(
    name: str, caller: build.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(body, "orjson")
    status, answer = send(name, "[" * 15_001, caller)
    assert status == 413
    assert "15,000 are the most" in answer["error"]


def test_the_longest_texts_fit() -> None:
    longest = {"purpose": "🩻" * 500, "organization": "🩻" * 500}
    accounts.create_account("bob@example.com", PASSWORD)
    bob = sessions.begin(accounts.authenticate("bob@example.com", PASSWORD, "127.0.0.1"))
    assert send("profile", json.dumps(longest), build.Caller(**bob)) == (201, longest)


@pytest.mark.parametrize("field", ["purpose", "organization"])
def test_a_long_text_is_refused_by_its_length(field: str, caller: build.Caller) -> None:
    texts = {"purpose": "testing", "organization": "Us", field: " " * 501}
    status, answer = send("profile", texts, caller)
    assert (status, answer["fields"]) == (400, {field: "It must have at most 500 characters."})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_scheme_is_in_any_case(scheme: str, caller: build.Caller) -> None:
    assert send("api_keys", {"name": "key"}, authorization=f"{scheme} {caller.access}")[0] == 201


def test_a_long_header_is_refused_by_its_length(caller: build.Caller) -> None:
    padded = f"Bearer {' ' * credentials.MAX_CHARACTERS}{caller.access}"
    status, answer = send("api_keys", {"name": "key"}, authorization=padded)
    assert status == 401
    assert "Send an access token" in answer["error"]


def test_a_key_may_have_an_end(caller: build.Caller) -> None:
    status, answer = send("api_keys", {"name": "key", "expires": "2100-01-01"}, caller)
    assert (status, answer["expires"]) == (201, "2100-01-01T00:00:00Z")
    for expires in ("yesterday", 5, None, ["2100-01-01"]):
        status, answer = send("api_keys", {"name": "key", "expires": expires}, caller)
        assert status == 400
        assert set(answer["fields"]) == {"expires"}


def test_a_password_is_changed_and_this_session_goes_on(caller: build.Caller) -> None:
    others = send("token", {"email": EMAIL, "password": PASSWORD})[1]
    status, pair = send("password", {"old_password": PASSWORD, "new_password": "a better password"}, caller)
    assert status == 200
    assert set(pair) == {"refresh", "access"}
    assert send("token_refresh", {"refresh": pair["refresh"]})[0] == 200
    for refresh in (caller.refresh, others["refresh"]):
        assert send("token_refresh", {"refresh": refresh})[0] == 401
    assert (
        send("password", {"old_password": "x", "new_password": "y"}, caller)[0] == 401
    )  # from a session that has ended
    assert send("token", {"email": EMAIL, "password": PASSWORD})[0] == 401
    assert send("token", {"email": EMAIL, "password": "a better password"})[0] == 200


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({"old_password": "wrong", "new_password": "a better password"}, {"old_password"}),
        ({"old_password": PASSWORD, "new_password": "short"}, {"new_password"}),
        ({"old_password": PASSWORD, "new_password": "Password123"}, {"new_password"}),
        ({"old_password": PASSWORD}, {"new_password"}),
        ({"old_password": None, "new_password": 5}, {"old_password", "new_password"}),
    ],
)
def test_a_password_is_not_changed(content: dict[str, Any], fields: set[str], caller: build.Caller) -> None:
    status, answer = send("password", content, caller)
    assert status == 400
    assert set(answer["fields"]) == fields
    assert send("token_refresh", {"refresh": caller.refresh})[0] == 200


def test_attempts_are_counted_by_where_a_request_comes_from(caller: build.Caller) -> None:
    guess = {"email": EMAIL, "password": "a wrong password"}
    for _ in range(10):
        assert send("token", guess, source="203.0.113.9")[0] == 401
    right = {"email": EMAIL, "password": PASSWORD}
    change = {"old_password": PASSWORD, "new_password": PASSWORD}
    assert send("token", right, source="203.0.113.9")[0] == 429
    assert send("password", change, caller, source="203.0.113.9")[0] == 429
    assert send("token", right)[0] == 200
    assert send("password", change, caller)[0] == 200
