"""Sessions: refresh tokens that follow one another, what ends them, and answers that get lost, against DynamoDB."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import boto3
import jwt
import pytest
from argon2 import PasswordHasher
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException
from moto.dynamodb.responses import DynamoHandler
from pynamodb.exceptions import UpdateError

from identity import account_table, accounts, passwords, sessions, tokens
from identity.account_table import Account
from problems import Invalid, NotAuthenticated, NotFound, TooMany

EMAIL, PASSWORD, NEW = "ann@example.com", "securepassword123", "another password"
SOURCE = "192.0.2.1"

Pair = dict[str, str]


@pytest.fixture(autouse=True)
def account(aws: None, monkeypatch: pytest.MonkeyPatch) -> Account:  # noqa: ARG001
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts.create_account(EMAIL, PASSWORD)
    return accounts.authenticate(EMAIL, PASSWORD, SOURCE)


def log_in() -> Pair:
    return sessions.begin(accounts.authenticate(EMAIL, PASSWORD, SOURCE))


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def items() -> list[dict[str, Any]]:
    return boto3.resource("dynamodb").Table("SessionsTable").scan()["Items"]


def is_on(pair: Pair) -> bool:
    """Refreshes the session, and returns whether that worked."""
    try:
        pair.update(sessions.refresh(pair["refresh"]))
    except NotAuthenticated as problem:
        return problem.message != tokens.refused("refresh").message
    return True


def is_found(pair: Pair) -> bool:
    try:
        return sessions.find(pair["access"]).email == EMAIL
    except NotAuthenticated as problem:
        return problem.message != tokens.refused("access").message


def test_a_refresh_token_gives_a_new_pair_once(account: Account) -> None:
    old = log_in()
    new = sessions.refresh(old["refresh"])
    assert set(new) == {"access", "refresh"}
    assert tokens.verify_access(new["access"]) == account.user_id
    assert claims(new["refresh"])["family"] == claims(old["refresh"])["family"] == claims(new["access"])["family"]
    assert claims(new["refresh"])["jti"] != claims(old["refresh"])["jti"]
    third = sessions.refresh(new["refresh"])
    assert tokens.verify_access(third["access"]) == account.user_id


def test_a_token_that_comes_again_ends_the_session_for_all() -> None:
    stolen = log_in()
    other = log_in()
    owner = sessions.refresh(stolen["refresh"])
    assert not is_on(stolen)
    assert not is_on(owner)
    assert len(items()) == 1
    assert is_on(other)


def test_an_older_token_ends_the_session_too() -> None:
    first = log_in()
    newest = {"refresh": first["refresh"]}
    for _ in range(3):
        assert is_on(newest)
    assert not is_on(first)
    assert not is_on(newest)


def test_of_parallel_refreshes_one_wins() -> None:
    sessions.refresh(log_in()["refresh"])  # creates the AWS clients first
    token = log_in()["refresh"]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: is_on({"refresh": token}), range(16))) == 1


def test_a_refresh_that_another_overtakes_is_refused_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = log_in()
    winner: list[Pair] = []
    take = sessions._take

    def overtaken(session: sessions.Session, new: str) -> bool:
        monkeypatch.setattr(sessions, "_take", take)
        winner.append(sessions.refresh(pair["refresh"]))
        return take(session, new)

    monkeypatch.setattr(sessions, "_take", overtaken)
    assert not is_on(dict(pair))
    assert is_on(winner[0])


def test_a_session_is_kept_until_its_end_with_nothing_to_log_in_by(account: Account) -> None:
    pair = log_in()
    (item,) = items()
    assert set(item) == {"user_id", "family", "email", "generation", "current", "expires"}
    assert item["user_id"] == account.user_id
    assert item["current"] == claims(pair["refresh"])["jti"]
    assert item["expires"] - int(time.time()) in range(30 * 86_400 - 60, 30 * 86_400 + 1)
    sessions.refresh(pair["refresh"])
    (after,) = items()
    assert after | {"current": item["current"]} == item


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def set_(now: float) -> None:
        for module in (sessions, tokens):
            monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now))

    return set_


def test_no_refresh_puts_the_end_off(set_clock: Callable[[float], None]) -> None:
    now = int(time.time())
    set_clock(now)
    pair = log_in()
    ends = now + sessions.SECONDS
    assert claims(pair["refresh"])["exp"] == now + tokens.REFRESH_SECONDS
    set_clock(ends - 100)  # PyJWT has a clock of its own
    assert is_on(pair)
    assert claims(pair["refresh"])["exp"] == claims(pair["access"])["exp"] == ends
    set_clock(ends)
    assert not is_on(pair)
    assert items() == []


def test_one_type_of_token_is_not_the_other() -> None:
    pair = log_in()
    with pytest.raises(NotAuthenticated):
        sessions.refresh(pair["access"])
    with pytest.raises(NotAuthenticated):
        sessions.find(pair["refresh"])
    assert is_on(pair)


@pytest.mark.parametrize("claim", ["user_id", "family"])
def test_a_session_that_is_unknown_is_refused(claim: str, account: Account) -> None:
    names = {"user_id": account.user_id, "family": "f", claim: "unknown"}
    pair = tokens.pair(**names, refresh_id="1", ends=int(time.time()) + 1000)
    assert not is_on(pair)
    assert not is_found(pair)
    assert items() == []


@pytest.mark.parametrize(
    "end",
    [
        lambda: accounts.end_sessions("ANN@example.com"),
        lambda: accounts.set_password("ANN@example.com", NEW),
        lambda: accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE),
        lambda: accounts.close("ANN@example.com"),
        lambda: Account(EMAIL).delete(),
        lambda: Account(EMAIL, user_id="somebody else", password_hash="").save(),
    ],
    ids=["by the operator", "password set", "password changed", "closed", "deleted", "deleted and made anew"],
)
def test_sessions_end_with(end: Callable[[], object]) -> None:
    pairs = [log_in(), log_in()]
    pairs[0].update(sessions.refresh(pairs[0]["refresh"]))
    assert is_found(pairs[0])
    end()
    for pair in pairs:
        assert not is_found(pair)
        assert not is_on(pair)
    assert items() == []


def test_what_ends_sessions_of_nobody_says_so() -> None:
    for email in ("bob@example.com", "nobody", "e" + "\u0301" * 60_000):
        with pytest.raises(NotFound):
            accounts.end_sessions(email)
        with pytest.raises(NotFound):
            accounts.set_password(email, NEW)
    with pytest.raises(Invalid):
        accounts.set_password(EMAIL, "password")
    assert account_table.find("bob@example.com") is None
    assert is_on(log_in())


def test_a_login_that_a_new_password_overtakes_has_no_session(account: Account) -> None:
    accounts.set_password(EMAIL, NEW)
    assert not is_on(sessions.begin(account))


def test_a_closed_account_lets_nobody_in() -> None:
    accounts.close(EMAIL)
    with pytest.raises(NotAuthenticated):
        log_in()


def test_a_password_is_changed() -> None:
    other = log_in()
    changed = accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    mine = sessions.begin(changed)
    assert is_found(mine)
    assert is_on(mine)
    assert not is_on(other)
    assert accounts.authenticate(EMAIL, NEW, SOURCE)
    with pytest.raises(NotAuthenticated):
        log_in()


@pytest.mark.parametrize("new", ["short", "p" * 129, "Password1", "e" + "\u0301\u0316" * 60_000])
def test_a_new_password_has_to_be_a_good_one(new: str) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.change_password(EMAIL, PASSWORD, new, SOURCE)
    assert set(problem.value.fields or {}) == {"new_password"}
    assert is_on(log_in())


def wrong_old_password(old: str = "a wrong password", new: str = NEW) -> None:
    with pytest.raises(Invalid) as problem:
        accounts.change_password(EMAIL, old, new, SOURCE)
    assert set(problem.value.fields or {}) == {"old_password"}


def test_a_wrong_old_password_changes_nothing_and_counts_as_an_attempt() -> None:
    pair = log_in()
    for old in ("a wrong password", "p" * 129) * 5:
        wrong_old_password(old)
    with pytest.raises(TooMany):
        accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    with pytest.raises(TooMany):
        log_in()
    assert is_on(pair)


def test_a_right_old_password_starts_the_count_anew() -> None:
    for _ in range(9):
        wrong_old_password()
    accounts.change_password(EMAIL, PASSWORD, PASSWORD, SOURCE)
    for _ in range(9):
        wrong_old_password()
    assert log_in()


def test_a_change_that_is_asked_for_again_is_done_already() -> None:
    first = accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    again = accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    assert again.generation == first.generation
    assert is_on(sessions.begin(again))


def test_of_two_changes_at_once_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = accounts._replace

    def overtaken(account: Account, password: str) -> bool:
        monkeypatch.setattr(accounts, "_replace", replace)
        accounts.change_password(EMAIL, PASSWORD, "the faster one", SOURCE)
        return replace(account, password)

    monkeypatch.setattr(accounts, "_replace", overtaken)
    wrong_old_password(PASSWORD)
    assert accounts.authenticate(EMAIL, "the faster one", SOURCE)


def test_a_password_is_not_changed_once_the_account_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = accounts._replace

    def gone(account: Account, password: str) -> bool:
        Account(EMAIL).delete()
        return replace(account, password)

    monkeypatch.setattr(accounts, "_replace", gone)
    wrong_old_password(PASSWORD)
    assert account_table.find(EMAIL) is None
    wrong_old_password(PASSWORD)


# Lost answers: DynamoDB has done the write, and the SDK repeats the request.


class Network:
    """Which of the next writes to a table lose their answers. The SDK tries three times."""

    def __init__(self) -> None:
        self.table = ""
        self.lost: list[bool] = []


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    call_action = DynamoHandler.call_action

    def answer(handler: DynamoHandler) -> Any:
        done = call_action(handler)
        is_write = handler.params.get("TableName") == network.table and handler._get_action() != "GetItem"
        if is_write and network.lost and network.lost.pop(0):
            raise DynamodbException(ERROR_TYPE_PREFIX + "ProvisionedThroughputExceededException", "Lost.")
        return done

    monkeypatch.setattr(DynamoHandler, "call_action", answer)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return network


@pytest.mark.parametrize(
    "lost", [[True], [True, True], [False, True], [False, True, True], [True, False, True], [False, True, True, True]]
)
def test_a_refresh_whose_answers_are_lost_gives_its_pair(lost: list[bool], network: Network) -> None:
    old = log_in()
    network.table, network.lost = "SessionsTable", list(lost)
    new = sessions.refresh(old["refresh"])
    assert network.lost == []
    assert is_on(new)
    assert not is_on(old)


def test_a_refresh_that_fails_can_be_asked_for_again(network: Network) -> None:
    pair = log_in()
    network.table, network.lost = "SessionsTable", [True] * 3
    with pytest.raises(UpdateError):
        sessions.refresh(pair["refresh"])
    assert is_on(pair)


def test_a_password_whose_change_is_not_answered_is_changed_once(network: Network) -> None:
    network.table, network.lost = "AccountsTable", [True]
    changed = accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    assert network.lost == []
    assert accounts.authenticate(EMAIL, NEW, SOURCE).user_id == changed.user_id


def test_a_password_whose_change_is_never_answered_can_be_asked_for_again(network: Network) -> None:
    network.table, network.lost = "AccountsTable", [True] * 3
    with pytest.raises(UpdateError):
        accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)
    assert is_on(sessions.begin(accounts.change_password(EMAIL, PASSWORD, NEW, SOURCE)))
