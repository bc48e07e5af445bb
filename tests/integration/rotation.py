"""Rotations of the signing secret, as Secrets Manager makes them: moto would want Docker for the function."""

import os
import time
import uuid
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from tests.integration import functions
from tests.integration.lambda_context import CONTEXT

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def versions() -> dict[str, dict[str, Any]]:
    """moto's own: {id: {"version_stages", "createdate", "secret_string"}}."""
    secret = secretsmanager_backends["123456789012"]["us-east-1"].secrets[os.environ["SIGNING_SECRET"]]
    found: dict[str, dict[str, Any]] = secret.versions
    return found


def begin(version: str = "") -> str:
    """What Secrets Manager does first: a version to come, without a value yet. Gives its id."""
    version = version or str(uuid.uuid4())
    versions()[version] = {"createdate": int(time.time()), "version_id": version, "version_stages": ["AWSPENDING"]}
    return version


def call(step: str, version: str, secret: str | None = None) -> None:
    event = {"Step": step, "SecretId": secret or os.environ["SIGNING_SECRET"], "ClientRequestToken": version}
    functions.load("rotate_signing_secret").handler(event, CONTEXT)


def rotate() -> str:
    """The whole of it. Gives the id of the new version."""
    version = begin()
    for step in STEPS:
        call(step, version)
    return version


def age(seconds: float) -> None:
    """Has all versions been made so much earlier."""
    for version in versions().values():
        version["createdate"] -= int(seconds)


def stages() -> dict[str, str]:
    """The version of each stage."""
    return {stage: name for name, version in versions().items() for stage in version["version_stages"]}
