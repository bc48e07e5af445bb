"""Tokens and the rotation of their keys, against Secrets Manager and DynamoDB."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity import signing_keys, tokens
from problems import NotAuthenticated
from tests.integration import rotation

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stages that were asked of Secrets Manager, as they come."""
    asked: list[str] = []
    get = signing_keys._get

    def record(stage: str) -> dict[str, Any]:
        asked.append(stage)
        return get(stage)

    monkeypatch.setattr(signing_keys, "_get", record)
    return asked


def advance(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = signing_keys.time()
    monkeypatch.setattr(signing_keys, "time", lambda: now + seconds)


def rotate() -> None:
    rotation.age(2 * tokens.REFRESH_SECONDS)
    rotation.rotate()


def sign(key: str | None = None, algorithm: str = "HS256", kid: Any = None, **changes: Any) -> str:
    """A good access token, but for the changes; a claim that is None is left out."""
    version, current = signing_keys.current()
    now = int(time.time())
    claims = {"token_type": "access", "user_id": "ann", "jti": "1", "iat": now, "exp": now + 60, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, current if key is None else key, algorithm, headers={"kid": kid or version})


def refused(token: str) -> bool:
    try:
        tokens.verify_access(token)
    except NotAuthenticated as problem:
        return problem.scheme == "Bearer"
    return False


def test_an_access_token_says_whose_it_is() -> None:
    assert tokens.verify_access(tokens.issue("ann")["access"]) == "ann"


def test_claims_are_the_contracts() -> None:
    before = int(time.time())
    pair = tokens.issue("ann")
    version, key = signing_keys.current()
    ids = set()
    for token_type, seconds in (("access", 15 * 60), ("refresh", 24 * 60 * 60)):
        header = jwt.get_unverified_header(pair[token_type])
        assert header == {"alg": "HS256", "typ": "JWT", "kid": version}
        claims = jwt.decode(pair[token_type], key, ["HS256"])
        assert set(claims) == {"token_type", "user_id", "jti", "iat", "exp"}
        assert claims["token_type"] == token_type
        assert claims["user_id"] == "ann"
        assert claims["exp"] - claims["iat"] == seconds
        assert before <= claims["iat"] <= time.time()
        ids.add(claims["jti"])
    assert len(ids) == 2


def test_one_type_of_token_is_not_the_other() -> None:
    pair = tokens.issue("ann")
    assert refused(pair["refresh"])
    with pytest.raises(NotAuthenticated):
        tokens.refresh(pair["access"])


def test_a_refresh_token_gives_a_new_pair_once() -> None:
    old = tokens.issue("ann")
    new = tokens.refresh(old["refresh"])
    assert set(new) == {"access", "refresh"}
    assert tokens.verify_access(new["access"]) == "ann"
    with pytest.raises(NotAuthenticated):
        tokens.refresh(old["refresh"])
    assert tokens.verify_access(tokens.refresh(new["refresh"])["access"]) == "ann"


def test_of_parallel_refreshes_one_wins() -> None:
    tokens.refresh(tokens.issue("ann")["refresh"])  # makes the clients
    token = tokens.issue("ann")["refresh"]

    def refresh(_: int) -> bool:
        try:
            tokens.refresh(token)
        except NotAuthenticated:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refresh, range(16))) == 1


def test_a_spent_token_is_kept_until_it_expires() -> None:
    token = tokens.issue("ann")["refresh"]
    tokens.refresh(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    item = boto3.resource("dynamodb").Table("SpentTokensTable").get_item(Key={"jti": claims["jti"]})["Item"]
    assert item == {"jti": claims["jti"], "expires": claims["exp"]}


def test_a_good_token_for_comparison() -> None:
    assert tokens.verify_access(sign()) == "ann"


@pytest.mark.parametrize("claim", ["token_type", "user_id", "jti", "iat", "exp"])
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
        tokens.refresh(token)


def test_a_rotation_logs_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    old = tokens.issue("ann")
    rotate()
    assert tokens.verify_access(old["access"]) == "ann"
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    assert tokens.verify_access(old["access"]) == "ann"
    new = tokens.refresh(old["refresh"])
    assert jwt.get_unverified_header(new["access"])["kid"] != jwt.get_unverified_header(old["access"])["kid"]
    assert tokens.verify_access(new["access"]) == "ann"


def test_a_second_rotation_ends_the_first_keys_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    old = tokens.issue("ann")
    rotate()
    rotate()
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    assert refused(old["access"])


def test_a_key_that_another_function_signed_with_already_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens.issue("ann")
    here = signing_keys._cache
    rotate()
    with monkeypatch.context() as there:
        there.setattr(signing_keys, "_cache", signing_keys._Cache())
        token = tokens.issue("ann")["access"]
    assert signing_keys._cache is here
    advance(monkeypatch, signing_keys.REFETCH_SECONDS)
    assert tokens.verify_access(token) == "ann"


def test_keys_are_cached(fetches: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        tokens.verify_access(tokens.issue("ann")["access"])
    assert fetches == ["AWSCURRENT", "AWSPREVIOUS"]
    advance(monkeypatch, signing_keys.CACHE_SECONDS)
    tokens.issue("ann")
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
