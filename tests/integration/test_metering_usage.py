"""Quotas and activity, against DynamoDB."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from moto.core.botocore_stubber import BotocoreStubber
from pynamodb.exceptions import UpdateError

from metering import exact, usage
from problems import OverQuota, TooMany

pytestmark = pytest.mark.usefixtures("aws")

JANUARY = datetime(2025, 1, 5, 12, 30, tzinfo=UTC)


@pytest.fixture
def quota_of_three(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("MONTHLY_QUOTA", "3")


@pytest.mark.usefixtures("quota_of_three")
def test_first_refusal_is_the_one_after_the_quota_and_counts_itself() -> None:
    for _ in range(3):
        usage.count("ann", JANUARY)
    for used in (4, 5):
        with pytest.raises(TooMany) as refusal:
            usage.count("ann", JANUARY)
        assert refusal.value.message == "Monthly API request for '/api/dicom/read/file/' limit exceeded."
        assert refusal.value.details == {"quota": 3, "requests_used": used}
    assert usage.activity("ann", JANUARY)["monthly_total"] == 5


def test_quota_is_exact_under_concurrency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_QUOTA", "40")
    usage.activity("ann", JANUARY)  # creates the AWS client first

    def refused(_: int) -> int | None:
        try:
            usage.count("ann", JANUARY)
        except TooMany as refusal:
            return int(refusal.details["requests_used"])
        return None

    with ThreadPoolExecutor(16) as pool:
        refusals = list(pool.map(refused, range(64)))
    assert refusals.count(None) == 40
    assert sorted(number for number in refusals if number) == list(range(41, 65))


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (datetime(2025, 1, 31, 23, 59, 59, tzinfo=UTC), 1),
        (datetime(2025, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), 1),
        (datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC), 3600),
        (datetime(2024, 2, 1, 0, 0, 0, tzinfo=UTC), 29 * 86400),
        (datetime(2025, 2, 28, 0, 0, 0, tzinfo=UTC), 86400),
        (datetime(2025, 4, 1, 0, 0, 0, tzinfo=UTC), 30 * 86400),
    ],
)
def test_retry_after_reaches_the_next_month(at: datetime, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_QUOTA", "0")
    with pytest.raises(TooMany) as refusal:
        usage.count("ann", at)
    assert refusal.value.retry_after == seconds


@pytest.mark.usefixtures("quota_of_three")
def test_a_new_month_begins_with_a_whole_quota() -> None:
    last = datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(3):
        usage.count("ann", last)
    usage.count("ann", first)
    assert usage.activity("ann", last) == {"daily_activity": [{"day": "2025-12-31", "count": 3}], "monthly_total": 3}
    assert usage.activity("ann", first) == {"daily_activity": [{"day": "2026-01-01", "count": 1}], "monthly_total": 1}


def test_activity_has_the_days_with_requests_ascending() -> None:
    for day in (31, 5, 5, 17, 1):
        usage.count("ann", JANUARY.replace(day=day))
    assert usage.activity("ann", JANUARY) == {
        "daily_activity": [
            {"day": "2025-01-01", "count": 1},
            {"day": "2025-01-05", "count": 2},
            {"day": "2025-01-17", "count": 1},
            {"day": "2025-01-31", "count": 1},
        ],
        "monthly_total": 5,
    }


def test_activity_of_a_developer_without_requests() -> None:
    usage.count("ann", JANUARY)
    assert usage.activity("bob", JANUARY) == {"daily_activity": [], "monthly_total": 0}


@pytest.mark.usefixtures("quota_of_three")
def test_what_is_generated_has_a_quota_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_GENERATES", "2")
    for used in (1, 2):
        assert usage.count("ann", JANUARY, usage.GENERATES) == (2, used, 26 * 86400 + 41400)
    with pytest.raises(OverQuota) as refusal:
        usage.count("ann", JANUARY, usage.GENERATES)
    assert refusal.value.message == "Monthly API request for '/api/dicom/generate/' limit exceeded."
    assert refusal.value.details == {"quota": 2, "requests_used": 3}
    assert usage.count("ann", JANUARY).used == 1
    assert usage.activity("ann", JANUARY) == {"daily_activity": [{"day": "2025-01-05", "count": 1}], "monthly_total": 1}


@pytest.mark.usefixtures("quota_of_three")
def test_quota_is_each_developers_own() -> None:
    for _ in range(3):
        usage.count("ann", JANUARY)
    usage.count("bob", JANUARY)
    assert usage.activity("bob", JANUARY)["monthly_total"] == 1


def test_without_a_moment_it_is_today() -> None:
    before = datetime.now(UTC)
    usage.count("ann")
    after = datetime.now(UTC)
    months = [usage.activity("ann", at)["daily_activity"] for at in (before, after)]
    days = {day["day"] for month in months for day in month}
    assert days <= {f"{before:%Y-%m-%d}", f"{after:%Y-%m-%d}"}
    assert days


def test_counters_expire_a_year_after_their_month() -> None:
    for day in (1, 31):
        usage.count("ann", JANUARY.replace(day=day))
    item = boto3.resource("dynamodb").Table("UsageTable").get_item(Key={"user_id": "ann", "month": "2025-01"})["Item"]
    assert datetime.fromtimestamp(int(item["expires"]), UTC) == datetime(2026, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_more_than_the_table_can_count_is_refused_for_a_second(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def throttle(_: BaseClient, operation: str, __: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "slow down"}}, operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", throttle)
    with pytest.raises(TooMany) as refusal:
        usage.count("ann", JANUARY)
    assert (type(refusal.value), refusal.value.retry_after) == (TooMany, 1)


def lose(operation: str, monkeypatch: pytest.MonkeyPatch, attempts: int = 1) -> list[str]:
    """Loses the first answers to each call of this operation. Returns the requests that are sent."""
    sent: list[str] = []
    lock = threading.Lock()
    process = BotocoreStubber.process_request

    def answer(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        answered = process(stubber, request)
        if request.headers["X-Amz-Target"].decode().endswith(operation):
            call = str(request.headers["amz-sdk-invocation-id"])
            with lock:
                sent.append(call)
                if sent.count(call) <= attempts:
                    raise ReadTimeoutError(endpoint_url=request.url)
        return answered

    monkeypatch.setattr(BotocoreStubber, "process_request", answer)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)
    return sent


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_count_whose_answer_is_lost_counts_once(attempts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usage.count("ann", JANUARY)
    sent = lose("UpdateItem", monkeypatch, attempts)
    for _ in range(3):
        usage.count("ann", JANUARY)
    usage.count("bob", JANUARY)
    assert usage.activity("ann", JANUARY)["monthly_total"] == 4
    assert usage.activity("bob", JANUARY)["monthly_total"] == 1
    assert len(sent) == 4 * (attempts + 1)


@pytest.mark.usefixtures("quota_of_three")
def test_a_refusal_whose_answer_is_lost_has_its_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    lose("UpdateItem", monkeypatch)
    for _ in range(3):
        usage.count("ann", JANUARY)
    for used in (4, 5):
        with pytest.raises(OverQuota) as refusal:
            usage.count("ann", JANUARY)
        assert refusal.value.details["requests_used"] == used


def test_quota_is_exact_under_concurrency_without_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_QUOTA", "60")
    usage.activity("ann", JANUARY)  # creates the AWS client first
    lose("UpdateItem", monkeypatch)

    def refused(_: int) -> int | None:
        try:
            usage.count("ann", JANUARY)
        except OverQuota as refusal:
            return int(refusal.details["requests_used"])
        return None

    with ThreadPoolExecutor(48) as pool:
        refusals = list(pool.map(refused, range(96)))
    assert refusals.count(None) == 60
    assert sorted(number for number in refusals if number) == list(range(61, 97))
    assert usage.activity("ann", JANUARY)["monthly_total"] == 96


def test_a_count_that_failed_for_good_leaves_the_next_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    usage.count("ann", JANUARY)
    with monkeypatch.context() as patch:
        lose("UpdateItem", patch, attempts=3)
        with pytest.raises(UpdateError):
            usage.count("ann", JANUARY)
    assert usage.activity("ann", JANUARY)["monthly_total"] == 2  # the answer was lost, but the write was done
    usage.count("ann", JANUARY)
    assert usage.activity("ann", JANUARY)["monthly_total"] == 3


def test_a_counter_that_was_deleted_begins_anew() -> None:
    for requests in (1, 2):
        usage.count("ann", JANUARY)
        assert usage.activity("ann", JANUARY)["monthly_total"] == requests
    usage.Usage("ann", "2025-01").delete()
    for requests in (1, 2):
        usage.count("ann", JANUARY)
        assert usage.activity("ann", JANUARY)["monthly_total"] == requests


def slots() -> set[str]:
    item = boto3.resource("dynamodb").Table("UsageTable").get_item(Key={"user_id": "ann", "month": "2025-01"})["Item"]
    return {name for name in item if name.startswith("slot_")}


def test_a_process_has_one_slot_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 60.0 * 1_000_000
    for minutes, expected in ((0, 1), (1, 1), (9.9, 1), (10.1, 2), (15, 2), (20.2, 3)):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: now + 60 * minutes)
        usage.count("ann", JANUARY)
        assert len(slots()) == expected


def in_a_new_process() -> None:
    thread = threading.Thread(target=usage.count, args=("ann", JANUARY))
    thread.start()
    thread.join()


def test_old_slots_are_removed_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 60.0 * 1_000_000
    monkeypatch.setattr(time, "time", lambda: now)
    for _ in range(exact.MOST_OLD):
        in_a_new_process()
    old = slots()
    monkeypatch.setattr(time, "time", lambda: now + 14.9 * 60)
    in_a_new_process()
    assert slots() > old
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60)
    in_a_new_process()
    assert not slots() & old
    assert len(slots()) == 2
    assert usage.activity("ann", JANUARY)["monthly_total"] == exact.MOST_OLD + 2


def test_few_old_slots_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    call = BaseClient._make_api_call

    def counted(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append(operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    now = 60.0 * 1_000_000
    for number in range(exact.MOST_OLD):
        monkeypatch.setattr(time, "time", lambda number=number: now + number * 16 * 60)
        in_a_new_process()
    assert calls == ["UpdateItem"] * exact.MOST_OLD
    assert len(slots()) == exact.MOST_OLD


def test_a_request_does_not_fail_because_of_old_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 60.0 * 1_000_000
    monkeypatch.setattr(time, "time", lambda: now)
    for _ in range(exact.MOST_OLD):
        in_a_new_process()
    monkeypatch.setattr(time, "time", lambda: now + 60 * 60)
    call = BaseClient._make_api_call

    def fail(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if "REMOVE" in arguments.get("UpdateExpression", ""):
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    usage.count("ann", JANUARY)
    assert usage.activity("ann", JANUARY)["monthly_total"] == exact.MOST_OLD + 1


def test_a_process_forgets_slots_it_has_many_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_HELD", 2)
    for user_id in ("ann", "bob", "carl", "ann", "ann"):
        usage.count(user_id, JANUARY)
    assert usage.activity("ann", JANUARY)["monthly_total"] == 3
    assert len(slots()) == 2
    assert len(exact._held.slots) <= 2


def test_another_failure_of_the_table_is_no_fault_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: BaseClient, operation: str, __: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with pytest.raises(UpdateError):
        usage.count("ann", JANUARY)
