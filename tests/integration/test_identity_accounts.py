"""Accounts and logging in, against DynamoDB."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import boto3
import email_validator
import pytest
from argon2 import PasswordHasher

from identity import accounts, login_attempts, passwords
from problems import Conflict, Invalid, NotAllowed, NotAuthenticated, TooMany

pytestmark = pytest.mark.usefixtures("aws")

PASSWORD = "securepassword123"
SOURCE, OTHER = "192.0.2.1", "192.0.2.2"


def log_in(email: str, password: str, source: str = SOURCE) -> str:
    """The user id."""
    return accounts.authenticate(email, password, source).user_id


def stored(email: str) -> dict[str, str]:
    return boto3.resource("dynamodb").Table("AccountsTable").get_item(Key={"email": email})["Item"]


def counters(email: str) -> list[dict[str, Any]]:
    """All counters of an account."""
    query = {"KeyConditionExpression": "email = :email", "ExpressionAttributeValues": {":email": email}}
    return boto3.resource("dynamodb").Table("LoginAttemptsTable").query(**query)["Items"]


def windows(email: str) -> list[dict[str, Any]]:
    """The counters of login attempts: first the one for all sources, then the one for this source."""
    found = [item for item in counters(email) if not item["counter"].startswith("known")]
    return sorted(found, key=lambda item: item["counter"] != "all")


def set_ends(email: str, expires: int) -> None:
    """Lets all counters expire. They stay in the table, as DynamoDB deletes expired items late."""
    for item in counters(email):
        boto3.resource("dynamodb").Table("LoginAttemptsTable").put_item(Item=item | {"expires": expires})


def set_clock(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    monkeypatch.setattr(login_attempts, "time", SimpleNamespace(time=lambda: now))


def fail_to_log_in(email: str, times: int = 1, source: str = SOURCE) -> None:
    for _ in range(times):
        with pytest.raises(NotAuthenticated):
            log_in(email, "a wrong password", source)


def refused(email: str, source: str) -> bool:
    """Whether even the right password is refused, as one attempt too many."""
    try:
        log_in(email, PASSWORD, source)
    except TooMany:
        return True
    return False


def one_attempt_too_many(email: str) -> TooMany:
    with pytest.raises(TooMany) as problem:
        log_in(email, PASSWORD)
    return problem.value


def test_whoever_registered_can_log_in() -> None:
    assert accounts.register("User5@Example.com", PASSWORD) == "user5@example.com"
    user_id = log_in("uSER5@example.COM", PASSWORD)
    assert len(user_id) == 32
    assert user_id == stored("user5@example.com")["user_id"]
    assert log_in("user5@example.com", PASSWORD) == user_id


def test_only_a_hash_is_stored() -> None:
    accounts.register("ann@example.com", PASSWORD)
    item = stored("ann@example.com")
    assert set(item) == {"email", "user_id", "password_hash", "generation", "nonce_mark"}
    assert item["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in str(item)


def test_an_address_is_taken_in_any_case() -> None:
    accounts.register("ann@example.com", PASSWORD)
    before = stored("ann@example.com")
    with pytest.raises(Conflict):
        accounts.register("ANN@EXAMPLE.COM", "another password")
    assert stored("ann@example.com") == before


def test_of_parallel_registrations_one_wins() -> None:
    accounts.register("first@example.com", PASSWORD)  # creates the AWS client first

    def register(number: int) -> int | None:
        try:
            accounts.register("ann@example.com", f"password {number}")
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(register, range(8)) if number is not None]
    assert len(winners) == 1
    assert log_in("ann@example.com", f"password {winners[0]}")


@pytest.mark.parametrize(
    "email",
    ["", "ann", "ann@", "@example.com", "a b@example.com", "a@b@c", "ann@" + "a" * 250 + ".com", "\ud800@a.com"],
)
def test_an_address_that_is_none_is_invalid(email: str) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.register(email, PASSWORD)
    assert set(problem.value.fields or {}) == {"email"}


@pytest.mark.parametrize("email", ["ann@clinic.test", "ann@clinic.local", "ann@sub.localhost", "ann@a.invalid"])
def test_an_address_needs_no_mail_server(email: str) -> None:
    assert accounts.register(email, PASSWORD) == email


MARKS = "e" + "\u0301\u0316" * 60_000  # normalising it would take quadratic time


@pytest.mark.parametrize("email", [MARKS, f"{MARKS}@example.com", f"ann@{MARKS}.com", "a" * 250 + "@a.com"])
def test_a_long_address_is_refused_before_it_is_looked_at(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(email_validator, "validate_email")
    with pytest.raises(Invalid) as problem:
        accounts.register(email, PASSWORD)
    assert "254 characters" in (problem.value.fields or {})["email"]
    with pytest.raises(NotAuthenticated):
        log_in(email, PASSWORD)


def test_an_address_may_be_as_long_as_smtp_has_it() -> None:
    domain = ".".join(["b" * 61] * 3)
    email = f"{'a' * (254 - len(domain) - 5)}@{domain}.com"
    assert len(email) == 254
    assert accounts.register(email, PASSWORD) == email


def test_a_long_password_is_refused_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    monkeypatch.delattr(passwords, "_normalise")
    with pytest.raises(Invalid):
        accounts.create_account("bob@example.com", MARKS)
    monkeypatch.setattr(accounts, "normalise", lambda email: email)
    with pytest.raises(NotAuthenticated):
        log_in("ann@example.com", MARKS)


@pytest.mark.parametrize("password", ["password", "PassWord123", "12345678", "iloveyou", "\uff50assword"])
def test_the_most_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.create_account("ann@example.com", password)
    assert "most common" in (problem.value.fields or {})["password"]


@pytest.mark.parametrize("length", [0, 7, 129, 100_000])
def test_a_password_has_8_to_128_characters(length: int) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.register("ann@example.com", "p" * length)
    assert problem.value.fields == {"password": "It must have 8 to 128 characters."}


@pytest.mark.parametrize("password", ["p" * 8, "p" * 128, "пароль-пароль", "🔑" * 128, "\ud800" * 8, "\0" * 8])
def test_any_characters_make_a_password(password: str) -> None:
    accounts.register("ann@example.com", password)
    assert log_in("ann@example.com", password)


def test_every_field_says_what_is_wrong_with_it() -> None:
    with pytest.raises(Invalid) as problem:
        accounts.register("ann", "short")
    assert set(problem.value.fields or {}) == {"email", "password"}


def test_the_operator_can_make_accounts_where_registration_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELF_REGISTRATION", "false")
    with pytest.raises(NotAllowed):
        accounts.register("ann@example.com", PASSWORD)
    accounts.create_account("ann@example.com", PASSWORD)
    assert log_in("ann@example.com", PASSWORD)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", "securepassword124"),
        ("ann@example.com", ""),
        ("ann@example.com", "p" * 129),
        ("ann@example.com", "p" * 100_000),
        ("ann@example.com", "\ud800"),
        ("bob@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        ("a" * 10_000, PASSWORD),
    ],
)
def test_all_wrong_credentials_look_the_same(email: str, password: str) -> None:
    accounts.register("ann@example.com", PASSWORD)
    with pytest.raises(NotAuthenticated) as problem:
        log_in(email, password)
    assert problem.value.message == "The e-mail address or the password is wrong: check both and try again."
    assert problem.value.scheme == "Bearer"


@pytest.mark.parametrize("email", ["ann@example.com", "bob@example.com", "not an address"])
def test_all_wrong_credentials_cost_one_verification(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    verified = []

    class Hasher(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            verified.append(password)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Hasher(time_cost=1, memory_cost=8, parallelism=1))
    fail_to_log_in(email)
    assert verified == [b"a wrong password"]


def test_a_hash_with_old_parameters_is_made_anew_at_login(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    fail_to_log_in("ann@example.com")
    assert "m=8,t=1" in stored("ann@example.com")["password_hash"]
    user_id = log_in("ann@example.com", PASSWORD)
    new = stored("ann@example.com")
    assert "m=16,t=2" in new["password_hash"]
    assert new["user_id"] == user_id
    assert log_in("ann@example.com", PASSWORD) == user_id
    assert stored("ann@example.com") == new


def test_the_eleventh_attempt_in_a_window_is_refused_even_if_it_is_right() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    problem = one_attempt_too_many("ANN@example.com")
    assert login_attempts.WINDOW_SECONDS - 60 < problem.retry_after <= login_attempts.WINDOW_SECONDS


def test_who_is_refused_is_told_when_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    ends = int(windows("ann@example.com")[1]["expires"])
    for left in (200, 1):
        set_clock(monkeypatch, ends - left)
        assert one_attempt_too_many("ann@example.com").retry_after == left
    set_clock(monkeypatch, ends)
    assert log_in("ann@example.com", PASSWORD)


def test_addresses_without_an_account_are_slowed_down_alike() -> None:
    fail_to_log_in("nobody@example.com", 10)
    one_attempt_too_many("nobody@example.com")


def test_another_account_is_not_slowed_down() -> None:
    accounts.register("bob@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    assert log_in("bob@example.com", PASSWORD)


def test_whoever_guesses_does_not_lock_out_others() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10, OTHER)
    assert refused("ann@example.com", OTHER)
    assert log_in("ann@example.com", PASSWORD)


def test_guesses_from_many_sources_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_attempts, "MAX_ATTEMPTS_OF_ALL", 20)
    accounts.register("ann@example.com", PASSWORD)
    assert login_attempts.MAX_ATTEMPTS == 10
    for number in range(20):
        fail_to_log_in("ann@example.com", 1, f"198.51.100.{number}")
    assert refused("ann@example.com", OTHER)


def test_a_source_over_its_own_limit_does_not_use_up_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_attempts, "MAX_ATTEMPTS_OF_ALL", 20)
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10, OTHER)
    for _ in range(20):
        assert refused("ann@example.com", OTHER)
    assert log_in("ann@example.com", PASSWORD)


def under_attack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann's account after so many guesses from many addresses that the limit for all sources is reached."""
    monkeypatch.setattr(login_attempts, "MAX_ATTEMPTS_OF_ALL", 3)
    for number in range(4):
        with pytest.raises((NotAuthenticated, TooMany)):
            log_in("ann@example.com", "a wrong password", f"198.51.100.{number}")


