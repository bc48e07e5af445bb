"""API keys that expire, and when each was last used, against DynamoDB."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException
from moto.dynamodb.responses import DynamoHandler

import tally
from identity import api_keys, developers
from problems import Invalid, NotAuthenticated


@pytest.fixture(autouse=True)
def profile(aws: None) -> None:  # noqa: ARG001
    developers.create_profile("ann", "testing", "My Organization")


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records DynamoDB's writing actions from now on."""
    made: list[str] = []
    call_action = DynamoHandler.call_action

    def record(handler: DynamoHandler) -> Any:
        if handler._get_action() not in {"GetItem", "BatchGetItem"}:
            made.append(handler._get_action())
        return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", record)
    return made


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return now.astimezone(tz)

    monkeypatch.setattr(api_keys, "datetime", Clock)


def refused(key: str) -> bool:
    try:
        api_keys.authenticate(key)
    except NotAuthenticated:
        return True
    return False


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2100-12-31", "2100-12-31T00:00:00Z"),
        ("2100-12-31T18:00:00Z", "2100-12-31T18:00:00Z"),
        ("2100-12-31T18:00:00", "2100-12-31T18:00:00Z"),
        ("2100-12-31T18:00:00.9+02:00", "2100-12-31T16:00:00Z"),
    ],
)
def test_a_key_may_expire(given: str, told: str) -> None:
    made = api_keys.create("ann", "key", given)
    assert set(made) == {"id", "name", "key", "expires"}
    assert made["expires"] == told
    (listed,) = api_keys.list_for("ann")
    assert listed["expires"] == told
    assert api_keys.authenticate(made["key"]) == "ann"


def test_a_key_is_good_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    key = api_keys.create("ann", "key", "2100-01-01")["key"]
    end = datetime(2100, 1, 1, tzinfo=UTC)
    at(monkeypatch, end - timedelta(seconds=1))
    assert api_keys.authenticate(key) == "ann"
    at(monkeypatch, end)
    assert refused(key)


@pytest.mark.parametrize(
    "expires",
    [
        "",
        "soon",
        "2000-01-01",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        "2100-13-01",
        "2100",
        "x" * 9_000,
    ],
)
def test_an_end_that_is_none_is_invalid(expires: str) -> None:
    with pytest.raises(Invalid) as problem:
        api_keys.create("ann", "key", expires)
    assert set(problem.value.fields or {}) == {"expires"}
    assert api_keys.list_for("ann") == []


def test_without_an_end_a_key_is_the_usage_guides() -> None:
    assert set(api_keys.create("ann", "key")) == {"id", "name", "key"}
    assert set(boto3.resource("dynamodb").Table("ApiKeysTable").scan()["Items"][0]) == {"prefix", "key_hash", "user_id"}


def test_the_list_tells_the_day_of_the_last_use(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [api_keys.create("ann", name)["key"] for name in ("used", "unused", "used before")]
    at(monkeypatch, datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    api_keys.authenticate(keys[0])
    api_keys.authenticate(keys[2])
    at(monkeypatch, datetime(2026, 11, 25, 0, 0, tzinfo=UTC))
    api_keys.authenticate(keys[0])
    listed = api_keys.list_for("ann")
    assert [key.get("last_used") for key in listed] == ["2026-11-25", None, "2026-11-24"]
    assert "last_used" not in listed[1]


def test_a_key_is_written_once_a_day(writes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    key = api_keys.create("ann", "key")["key"]
    writes.clear()
    for day, written in ((24, 1), (24, 1), (24, 1), (25, 2), (25, 2)):
        at(monkeypatch, datetime(2026, 11, day, tzinfo=UTC))
        api_keys.authenticate(key)
        assert writes == ["UpdateItem"] * written


def test_a_key_that_is_refused_is_not_used(writes: list[str]) -> None:
    key = api_keys.create("ann", "key")["key"]
    writes.clear()
    assert refused(key[:-1] + ("a" if key[-1] != "a" else "b"))
    assert writes == []
    assert "last_used" not in api_keys.list_for("ann")[0]


def test_a_key_that_is_deleted_while_it_is_used_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    key = api_keys.create("ann", "key")["key"]
    remember = api_keys._remember_use

    def deleted(api_key: api_keys.ApiKey, day: str) -> None:
        api_keys.delete("ann", "1")
        remember(api_key, day)

    monkeypatch.setattr(api_keys, "_remember_use", deleted)
    assert api_keys.authenticate(key) == "ann"
    assert boto3.resource("dynamodb").Table("ApiKeysTable").scan()["Items"] == []
    assert refused(key)


def test_a_use_that_cant_be_written_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    key = api_keys.create("ann", "key")["key"]

    def fail(_: DynamoHandler) -> None:
        raise DynamodbException(ERROR_TYPE_PREFIX + "ProvisionedThroughputExceededException", "Slow down.")

    monkeypatch.setattr(DynamoHandler, "update_item", fail)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tally.take()
    assert api_keys.authenticate(key) == "ann"
    assert tally.take()["SkippedWrites"] == 1


def test_the_list_of_a_hundred_keys_is_whole() -> None:
    for number in range(100):
        api_keys.create("ann", f"key {number}")
    assert [key["id"] for key in api_keys.list_for("ann")] == list(range(1, 101))
