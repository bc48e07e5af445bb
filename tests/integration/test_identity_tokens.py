"""Tokens and the rotation of their keys, against Secrets Manager and DynamoDB."""

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tally
from identity import signing_keys, tokens
from problems import NotAuthenticated
from tests.integration import rotation

pytestmark = pytest.mark.usefixtures("aws")

GET = signing_keys._get


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the stages that Secrets Manager is asked for."""
    asked: list[str] = []
    get = signing_keys._get

    def record(stage: str) -> dict[str, Any]:
        asked.append(stage)
        return get(stage)

    monkeypatch.setattr(signing_keys, "_get", record)
    return asked


def issue(user_id: str) -> dict[str, str]:
    """A pair of tokens of a session that lasts long."""
    return tokens.pair(user_id, "family", "1", int(time.time()) + 2 * tokens.REFRESH_SECONDS)


def advance(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = signing_keys.time()
    monkeypatch.setattr(signing_keys, "time", lambda: now + seconds)


def rotate() -> None:
    rotation.age(2 * tokens.REFRESH_SECONDS)
    rotation.rotate()


def sign(key: str | None = None, algorithm: str = "HS256", kid: Any = None, **changes: Any) -> str:
    """An access token, valid but for these changes. A claim that is None is left out."""
    version, current = signing_keys.current()
    now = int(time.time())
    claims = {
        "token_type": "access",
        "user_id": "ann",
        "family": "f",
        "jti": "1",
        "iat": now,
        "exp": now + 60,
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, current if key is None else key, algorithm, headers={"kid": kid or version})


def refused(token: str) -> bool:
    try:
        tokens.verify_access(token)
    except NotAuthenticated as problem:
        return problem.scheme == "Bearer"
    return False


def test_an_access_token_says_whose_it_is() -> None:
    assert tokens.verify_access(issue("ann")["access"]) == "ann"


def test_claims_are_the_contracts() -> None:
    before = int(time.time())
    pair = issue("ann")
    version, key = signing_keys.current()
    ids = set()
    for token_type, seconds in (("access", 15 * 60), ("refresh", 24 * 60 * 60)):
        header = jwt.get_unverified_header(pair[token_type])
        assert header == {"alg": "HS256", "typ": "JWT", "kid": version}
        claims = jwt.decode(pair[token_type], key, ["HS256"])
        assert set(claims) == {"token_type", "user_id", "family", "jti", "iat", "exp"}
        assert claims["token_type"] == token_type
        assert claims["user_id"] == "ann"
        assert claims["exp"] - claims["iat"] == seconds
        assert before <= claims["iat"] <= time.time()
        ids.add(claims["jti"])
    assert len(ids) == 2


def test_a_good_token_for_comparison() -> None:
    assert tokens.verify_access(sign()) == "ann"


@pytest.mark.parametrize("claim", ["token_type", "user_id", "family", "jti", "iat", "exp"])
def test_a_token_without_a_claim_is_refused(claim: str) -> None:
    assert refused(sign(**{claim: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": "soon"},
        {"token_type": "refresh"},
        {"token_type": ["access"]},
        {"key": "another key, and long enough for HS256 too"},
        {"algorithm": "HS512"},
        {"algorithm": "none", "key": ""},
        {"kid": "no-such-version"},
    ],
)
def test_a_token_that_is_not_ours_is_refused(changes: dict[str, Any]) -> None:
    assert refused(sign(**changes))


def test_a_token_may_come_from_a_clock_that_is_ahead() -> None:
    assert tokens.verify_access(sign(iat=int(time.time()) + 30)) == "ann"


def test_a_changed_token_is_refused() -> None:
    header, payload, signature = sign().split(".")
    other = sign(user_id="bob").split(".")[1]
    assert refused(f"{header}.{other}.{signature}")
    assert refused(f"{header}.{payload}.")
    assert refused(f"{header}.{payload}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.text() | st.lists(st.text("eyJhbGciOiJIUzI1NiJ9-_="), min_size=2, max_size=4).map(".".join))
def test_garbage_is_refused(token: str) -> None:
    assert refused(token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "b64", "crit", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.just("HS256"),
    )
)
def test_any_header_is_refused(header: dict[str, Any]) -> None:
    encoded = jwt.utils.base64url_encode(json.dumps(header).encode()).decode()
    assert refused(f"{encoded}.e30.AAAA")


@pytest.mark.parametrize("header", [b"[" * 100_000, b"1" * 10_000, b'{"kid":' + b"1" * 10_000 + b"}", b"\xff", b"[]"])
def test_a_hostile_header_is_refused(header: bytes) -> None:
    assert refused(jwt.utils.base64url_encode(header).decode() + ".e30.AAAA")


@pytest.mark.parametrize("token", ["\ud800", "é.é.é", "\0", "." * 10_000, "a" * 1_000_000])
def test_a_hostile_token_is_refused(token: str) -> None:
    assert refused(token)
    with pytest.raises(NotAuthenticated):
        tokens.verify("refresh", token)


def test_a_rotation_logs_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    old = issue("ann")
    rotate()
    assert tokens.verify_access(old["access"]) == "ann"
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    assert tokens.verify_access(old["access"]) == "ann"
    assert tokens.verify("refresh", old["refresh"])["user_id"] == "ann"
    new = issue("ann")
    assert jwt.get_unverified_header(new["access"])["kid"] != jwt.get_unverified_header(old["access"])["kid"]
    assert tokens.verify_access(new["access"]) == "ann"


def test_a_second_rotation_ends_the_first_keys_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    old = issue("ann")
    rotate()
    rotate()
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    assert refused(old["access"])


def test_a_key_that_another_function_signed_with_already_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    issue("ann")
    here = signing_keys._cache
    rotate()
    with monkeypatch.context() as there:
        there.setattr(signing_keys, "_cache", signing_keys._Cache())
        token = issue("ann")["access"]
    assert signing_keys._cache is here
    advance(monkeypatch, signing_keys.REFETCH_SECONDS)
    assert tokens.verify_access(token) == "ann"


def test_keys_are_cached(fetches: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        tokens.verify_access(issue("ann")["access"])
    assert fetches == ["AWSCURRENT", "AWSPREVIOUS"]
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    issue("ann")
    assert len(fetches) == 4


def test_forged_versions_do_not_become_requests(fetches: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    forged = [sign(kid=f"forged-{number}") for number in range(20)]
    for token in forged:
        assert refused(token)
    assert len(fetches) == 2
    advance(monkeypatch, signing_keys.REFETCH_SECONDS)
    for token in forged:
        assert refused(token)
    assert len(fetches) == 4


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch, fetches: list[str]) -> Callable[[], None]:
    """Makes Secrets Manager unreachable from now on."""

    def fail(stage: str) -> dict[str, Any]:
        fetches.append(stage)
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    return lambda: monkeypatch.setattr(signing_keys, "_get", fail)


def test_keys_in_memory_go_on_while_secrets_manager_cant_be_reached(
    unreachable: Callable[[], None], fetches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issue("ann")["access"]
    unreachable()
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    tally.take()
    fetches.clear()
    for _ in range(5):
        assert tokens.verify_access(token) == "ann"
        assert tokens.verify_access(issue("ann")["access"]) == "ann"
        assert refused(sign(kid="forged"))
    assert tally.take()["SigningKeyFailures"] == len(fetches) == 1
    advance(monkeypatch, signing_keys.RETRY_SECONDS)
    assert tokens.verify_access(token) == "ann"
    assert len(fetches) == 2


def test_keys_are_fetched_again_once_secrets_manager_is_back(
    unreachable: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    issue("ann")
    with monkeypatch.context() as outage:
        outage.setattr(signing_keys, "_get", signing_keys._get)
        unreachable()
        advance(monkeypatch, signing_keys.CACHE_SECONDS)
        issue("ann")
    monkeypatch.setattr(signing_keys, "_get", GET)
    rotate()
    advance(monkeypatch, signing_keys.RETRY_SECONDS)
    before = signing_keys._cache.current
    issue("ann")
    assert signing_keys._cache.current != before


def test_without_a_key_in_memory_it_is_an_error_of_ours(unreachable: Callable[[], None]) -> None:
    unreachable()
    with pytest.raises(EndpointConnectionError):
        issue("ann")


def test_secrets_manager_is_asked_three_times() -> None:
    assert signing_keys.client().meta.config.retries == {"mode": "standard", "total_max_attempts": 3}