def test_a_source_that_logged_in_lately_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    log_in("ann@example.com", PASSWORD)
    under_attack(monkeypatch)
    assert refused("ann@example.com", OTHER)
    fail_to_log_in("ann@example.com", 9)
    assert log_in("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    assert refused("ann@example.com", SOURCE)  # the limit for one source still applies


def test_a_source_that_logged_in_long_ago_is_not_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    log_in("ann@example.com", PASSWORD)
    (known,) = (item for item in counters("ann@example.com") if item["counter"].startswith("known"))
    assert known["expires"] - int(time.time()) in range(30 * 86_400 - 60, 30 * 86_400 + 1)
    set_ends("ann@example.com", int(time.time()) - 1)
    under_attack(monkeypatch)
    assert refused("ann@example.com", SOURCE)


def test_who_is_known_in_one_account_is_not_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    for email in ("ann@example.com", "bob@example.com"):
        accounts.register(email, PASSWORD)
    log_in("bob@example.com", PASSWORD)
    under_attack(monkeypatch)
    assert refused("ann@example.com", SOURCE)


def test_a_failure_makes_no_source_known(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com")
    under_attack(monkeypatch)
    assert refused("ann@example.com", SOURCE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "test-invoke-source-ip", False),  # API Gateway's console sends this
    ],
)
def test_a_source_is_an_address_or_a_network_of_ipv6(one: str, other: str, same: bool) -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10, one)
    assert refused("ann@example.com", one)
    assert refused("ann@example.com", other) == same


