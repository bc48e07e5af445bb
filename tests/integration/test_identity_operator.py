"""The operator's commands, on a stack."""

import io
import json
import sys
from typing import Any

import boto3
import pytest
from argon2 import PasswordHasher
from botocore.client import BaseClient

from identity import accounts, passwords
from ops import account, rotate_signing_secret

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
    assert accounts.authenticate("ann@example.com", PASSWORD)


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
    assert accounts.authenticate("ann@example.com", PASSWORD)


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
