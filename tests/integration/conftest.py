"""An emulated AWS (moto) with what template.yaml describes."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler
from samcli.yamlhelper import yaml_parse

from identity import signing_keys

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())


def resources(resource_type: str) -> dict[str, dict[str, Any]]:
    """The properties of the template's resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == resource_type
    }


def environment() -> dict[str, str]:
    """What the functions find in their environment, all of them together."""
    variables: dict[str, Any] = {}
    for function in resources("AWS::Serverless::Function").values():
        variables |= function.get("Environment", {}).get("Variables", {})
    return {name: _value(value) for name, value in variables.items()}


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    if value["Ref"] in TEMPLATE["Parameters"]:
        return str(TEMPLATE["Parameters"][value["Ref"]]["Default"])
    return physical_name(value["Ref"])


def physical_name(logical_id: str) -> str:
    """What a resource is called here."""
    return logical_id.lower() if logical_id in resources("AWS::S3::Bucket") else logical_id


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty tables and buckets, the signing secret, and the functions' environment; the region is us-east-1."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(signing_keys, "_cache", signing_keys._Cache())
    _make_requests_atomic(monkeypatch)
    with mock_aws():
        _create_tables()
        for name in resources("AWS::S3::Bucket"):
            boto3.client("s3").create_bucket(Bucket=physical_name(name))
        boto3.client("secretsmanager").create_secret(Name="SigningSecret", SecretString="k" * 64)
        yield


def _create_tables() -> None:
    client = boto3.client("dynamodb")
    known = client.meta.service_model.operation_model("CreateTable").input_shape.members
    for name, properties in resources("AWS::DynamoDB::Table").items():
        settings = {key: value for key, value in properties.items() if key in known}
        client.create_table(**{**settings, "TableName": name})


def _make_requests_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    # As DynamoDB's are. In moto two threads overwrite each other's items.
    lock = threading.Lock()
    call_action = DynamoHandler.call_action

    def one_at_a_time(handler: DynamoHandler) -> Any:
        with lock:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", one_at_a_time)
