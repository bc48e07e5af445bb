"""API keys, against DynamoDB."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynamodb.exceptions import TransactWriteError

from identity import api_keys, developers
from problems import Conflict, Invalid, NotAllowed, NotAuthenticated, NotFound, TooMany


@pytest.fixture(autouse=True)
def profiles(aws: None) -> None:  # noqa: ARG001
    for user_id in ("ann", "bob"):
        developers.create_profile(user_id, "testing", "My Organization")


def refused(key: str) -> bool:
    try:
        api_keys.authenticate(key)
    except NotAuthenticated as problem:
        return problem.scheme == "ApiKey"
    return False


def stored_keys() -> list[dict[str, Any]]:
    return boto3.resource("dynamodb").Table("ApiKeysTable").scan()["Items"]


def ids(user_id: str) -> list[int]:
    return [key["id"] for key in api_keys.list_for(user_id)]


def test_a_key_is_its_developers() -> None:
    created = api_keys.create("ann", "New API Key")
    assert set(created) == {"id", "name", "key"}
    assert created["id"] == 1
    assert created["name"] == "New API Key"
    assert re.fullmatch(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", created["key"])
    assert api_keys.authenticate(created["key"]) == "ann"


def test_only_a_hash_is_stored() -> None:
    prefix, secret = api_keys.create("ann", "first")["key"].split(".")
    assert [item["prefix"] for item in stored_keys()] == [prefix]
    developer = boto3.resource("dynamodb").Table("DevelopersTable").get_item(Key={"user_id": "ann"})["Item"]
    assert secret not in str(stored_keys()) + str(developer)


def test_the_list_tells_keys_apart() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    created = [api_keys.create("ann", f"key {number}") for number in range(1, 13)]
    listed = api_keys.list_for("ann")
    assert [(key["id"], key["name"], key["prefix"]) for key in listed] == [
        (key["id"], key["name"], key["key"][:8]) for key in created
    ]
    assert [key["id"] for key in listed] == list(range(1, 13))
    for key in listed:
        assert set(key) == {"id", "name", "prefix", "created"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", key["created"])
        assert before <= datetime.fromisoformat(key["created"]) <= datetime.now(UTC)


def test_a_new_developer_has_no_keys() -> None:
    assert api_keys.list_for("ann") == []


def test_a_deleted_key_is_refused_at_once() -> None:
    first = api_keys.create("ann", "first")["key"]
    second = api_keys.create("ann", "second")["key"]
    api_keys.delete("ann", "1")
    assert refused(first)
    assert api_keys.authenticate(second) == "ann"
    assert ids("ann") == [2]
    assert len(stored_keys()) == 1


def test_an_id_is_never_used_again() -> None:
    for _ in range(2):
        api_keys.create("ann", "key")
    api_keys.delete("ann", "2")
    assert api_keys.create("ann", "key")["id"] == 3
    api_keys.delete("ann", "1")
    api_keys.delete("ann", "3")
    assert api_keys.create("ann", "key")["id"] == 4


@pytest.mark.parametrize(
    "key_id",
    [
        "2",
        "0",
        "-1",
        "01",
        "1.0",
        " 1",
        "+1",
        "1e0",
        "one",
        "",
        "\u0661",
        "9" * 10_000,
        "api_keys",
        "#k",
        "\0",
        "\ud800",
    ],
)
def test_an_id_that_is_none_is_not_found(key_id: str) -> None:
    key = api_keys.create("ann", "first")["key"]
    with pytest.raises(NotFound):
        api_keys.delete("ann", key_id)
    assert api_keys.authenticate(key) == "ann"


def test_a_key_is_deleted_once() -> None:
    api_keys.create("ann", "first")
    api_keys.delete("ann", "1")
    with pytest.raises(NotFound):
        api_keys.delete("ann", "1")


def test_another_developers_keys_are_out_of_reach() -> None:
    anns = api_keys.create("ann", "ann's")["key"]
    with pytest.raises(NotFound):
        api_keys.delete("bob", "1")
    assert api_keys.list_for("bob") == []
    bobs = api_keys.create("bob", "bob's")
    assert bobs["id"] == 1
    api_keys.delete("bob", "1")
    assert api_keys.authenticate(anns) == "ann"
    assert refused(bobs["key"])


def test_keys_need_a_profile() -> None:
    for use in (
        lambda: api_keys.create("carol", "key"),
        lambda: api_keys.list_for("carol"),
        lambda: api_keys.delete("carol", "1"),
    ):
        with pytest.raises(NotAllowed, match="POST /api/developer/profiles/"):
            use()
    assert stored_keys() == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_blank_or_long_name_is_invalid(name: str) -> None:
    with pytest.raises(Invalid) as problem:
        api_keys.create("ann", name)
    assert set(problem.value.fields or {}) == {"name"}
    assert api_keys.list_for("ann") == []


@pytest.mark.parametrize("name", ["x", "x" * 100, "🩻" * 100, "a.b[0] #c :d"])
def test_a_name_is_kept_to_the_letter(name: str) -> None:
    assert api_keys.create("ann", name)["name"] == name
    assert api_keys.list_for("ann")[0]["name"] == name


def test_a_developer_has_so_many_keys_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS", 2)
    for _ in range(2):
        api_keys.create("ann", "key")
    with pytest.raises(Conflict, match="delete one first"):
        api_keys.create("ann", "key")
    api_keys.delete("ann", "1")
    assert api_keys.create("ann", "key")["id"] == 3


def test_parallel_creations_all_succeed_with_ids_of_their_own() -> None:
    with ThreadPoolExecutor(12) as pool:
        created = list(pool.map(lambda number: api_keys.create("ann", f"key {number}"), range(24)))
    assert sorted(key["id"] for key in created) == list(range(1, 25))
    assert ids("ann") == list(range(1, 25))
    assert {api_keys.authenticate(key["key"]) for key in created} == {"ann"}
    assert {(key["id"], key["name"]) for key in created} == {
        (key["id"], key["name"]) for key in api_keys.list_for("ann")
    }


def test_of_parallel_deletions_of_a_key_one_wins() -> None:
    api_keys.create("ann", "key")

    def delete(_: int) -> bool:
        try:
            api_keys.delete("ann", "1")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(delete, range(8))) == 1
    assert stored_keys() == []


def test_a_key_that_goes_while_it_is_deleted_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    api_keys.create("ann", "key")
    before = developers.require_developer("ann")
    api_keys.delete("ann", "1")
    reads = iter([before, developers.require_developer("ann")])
    monkeypatch.setattr(api_keys, "require_developer", lambda _: next(reads))
    with pytest.raises(NotFound):
        api_keys.delete("ann", "1")


def test_a_prefix_that_is_taken_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = api_keys.create("ann", "first")["key"]
    prefixes = iter([first[:8], first[:8], "newone00"])
    monkeypatch.setattr(api_keys, "_random", lambda _: next(prefixes))
    second = api_keys.create("bob", "second")
    assert second["id"] == 1
    assert second["key"].startswith("newone00.")
    assert api_keys.authenticate(first) == "ann"
    assert api_keys.authenticate(second["key"]) == "bob"


def test_contention_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = api_keys.create("ann", "first")["key"]
    monkeypatch.setattr(api_keys, "_random", lambda _: taken[:8])
    monkeypatch.setattr(api_keys, "PATIENCE_SECONDS", 0)
    with pytest.raises(TooMany) as problem:
        api_keys.create("bob", "second")
    assert problem.value.retry_after == 1
    assert api_keys.list_for("bob") == []


def test_a_transaction_that_fails_otherwise_is_no_contention(monkeypatch: pytest.MonkeyPatch) -> None:
    developers.require_developer("ann")
    monkeypatch.setattr(api_keys, "_random", lambda _: "")  # no key may be empty
    with pytest.raises(TransactWriteError):
        api_keys.create("ann", "first")


def test_a_wrong_secret_is_refused() -> None:
    key = api_keys.create("ann", "first")["key"]
    prefix, secret = key.split(".")
    assert refused(f"{prefix}.{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}")
    assert refused(f"{prefix}.{secret.swapcase()}")


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        str.upper,
        lambda key: key + "\n",
        lambda key: " " + key,
        lambda key: key[:-1],
        lambda key: key + "a",
        lambda key: key.replace(".", ""),
        lambda key: key.replace(".", ".."),
        lambda key: key[:8],
        lambda key: key[9:],
    ],
)
def test_a_key_is_exact(change: Any) -> None:
    assert refused(change(api_keys.create("ann", "first")["key"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.from_regex(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", fullmatch=True))
def test_garbage_is_refused(key: str) -> None:
    assert refused(key)


@pytest.mark.parametrize("key", ["", ".", "\ud800" * 8 + "." + "a" * 32, "é" * 8 + "." + "a" * 32, "a" * 1_000_000])
def test_a_hostile_key_is_refused(key: str) -> None:
    assert refused(key)