def test_where_somebody_is_is_not_stored() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 1, "198.51.100.77")
    log_in("ann@example.com", PASSWORD, "2001:db8:1:2::1")
    stored_items = str(counters("ann@example.com"))
    assert "198.51.100" not in stored_items
    assert "2001:db8" not in stored_items
    # Two accounts have different hashes for the same address.
    fail_to_log_in("bob@example.com", 1, "198.51.100.77")
    shared = {item["counter"] for item in counters("ann@example.com")}
    assert shared & {item["counter"] for item in counters("bob@example.com")} == {"all"}


@pytest.mark.parametrize("past", [0, 1, 1_000_000])
def test_a_window_that_ended_counts_as_gone_though_its_item_is_still_there(
    past: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    set_clock(monkeypatch, now)
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    set_ends("ann@example.com", now - past)
    fail_to_log_in("ann@example.com")
    assert [window["attempts"] for window in windows("ann@example.com")] == [1, 1]
    assert {window["expires"] for window in windows("ann@example.com")} == {now + login_attempts.WINDOW_SECONDS}
    assert log_in("ann@example.com", PASSWORD)


def test_further_attempts_do_not_lengthen_the_window() -> None:
    fail_to_log_in("ann@example.com")
    first = windows("ann@example.com")
    fail_to_log_in("ann@example.com", 3)
    last = windows("ann@example.com")
    assert [window["attempts"] for window in last] == [4, 4]
    assert [window["expires"] for window in last] == [window["expires"] for window in first]


def test_a_login_forgets_the_failures() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 9)
    log_in("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 9)
    assert log_in("ann@example.com", PASSWORD)


def test_of_two_requests_that_find_no_window_one_begins_it() -> None:
    now = 1_000_000
    first, second = (login_attempts.LoginAttempts("ann@example.com", "all") for _ in range(2))
    assert login_attempts._begin_window(first, now)
    assert not login_attempts._begin_window(second, now)
    assert login_attempts._count_in_window(second, now)
    assert second.attempts == 2


def test_a_window_that_goes_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for name in ("_count_in_window", "_begin_window"):
        monkeypatch.setattr(login_attempts, name, lambda *_, name=name: asked.append(name))
    assert one_attempt_too_many("ann@example.com").retry_after == 1
    assert asked == ["_count_in_window", "_begin_window", "_count_in_window"]


@pytest.mark.parametrize(("leftover", "sources"), [(False, 1), (True, 24)])
def test_parallel_guesses_do_not_slip_by(leftover: bool, sources: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_attempts, "MAX_ATTEMPTS_OF_ALL", 10)
    fail_to_log_in("bob@example.com")  # creates the AWS client first
    if leftover:
        fail_to_log_in("ann@example.com")
        set_ends("ann@example.com", 1)

    def guess(number: int) -> type[Exception] | None:
        try:
            log_in("ann@example.com", f"password {number}", f"198.51.100.{number % sources}")
        except (NotAuthenticated, TooMany) as problem:
            return type(problem)
        return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert outcomes.count(NotAuthenticated) == 10
    assert outcomes.count(TooMany) == 14
