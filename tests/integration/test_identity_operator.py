"""The operator's commands, on a stack."""

import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from argon2 import PasswordHasher
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from identity import accounts, api_keys, developers, passwords, sessions
from metering import usage
from ops import account, rotate_signing_secret
from ops import delete_developer as ops_delete
from ops import stack as stack_of_ours
from problems import NotAuthenticated

PASSWORD = "securepassword123"


@pytest.fixture(autouse=True)
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    outputs = {name: {"Value": name} for name in ("AccountsTable", "SigningSecret")}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    boto3.client("cloudformation").create_stack(StackName="dicom-api", TemplateBody=json.dumps(template))
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def make_account(monkeypatch: pytest.MonkeyPatch, email: str, password: str, stack_name: str = "dicom-api") -> None:
    monkeypatch.setattr(sys, "argv", ["account", email, "--stack", stack_name])
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    account.main()


def test_an_account_is_made_where_registration_is_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SELF_REGISTRATION", "false")
    make_account(monkeypatch, "Ann@Example.com", PASSWORD)
    assert capsys.readouterr().out == "Made the account ann@example.com.\n"
    assert accounts.authenticate("ann@example.com", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize(
    ("email", "password", "stack_name", "message"),
    [
        ("ann", PASSWORD, "dicom-api", "email: "),
        ("ann@example.com", "short", "dicom-api", "password: It must have 8 to 128 characters."),
        ("ann@example.com", PASSWORD, "no-such-stack", "no-such-stack"),
        ("taken@example.com", PASSWORD, "dicom-api", "already"),
    ],
)
def test_what_is_wrong_is_said(
    email: str, password: str, stack_name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.create_account("taken@example.com", PASSWORD)
    with pytest.raises(SystemExit) as end:
        make_account(monkeypatch, email, password, stack_name)
    assert message in str(end.value)


def typed(monkeypatch: pytest.MonkeyPatch, *passwords_typed: str) -> None:
    answers = iter(passwords_typed)
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys, "argv", ["account", "ann@example.com", "--stack", "dicom-api"])


def test_at_a_terminal_the_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, PASSWORD, PASSWORD)
    account.main()
    assert accounts.authenticate("ann@example.com", PASSWORD, "192.0.2.1")


def test_two_passwords_that_differ_make_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, PASSWORD, PASSWORD + "4")
    with pytest.raises(SystemExit):
        account.main()
    assert boto3.client("dynamodb").scan(TableName="AccountsTable")["Count"] == 0


def test_a_rotation_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    call = BaseClient._make_api_call

    def record(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "RotateSecret":
            return call(client, operation, arguments)
        started.append(arguments)  # moto would need Docker for it
        return {}

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    monkeypatch.setattr(sys, "argv", ["rotate_signing_secret", "--stack", "dicom-api"])
    rotate_signing_secret.main()
    assert started == [{"SecretId": "SigningSecret"}]


def delete_developer(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    monkeypatch.setattr(sys, "argv", ["delete_developer", email, "--stack", "dicom-api"])
    monkeypatch.setattr(stack_of_ours, "resource", lambda _, name: name)
    ops_delete.main()


def items(table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = boto3.client("dynamodb").scan(TableName=table)["Items"]
    return found


def test_a_developer_is_deleted_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {}
    for email in ("ann@example.com", "bob@example.com"):
        accounts.create_account(email, PASSWORD)
        account = accounts.authenticate(email, PASSWORD, "192.0.2.1")
        sessions.begin(account)
        user_id = account.user_id
        developers.create_profile(user_id, "testing", "Us")
        keys[email] = [api_keys.create(user_id, name)["key"] for name in ("1", "2")]
        usage.count(user_id)
        usage.count(user_id, datetime(2025, 1, 1, tzinfo=UTC))
    delete_developer(monkeypatch, "Ann@Example.com")
    for key in keys["ann@example.com"]:
        with pytest.raises(NotAuthenticated):
            api_keys.authenticate(key)
    bob = api_keys.authenticate(keys["bob@example.com"][0])
    assert bob not in capsys.readouterr().out
    sizes = {table: len(items(table)) for table in ops_delete.TABLES.values()}
    assert sizes == {
        "AccountsTable": 1,
        "ApiKeysTable": 2,
        "DevelopersTable": 1,
        "LoginAttemptsTable": 0,
        "UsageTable": 2,
    }


def test_an_account_without_profile_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    delete_developer(monkeypatch, "ann@example.com")
    assert items("AccountsTable") == []


@pytest.mark.parametrize("email", ["nobody@example.com", "nobody"])
def test_nobody_is_deleted(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    with pytest.raises(SystemExit, match="no account"):
        delete_developer(monkeypatch, email)


def test_a_resource_of_a_stack() -> None:
    assert "Topic" in stack_of_ours.resource("dicom-api", "Topic")
    with pytest.raises(ClientError):
        stack_of_ours.resource("dicom-api", "AccountsTable")
