"""Rotates the key that signs tokens. Secrets Manager calls this in four steps, and retries each that fails.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-functions.html
"""

import contextlib
import os
import secrets
import time

from aws_lambda_powertools.utilities.typing import LambdaContext

import telemetry
from identity import signing_keys, tokens

KEY_BYTES = 48
LEAST_BYTES = 32  # RFC 7518 3.2: as large as the output of HS256's hash
# Until the last token of the previous key expires. Functions go on using a key for as long as they cache it.
APART_SECONDS = tokens.REFRESH_SECONDS + signing_keys.CACHE_SECONDS


class Refused(Exception):
    """The step can't be done. The message says why, and contains no secret."""


def handler(event: dict[str, str], context: LambdaContext) -> None:
    """`event`: Step, SecretId, and ClientRequestToken, which is the id of the new version."""
    step, version = event["Step"], event["ClientRequestToken"]
    telemetry.begin(context, step=step, secret_version=version)
    if event["SecretId"] != os.environ["SIGNING_SECRET"]:
        raise Refused("This is another secret.")
    stages = signing_keys.client().describe_secret(SecretId=_secret())["VersionIdsToStages"]
    if version not in stages:
        raise Refused("The secret has no such version.")
    if "AWSCURRENT" in stages[version]:
        return  # done by an attempt before
    if "AWSPENDING" not in stages[version]:
        raise Refused("This version is not the one to come.")
    match step:
        case "createSecret":
            _create(version, any("AWSPREVIOUS" in names for names in stages.values()))
        case "setSecret":
            pass  # nobody else has to be told
        case "testSecret":
            # Secrets Manager also tries the schedule out by this step alone, with a version that holds nothing.
            with contextlib.suppress(signing_keys.client().exceptions.ResourceNotFoundException):
                _test(version)
        case "finishSecret":
            _test(version)
            _finish(version, next(other for other, names in stages.items() if "AWSCURRENT" in names))
        case _:
            raise Refused("There is no such step.")
    telemetry.end("rotation")


def _create(version: str, has_previous: bool) -> None:
    client = signing_keys.client()
    if has_previous:
        made = client.get_secret_value(SecretId=_secret(), VersionStage="AWSCURRENT")["CreatedDate"]
        if time.time() - made.timestamp() < APART_SECONDS:
            raise Refused("The last rotation is less than a day ago: another would end valid tokens.")
    try:
        client.get_secret_value(SecretId=_secret(), VersionId=version, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(
            SecretId=_secret(),
            ClientRequestToken=version,
            SecretString=secrets.token_urlsafe(KEY_BYTES),
            VersionStages=["AWSPENDING"],
        )


def _test(version: str) -> None:
    pending = signing_keys.client().get_secret_value(SecretId=_secret(), VersionId=version, VersionStage="AWSPENDING")
    if len(pending["SecretString"].encode()) < LEAST_BYTES:
        raise Refused("The new key is too short.")


def _finish(version: str, current: str) -> None:
    # The version that was current becomes AWSPREVIOUS by that.
    signing_keys.client().update_secret_version_stage(
        SecretId=_secret(), VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
    )


def _secret() -> str:
    return os.environ["SIGNING_SECRET"]
