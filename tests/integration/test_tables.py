"""A throttled or contended DynamoDB may cause an error, but never a wrong answer."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException, TransactionCanceledException
from moto.dynamodb.responses import DynamoHandler
from pynamodb.exceptions import GetError, PutError, TransactWriteError, UpdateError

from identity import accounts, api_keys, developers, login_attempts, sessions, tokens
from identity.account_table import Account
from metering import usage

JANUARY = datetime(2025, 1, 5, tzinfo=UTC)
THROTTLED = DynamodbException(ERROR_TYPE_PREFIX + "ProvisionedThroughputExceededException", "Slow down.")


class Refusals:
    """Errors for the next requests to DynamoDB, and the number of requests so far."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.requests = 0


@pytest.fixture
def refusals(aws: None, monkeypatch: pytest.MonkeyPatch) -> Refusals:  # noqa: ARG001
    refusals = Refusals()
    call_action = DynamoHandler.call_action

    def refuse(handler: DynamoHandler) -> Any:
        refusals.requests += 1
        if refusals.errors:
            raise refusals.errors.pop(0)
        return call_action(handler)

    developers.create_profile("ann", "testing", "My Organization")
    monkeypatch.setattr(DynamoHandler, "call_action", refuse)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return refusals


def cancelled(*codes: str | None) -> Exception:
    """A cancelled transaction, with the reason for each of its items."""
    return TransactionCanceledException([(code, code, None) if code else (None, None, None) for code in codes])


def test_a_throttled_request_is_sent_again_and_counts_once(refusals: Refusals) -> None:
    refusals.errors = [THROTTLED] * 2
    usage.count("ann", JANUARY)
    assert refusals.requests == 3
    assert usage.activity("ann", JANUARY)["monthly_total"] == 1


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: usage.activity("ann", JANUARY), GetError),
        (lambda: login_attempts.count_attempt("ann@example.com", "192.0.2.1"), UpdateError),
        (lambda: accounts.create_account("ann@example.com", "securepassword123"), PutError),
        (lambda: api_keys.authenticate("a" * 8 + "." + "a" * 32), GetError),
        (lambda: api_keys.create("ann", "key"), GetError),
        (lambda: developers.get_profile("ann"), GetError),
    ],
)
def test_throttled_for_long_it_is_an_error_of_ours(
    use: Callable[[], object], error: type[Exception], refusals: Refusals
) -> None:
    refusals.errors = [THROTTLED] * 3
    with pytest.raises(error):
        use()
    assert refusals.requests == 3


def test_a_throttled_refresh_does_not_spend_the_token(refusals: Refusals) -> None:
    account = Account("ann@example.com", user_id="ann", password_hash="")
    account.save()
    token = sessions.begin(account)["refresh"]
    refusals.errors = [THROTTLED] * 3
    with pytest.raises(UpdateError):
        sessions.refresh(token)
    assert tokens.verify_access(sessions.refresh(token)["access"]) == "ann"


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ConditionalCheckFailed", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
@pytest.mark.usefixtures("refusals")
def test_a_contended_transaction_is_tried_again(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    transact_write_items = DynamoHandler.transact_write_items
    errors = [cancelled(None, code), cancelled(code, None), None, cancelled(code, code), None]

    def contend(handler: DynamoHandler) -> Any:
        error = errors.pop(0)
        if error:
            raise error
        return transact_write_items(handler)

    monkeypatch.setattr(DynamoHandler, "transact_write_items", contend)
    key = api_keys.create("ann", "key")
    assert key["id"] == 1
    assert api_keys.authenticate(key["key"]) == "ann"
    api_keys.delete("ann", "1")
    assert api_keys.list_for("ann") == []
    assert errors == []


def test_a_transaction_cancelled_for_another_reason_is_an_error_of_ours(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(_: DynamoHandler) -> None:
        raise cancelled(None, "ValidationError")

    monkeypatch.setattr(DynamoHandler, "transact_write_items", cancel)
    with pytest.raises(TransactWriteError):
        api_keys.create("ann", "key")
    assert refusals.requests == 2
