"""Rotates the signing secret as Secrets Manager does, as moto would need Docker for the function."""

import os
import time
import uuid
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from tests.integration import functions
from tests.integration.lambda_context import CONTEXT

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def versions() -> dict[str, dict[str, Any]]:
    """moto's versions of the secret: {id: {"version_stages", "createdate", "secret_string"}}."""
    secret = secretsmanager_backends["123456789012"]["us-east-1"].secrets[os.environ["SIGNING_SECRET"]]
    found: dict[str, dict[str, Any]] = secret.versions
    return found


def begin(version: str = "") -> str:
    """Creates a pending version without a value, as Secrets Manager does first. Returns its id."""
    version = version or str(uuid.uuid4())
    versions()[version] = {"createdate": int(time.time()), "version_id": version, "version_stages": ["AWSPENDING"]}
    return version


def call(step: str, version: str, secret: str | None = None) -> None:
    event = {"Step": step, "SecretId": secret or os.environ["SIGNING_SECRET"], "ClientRequestToken": version}
    functions.load("rotate_signing_secret").handler(event, CONTEXT)


def rotate() -> str:
    """Does a whole rotation, and returns the new version's id."""
    version = begin()
    for step in STEPS:
        call(step, version)
    return version


def age(seconds: float) -> None:
    """Makes all versions older by this time."""
    for version in versions().values():
        version["createdate"] -= int(seconds)


def stages() -> dict[str, str]:
    """The version of each stage."""
    return {stage: name for name, version in versions().items() for stage in version["version_stages"]}
