"""Accounts and logging in, against DynamoDB."""

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from argon2 import PasswordHasher

from identity import accounts, login_attempts, passwords
from problems import Conflict, Invalid, NotAllowed, NotAuthenticated, TooMany

pytestmark = pytest.mark.usefixtures("aws")

PASSWORD = "securepassword123"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def stored(email: str) -> dict[str, str]:
    return boto3.resource("dynamodb").Table("AccountsTable").get_item(Key={"email": email})["Item"]


def attempts(email: str) -> dict[str, int] | None:
    return boto3.resource("dynamodb").Table("LoginAttemptsTable").get_item(Key={"email": email}).get("Item")


def end_window(email: str) -> None:
    # What DynamoDB leaves there until it gets round to deleting it.
    boto3.resource("dynamodb").Table("LoginAttemptsTable").update_item(
        Key={"email": email}, UpdateExpression="SET expires = :past", ExpressionAttributeValues={":past": 1}
    )


def fail_to_log_in(email: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotAuthenticated):
            accounts.authenticate(email, "a wrong password")


def test_whoever_registered_can_log_in() -> None:
    assert accounts.register("User5@Example.com", PASSWORD) == "user5@example.com"
    user_id = accounts.authenticate("uSER5@example.COM", PASSWORD)
    assert len(user_id) == 32
    assert user_id == stored("user5@example.com")["user_id"]
    assert accounts.authenticate("user5@example.com", PASSWORD) == user_id


def test_only_a_hash_is_stored() -> None:
    accounts.register("ann@example.com", PASSWORD)
    item = stored("ann@example.com")
    assert set(item) == {"email", "user_id", "password_hash", "nonce_mark"}
    assert item["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in str(item)


def test_an_address_is_taken_in_any_case() -> None:
    accounts.register("ann@example.com", PASSWORD)
    before = stored("ann@example.com")
    with pytest.raises(Conflict):
        accounts.register("ANN@EXAMPLE.COM", "another password")
    assert stored("ann@example.com") == before


def test_of_parallel_registrations_one_wins() -> None:
    accounts.register("first@example.com", PASSWORD)  # makes the client

    def register(number: int) -> int | None:
        try:
            accounts.register("ann@example.com", f"password {number}")
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(register, range(8)) if number is not None]
    assert len(winners) == 1
    assert accounts.authenticate("ann@example.com", f"password {winners[0]}")


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


@pytest.mark.parametrize("length", [0, 7, 129, 100_000])
def test_a_password_has_8_to_128_characters(length: int) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.register("ann@example.com", "p" * length)
    assert problem.value.fields == {"password": "It must have 8 to 128 characters."}


@pytest.mark.parametrize("password", ["p" * 8, "p" * 128, "пароль-пароль", "🔑" * 128, "\ud800" * 8, "\0" * 8])
def test_any_characters_make_a_password(password: str) -> None:
    accounts.register("ann@example.com", password)
    assert accounts.authenticate("ann@example.com", password)


def test_every_field_says_what_is_wrong_with_it() -> None:
    with pytest.raises(Invalid) as problem:
        accounts.register("ann", "short")
    assert set(problem.value.fields or {}) == {"email", "password"}


def test_the_operator_can_make_accounts_where_registration_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELF_REGISTRATION", "false")
    with pytest.raises(NotAllowed):
        accounts.register("ann@example.com", PASSWORD)
    accounts.create_account("ann@example.com", PASSWORD)
    assert accounts.authenticate("ann@example.com", PASSWORD)


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
        accounts.authenticate(email, password)
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
    user_id = accounts.authenticate("ann@example.com", PASSWORD)
    new = stored("ann@example.com")
    assert "m=16,t=2" in new["password_hash"]
    assert new["user_id"] == user_id
    assert accounts.authenticate("ann@example.com", PASSWORD) == user_id
    assert stored("ann@example.com") == new


def test_the_eleventh_attempt_in_a_window_is_refused_even_if_it_is_right() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    with pytest.raises(TooMany) as problem:
        accounts.authenticate("ANN@example.com", PASSWORD)
    assert 0 < problem.value.retry_after <= login_attempts.WINDOW_SECONDS


def test_addresses_without_an_account_are_slowed_down_alike() -> None:
    fail_to_log_in("nobody@example.com", 10)
    with pytest.raises(TooMany):
        accounts.authenticate("nobody@example.com", PASSWORD)


def test_another_account_is_not_slowed_down() -> None:
    accounts.register("bob@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    assert accounts.authenticate("bob@example.com", PASSWORD)


def test_a_window_that_ended_counts_as_gone_though_its_item_is_still_there() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 10)
    end_window("ann@example.com")
    fail_to_log_in("ann@example.com")
    window = attempts("ann@example.com")
    assert window is not None
    assert window["attempts"] == 1
    assert accounts.authenticate("ann@example.com", PASSWORD)


def test_further_attempts_do_not_lengthen_the_window() -> None:
    fail_to_log_in("ann@example.com")
    first = attempts("ann@example.com")
    fail_to_log_in("ann@example.com", 3)
    last = attempts("ann@example.com")
    assert first is not None
    assert last is not None
    assert first["expires"] == last["expires"]


def test_a_login_forgets_the_failures() -> None:
    accounts.register("ann@example.com", PASSWORD)
    fail_to_log_in("ann@example.com", 9)
    accounts.authenticate("ann@example.com", PASSWORD)
    assert attempts("ann@example.com") is None


def test_of_two_requests_that_find_no_window_one_begins_it() -> None:
    now = 1_000_000
    first, second = (login_attempts.LoginAttempts("ann@example.com") for _ in range(2))
    assert login_attempts._begin_window(first, now)
    assert not login_attempts._begin_window(second, now)
    assert login_attempts._count_in_window(second, now)
    assert second.attempts == 2


@pytest.mark.parametrize("leftover", [False, True])
def test_parallel_guesses_do_not_slip_by(leftover: bool) -> None:
    fail_to_log_in("ann@example.com")
    if leftover:
        end_window("ann@example.com")
    else:
        login_attempts.forget("ann@example.com")

    def guess(number: int) -> type[Exception] | None:
        try:
            accounts.authenticate("ann@example.com", f"password {number}")
        except (NotAuthenticated, TooMany) as problem:
            return type(problem)
        return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert outcomes.count(NotAuthenticated) == login_attempts.MAX_ATTEMPTS
    assert outcomes.count(TooMany) == 24 - login_attempts.MAX_ATTEMPTS
