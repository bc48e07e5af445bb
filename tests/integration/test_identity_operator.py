"""The operator's commands, run against a stack."""

import contextlib
import io
import json
import sys
import time
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.dynamodb.responses import DynamoHandler

from identity import accounts, api_keys, developers, sessions
from metering import usage
from ops import account, end_sessions, password, rotate_signing_secret
from ops import delete_developer as ops_delete
from ops import stack as stack_of_ours
from problems import Conflict, NotAllowed, NotAuthenticated, Problem

PASSWORD = "securepassword123"
SOURCE = "192.0.2.1"
RESOURCE = stack_of_ours.resource


@pytest.fixture(autouse=True)
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    boto3.client("cloudformation").create_stack(StackName="dicom-api", TemplateBody=json.dumps(template))
    monkeypatch.setattr(
        stack_of_ours, "resource", lambda stack, name: name if stack == "dicom-api" else RESOURCE(stack, name)
    )


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
    assert accounts.authenticate("ann@example.com", PASSWORD, SOURCE)


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
    assert accounts.authenticate("ann@example.com", PASSWORD, SOURCE)


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
        account = accounts.authenticate(email, PASSWORD, SOURCE)
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
        "DevelopersTable": 2,  # Ann's id stays for a day
        "LoginAttemptsTable": 2,
        "SessionsTable": 1,
        "UsageTable": 2,
    }


def test_what_is_left_of_a_developer_is_an_id_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    user_id = accounts.authenticate("ann@example.com", PASSWORD, SOURCE).user_id
    developers.create_profile(user_id, "testing", "Us")
    api_keys.create(user_id, "key")
    delete_developer(monkeypatch, "ann@example.com")
    (left,) = items("DevelopersTable")
    assert set(left) == {"user_id", "last_key_id", "expires"}
    assert int(left["expires"]["N"]) - int(time.time()) in range(86_400 - 60, 86_401)
    with pytest.raises(Conflict):
        developers.create_profile(user_id, "testing", "Us")
    for use in (lambda: api_keys.create(user_id, "key"), lambda: api_keys.list_for(user_id)):
        with pytest.raises(NotAllowed):
            use()


@pytest.mark.parametrize("has_profile", [False, True])
@pytest.mark.parametrize("step", range(11))
def test_no_key_or_session_that_is_made_during_the_deletion_is_good_afterwards(
    step: int, has_profile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    account = accounts.authenticate("ann@example.com", PASSWORD, SOURCE)
    pair = sessions.begin(account)
    keys = []
    if has_profile:
        developers.create_profile(account.user_id, "testing", "Us")
        keys.append(api_keys.create(account.user_id, "before")["key"])
    call_action = DynamoHandler.call_action
    done = []

    def meanwhile(handler: DynamoHandler) -> Any:
        done.append(handler)
        if len(done) == step + 1:
            with contextlib.suppress(Problem):
                developers.create_profile(account.user_id, "testing", "Us")
            with contextlib.suppress(Problem):
                keys.append(api_keys.create(account.user_id, "meanwhile")["key"])
            with contextlib.suppress(Problem):
                pair.update(sessions.refresh(pair["refresh"]))
        return call_action(handler)

    with monkeypatch.context() as deletion:
        deletion.setattr(DynamoHandler, "call_action", meanwhile)
        delete_developer(deletion, "ann@example.com")
    assert len(done) > step
    for key in keys:
        with pytest.raises(NotAuthenticated):
            api_keys.authenticate(key)
    with pytest.raises(NotAuthenticated):
        sessions.refresh(pair["refresh"])
    assert [items(table) for table in ("AccountsTable", "ApiKeysTable", "SessionsTable")] == [[], [], []]


def test_a_deletion_that_fails_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    user_id = accounts.authenticate("ann@example.com", PASSWORD, SOURCE).user_id
    developers.create_profile(user_id, "testing", "Us")
    key = api_keys.create(user_id, "key")["key"]
    with monkeypatch.context() as failing:
        failing.setattr(api_keys.ApiKey, "delete", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            delete_developer(failing, "ann@example.com")
    assert api_keys.authenticate(key)
    delete_developer(monkeypatch, "ann@example.com")
    with pytest.raises(NotAuthenticated):
        api_keys.authenticate(key)


def run(monkeypatch: pytest.MonkeyPatch, command: ModuleType, *arguments: str, typed: str = "") -> None:
    monkeypatch.setattr(sys, "argv", ["command", *arguments, "--stack", "dicom-api"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    command.main()


def test_a_password_is_set_and_sessions_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    pair = sessions.begin(accounts.authenticate("ann@example.com", PASSWORD, SOURCE))
    run(monkeypatch, password, "Ann@Example.com", typed="a better password\n")
    assert "ann@example.com" in capsys.readouterr().out
    assert accounts.authenticate("ann@example.com", "a better password", SOURCE)
    with pytest.raises(NotAuthenticated):
        sessions.refresh(pair["refresh"])


def test_sessions_are_ended(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    pair = sessions.begin(accounts.authenticate("ann@example.com", PASSWORD, SOURCE))
    run(monkeypatch, end_sessions, "Ann@Example.com")
    assert capsys.readouterr().out == "All sessions of ann@example.com have ended.\n"
    with pytest.raises(NotAuthenticated):
        sessions.refresh(pair["refresh"])
    assert accounts.authenticate("ann@example.com", PASSWORD, SOURCE)


@pytest.mark.parametrize("command", [password, end_sessions])
@pytest.mark.parametrize("email", ["nobody@example.com", "nobody"])
def test_nobody_has_no_password_or_sessions(command: ModuleType, email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="no account"):
        run(monkeypatch, command, email, typed="a better password\n")


def test_a_common_password_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    with pytest.raises(SystemExit, match="most common"):
        run(monkeypatch, password, "ann@example.com", typed="password1\n")
    assert accounts.authenticate("ann@example.com", PASSWORD, SOURCE)


def test_an_account_without_profile_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_account("ann@example.com", PASSWORD)
    delete_developer(monkeypatch, "ann@example.com")
    assert items("AccountsTable") == []


@pytest.mark.parametrize("email", ["nobody@example.com", "nobody"])
def test_nobody_is_deleted(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    with pytest.raises(SystemExit, match="no account"):
        delete_developer(monkeypatch, email)


def test_a_resource_of_a_stack() -> None:
    assert "Topic" in RESOURCE("dicom-api", "Topic")
    with pytest.raises(ClientError):
        RESOURCE("dicom-api", "AccountsTable")
