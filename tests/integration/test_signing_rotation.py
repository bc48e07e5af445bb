"""The rotation function: each step, each step repeated, and refusals."""

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from identity import sessions, signing_keys, tokens
from identity.account_table import Account
from tests.integration import rotation
from tests.integration.template import resources

pytestmark = pytest.mark.usefixtures("aws")

DAY = 24 * 60 * 60


def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, the code runs as in a new function that has no keys in memory."""
    monkeypatch.setattr(signing_keys, "_cache", signing_keys._Cache())


def value(version: str) -> str:
    return str(rotation.versions()[version]["secret_string"])


def test_a_rotation_makes_a_key_and_keeps_the_one_before() -> None:
    before = rotation.stages()["AWSCURRENT"]
    version = rotation.rotate()
    assert rotation.stages() == {"AWSCURRENT": version, "AWSPENDING": version, "AWSPREVIOUS": before}
    assert len(value(version)) == 64
    assert value(version) != value(before)


def log_in() -> dict[str, str]:
    account = Account("ann@example.com", user_id="ann", password_hash="")
    account.save()
    return sessions.begin(account)


def test_old_tokens_stay_valid_for_functions_cold_and_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    old = log_in()
    new_version = rotation.rotate()
    assert tokens.verify_access(old["access"]) == "ann"  # it still has the keys from before
    cold(monkeypatch)
    assert tokens.verify_access(old["access"]) == "ann"
    assert signing_keys.current()[0] == new_version
    new = sessions.refresh(old["refresh"])
    assert tokens.verify_access(new["access"]) == "ann"
    assert tokens.verify_access(sessions.refresh(new["refresh"])["access"]) == "ann"


def test_a_refresh_token_outlives_a_rotation_by_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    rotation.rotate()
    rotation.age(30 * DAY)
    refresh = log_in()["refresh"]
    rotation.rotate()
    with pytest.raises(Exception, match="less than a day ago"):
        rotation.rotate()
    cold(monkeypatch)
    assert sessions.refresh(refresh)["access"]


def test_a_key_to_come_never_signs_nor_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    current = signing_keys.current()
    version = rotation.begin()
    for step in rotation.STEPS[:-1]:
        rotation.call(step, version)
        cold(monkeypatch)
        assert signing_keys.current() == current
        assert signing_keys.find(version) is None
    rotation.call("finishSecret", version)
    cold(monkeypatch)
    assert signing_keys.current() == (version, value(version))


def test_each_step_may_come_twice() -> None:
    before = rotation.stages()["AWSCURRENT"]
    version = rotation.begin()
    made = None
    for step in rotation.STEPS:
        for _ in range(2):
            rotation.call(step, version)
        made = made or value(version)
        assert value(version) == made
    for step in rotation.STEPS:  # all steps once more after the rotation
        rotation.call(step, version)
    assert rotation.stages() == {"AWSCURRENT": version, "AWSPENDING": version, "AWSPREVIOUS": before}
    assert value(version) == made


@pytest.mark.parametrize("step", rotation.STEPS)
def test_only_the_version_to_come_is_touched(step: str) -> None:
    rotation.rotate()
    before = rotation.stages()
    for version in (before["AWSPREVIOUS"], "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(Exception, match="version"):
            rotation.call(step, version)
    assert rotation.stages() == before


def test_no_other_secret_is_touched() -> None:
    version = rotation.begin()
    with pytest.raises(Exception, match="another secret"):
        rotation.call("createSecret", version, "arn:aws:secretsmanager:us-east-1:123456789012:secret:Other")


def test_there_are_four_steps() -> None:
    with pytest.raises(Exception, match="no such step"):
        rotation.call("deleteSecret", rotation.begin())


def test_a_version_without_a_value_never_becomes_the_key() -> None:
    before = rotation.stages()["AWSCURRENT"]
    version = rotation.begin()
    rotation.call("testSecret", version)  # Secrets Manager tests a schedule like this
    with pytest.raises(ClientError):
        rotation.call("finishSecret", version)
    assert rotation.stages()["AWSCURRENT"] == before


@pytest.mark.parametrize("step", ["testSecret", "finishSecret"])
def test_a_short_value_never_becomes_the_key(step: str) -> None:
    before = rotation.stages()["AWSCURRENT"]
    version = rotation.begin()
    rotation.versions()[version]["secret_string"] = "short"
    with pytest.raises(Exception, match="too short"):
        rotation.call(step, version)
    assert rotation.stages()["AWSCURRENT"] == before


def test_rotations_are_a_day_apart() -> None:
    rotation.rotate()
    version = rotation.begin()
    rotation.age(DAY)
    with pytest.raises(Exception, match="less than a day ago"):
        rotation.call("createSecret", version)
    rotation.age(signing_keys.CACHE_SECONDS)
    for step in rotation.STEPS:
        rotation.call(step, version)
    assert rotation.stages()["AWSCURRENT"] == version


def test_a_key_that_leaked_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # As docs/security.md says: rotate, then take the label from the version before.
    leaked = log_in()["access"]
    rotation.rotate()
    boto3.client("secretsmanager").update_secret_version_stage(
        SecretId="SigningSecret", VersionStage="AWSPREVIOUS", RemoveFromVersionId=rotation.stages()["AWSPREVIOUS"]
    )
    cold(monkeypatch)
    with pytest.raises(tokens.NotAuthenticated):
        tokens.verify_access(leaked)
    rotation.rotate()  # repeating it changes nothing


def test_no_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    rotation.rotate()
    written = "".join(capsys.readouterr())
    assert "finishSecret" in written
    for version in rotation.versions().values():
        assert version["secret_string"] not in written


def test_permissions_are_what_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = set()
    call = BaseClient._make_api_call

    def record(client: BaseClient, operation: str, arguments: dict[str, object]) -> object:
        taken.add(f"secretsmanager:{operation}")
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    rotation.rotate()
    (policy,) = resources("AWS::Serverless::Function")["RotateSigningSecretFunction"]["Policies"]
    (statement,) = policy["Statement"]
    assert statement["Resource"] == {"Ref": "SigningSecret"}
    assert taken == set(statement["Action"])
