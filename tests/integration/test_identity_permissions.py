"""Each function has exactly the DynamoDB permissions that it needs."""

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from moto.dynamodb.responses import DynamoHandler

import idempotency
from identity import accounts, api_keys, developers, passwords, sessions
from metering import usage
from problems import NotAuthenticated
from staging import jobs
from tests.integration.template import dynamodb_permissions

EMAIL = "ann@example.com"
PASSWORD = "securepassword123"
SOURCE = "192.0.2.1"
# Ann's, for each test.
KEY: list[str] = []
PAIR: dict[str, str] = {}


@pytest.fixture
def taken(aws: None, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:  # noqa: ARG001
    """Records (action, table) pairs of requests to DynamoDB. Ann and her first key exist already."""
    accounts.create_account(EMAIL, PASSWORD)
    developers.create_profile("ann", "testing", "My Organization")
    api_keys.create("ann", "first")
    KEY[:] = [api_keys.create("ann", "used")["key"]]
    PAIR.update(sessions.begin(accounts.authenticate(EMAIL, PASSWORD, SOURCE)))
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))

    pairs: set[tuple[str, str]] = set()
    call_action = DynamoHandler.call_action

    def record(handler: DynamoHandler) -> Any:
        # AWS checks the actions within a transaction.
        for item in handler.params.get("TransactItems", [{handler._get_action(): handler.params}]):
            ((action, request),) = item.items()
            for table in request.get("RequestItems") or [request["TableName"]]:  # of a batch
                pairs.add((action if action.endswith(("Item", "Query")) else f"{action}Item", table))
        return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", record)
    return pairs


def authenticate() -> None:
    api_keys.authenticate(KEY[0])


def refresh() -> None:
    old = PAIR["refresh"]
    sessions.refresh(old)
    with pytest.raises(NotAuthenticated):
        sessions.refresh(old)


def change_password() -> None:
    session = sessions.find(PAIR["access"])
    sessions.begin(accounts.change_password(session.email, PASSWORD, "a better password", SOURCE))


def claim() -> None:
    idempotency.claim("key", ("endpoint",), "content")


def no_job() -> jobs.Job:
    return jobs.Job("7d444840-9dc0-11d1-b245-5ffdce74fad2")


USES: dict[str, list[Callable[[], object]]] = {
    "RegisterFunction": [claim, lambda: accounts.register("bob@example.com", PASSWORD)],
    "TokenFunction": [lambda: sessions.begin(accounts.authenticate(EMAIL, PASSWORD, SOURCE))],
    "TokenRefreshFunction": [refresh],
    "PasswordFunction": [change_password],
    "ProfileFunction": [
        claim,
        lambda: developers.create_profile("bob", "testing", "My Organization"),
        lambda: developers.get_profile("bob"),
    ],
    "ApiKeysFunction": [claim, lambda: api_keys.create("ann", "second"), lambda: api_keys.list_for("ann")],
    "ApiKeyDeleteFunction": [lambda: api_keys.delete("ann", "1")],
    "ActivitySummaryFunction": [
        authenticate,
        lambda: developers.require_developer("ann"),
        lambda: usage.activity("ann"),
    ],
    "ReadFunction": [authenticate, lambda: usage.count("ann")],
    **{
        f"{name}Function": [authenticate, lambda: usage.count("ann", quota=usage.GENERATES), claim]
        for name in ("Generate", *map(str.title, jobs.REWRITE))
    },
    "UploadCreateFunction": [
        authenticate,
        lambda: usage.count("ann"),
        claim,
        lambda: jobs.find("7d444840-9dc0-11d1-b245-5ffdce74fad2"),
        lambda: jobs.create("ann", jobs.READ, {"file_name": "file.dcm"}),
    ],
    "UploadStatusFunction": [
        authenticate,
        lambda: jobs.find("7d444840-9dc0-11d1-b245-5ffdce74fad2"),
    ],
    "UploadListFunction": [authenticate, lambda: jobs.made_by("ann", 1)],
    "UploadDeleteFunction": [authenticate, lambda: jobs.delete(no_job())],
    "DeadLettersFunction": [lambda: jobs.fail(no_job(), "It failed.")],
}


@pytest.mark.parametrize("function", USES)
def test_permissions_are_what_is_taken(function: str, taken: set[tuple[str, str]]) -> None:
    for use in USES[function]:
        use()
    assert taken == dynamodb_permissions(function)
