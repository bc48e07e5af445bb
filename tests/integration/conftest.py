"""An emulated AWS (moto) with the resources of template.yaml."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from argon2 import PasswordHasher
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from identity import passwords, signing_keys
from metering import exact
from tables import CONNECTION
from tests.integration.template import environment, physical_name, resources


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty tables and buckets, the signing secret, and the functions' environment; the region is us-east-1."""
    with emulated(monkeypatch):
        yield


@contextmanager
def emulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same as the fixture `aws`, for as long as the context lasts."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # A real hash takes 0.2 s, and most tests make two.
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(signing_keys, "_cache", signing_keys._Cache())
    monkeypatch.setattr(exact, "_held", exact._Held())
    _make_requests_atomic(monkeypatch)
    with mock_aws():
        _create_tables()
        for name in resources("AWS::SQS::Queue"):
            _client("sqs").create_queue(QueueName=name)
        for name in resources("AWS::S3::Bucket"):
            _client("s3").create_bucket(Bucket=physical_name(name))
        _client("secretsmanager").create_secret(Name="SigningSecret", SecretString="k" * 64)
        yield


@cache
def _client(service: str) -> Any:
    # One client for all tests, as creating it takes longer than most of them.
    return CONNECTION.session.create_client(service)


def _create_tables() -> None:
    client = _client("dynamodb")
    known = set(client.meta.service_model.operation_model("CreateTable").input_shape.members)
    known -= {"SSESpecification", "DeletionProtectionEnabled"}  # which parameters decide
    for name, properties in resources("AWS::DynamoDB::Table").items():
        settings = {key: value for key, value in properties.items() if key in known}
        client.create_table(**{**settings, "TableName": name})


def _make_requests_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    # DynamoDB's requests are atomic. In moto, threads overwrite each other's items.
    lock = threading.Lock()
    call_action = DynamoHandler.call_action

    def one_at_a_time(handler: DynamoHandler) -> Any:
        with lock:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", one_at_a_time)
