"""A stack's life: deployed, used, updated in place, deleted. Its tests build on each other, in this order."""

import json
import secrets
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from tests.deploy.deployment import STACK, Deployment
from tests.dicom_files import file_bytes
from tests.e2e import uploads
from tests.e2e.client import PASSWORD, Developer, new_developer
from tests.e2e.server import Server

pytestmark = pytest.mark.usefixtures("ministack")


@pytest.fixture
def url(deployment: Deployment) -> str:
    return Server(deployment.ready_file).url


@pytest.fixture(scope="module")
def early_developer(deployment: Deployment) -> Developer:
    """A developer whose account and key are older than the update."""
    return new_developer(Server(deployment.ready_file).url)


def versions(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{url}/api/dicom-format/allowed-fields/").json()
    del answer["allowedFields"]
    return answer


def read(url: str, developer: Developer) -> requests.Response:
    file = {"file": ("ct.dcm", file_bytes("CT_small.dcm"))}
    return requests.post(f"{url}/api/dicom/read/file/", headers=developer.api_key, files=file)


def activity(url: str, developer: Developer) -> requests.Response:
    return requests.get(f"{url}/api/developer/profiles/activity-summary/", headers=developer.bearer)


def test_what_developers_do(deployment: Deployment, capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        assert deployment.run_tests("-n", "2", "--dist", "loadfile") == 0


def test_functions_may_do_only_what_their_policies_say(
    deployment: Deployment, url: str, early_developer: Developer
) -> None:
    # The tests above show that policies allow enough. This one shows that they are enforced.
    iam, role = boto3.client("iam"), deployment.names()["ActivitySummaryFunctionRole"]
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    assert activity(url, early_developer).status_code == 200
    for policy in policies:
        iam.delete_role_policy(RoleName=role, PolicyName=policy["PolicyName"])
    assert activity(url, early_developer).status_code == 500
    for policy in policies:
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document)
    assert activity(url, early_developer).status_code == 200


def test_plain_http_reaches_no_object(deployment: Deployment, early_developer: Developer) -> None:
    job = uploads.ask(Server(deployment.ready_file), early_developer, "scan.dcm")
    # This header tells MiniStack how the request reached its proxy.
    form = {"data": job["upload"]["fields"], "files": {"file": b"x"}, "headers": {"X-Forwarded-Proto": "http"}}
    refused = requests.post(job["upload"]["url"], **form)
    assert (refused.status_code, "<Code>AccessDenied</Code>" in refused.text) == (403, True)
    assert uploads.send(job, b"x").status_code == 204


def test_the_key_that_signs_tokens_rotates(deployment: Deployment, url: str, early_developer: Developer) -> None:
    secret, function = (deployment.names()[name] for name in ("SigningSecret", "RotateSigningSecretFunction"))
    manager = boto3.client("secretsmanager")
    # MiniStack does not rotate by itself, so this calls the function as Secrets Manager would.
    key = {"SecretString": secrets.token_urlsafe(48), "VersionStages": ["AWSPENDING"]}
    version = manager.put_secret_value(SecretId=secret, **key)["VersionId"]
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = json.dumps({"Step": step, "SecretId": secret, "ClientRequestToken": version})
        answer = boto3.client("lambda").invoke(FunctionName=function, Qualifier="live", Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()
    assert manager.get_secret_value(SecretId=secret)["VersionId"] == version
    assert activity(url, early_developer).status_code == 200


def test_an_update_in_place(
    deployment: Deployment, early_developer: Developer, capfd: pytest.CaptureFixture[str]
) -> None:
    url = Server(deployment.ready_file).url
    assert read(url, early_developer).status_code == 200
    before = versions(url)
    function = deployment.built / "AllowedFieldsFunction" / "app.py"
    function.write_text(function.read_text().replace("**dicom_dictionary", '"new": True, **dicom_dictionary'))
    table = deployment.built / "CoreLayer" / "python" / "dicom_dictionary" / "table.json"
    table.write_text(table.read_text().replace(before["standardEdition"], "2030a"))
    deployment.deploy(MonthlyQuota=20, KeepData="true")

    url = Server(deployment.ready_file).url
    # A changed function and a changed layer show that functions run what was deployed, not this checkout.
    assert versions(url) == {**before, "new": True, "standardEdition": "2030a"}
    # Accounts, keys and counts stay, and tokens signed by the previous key are valid.
    account = {"email": early_developer.email, "password": PASSWORD}
    assert requests.post(f"{url}/api/token/", json=account).status_code == 200
    assert read(url, early_developer).status_code == 200
    assert activity(url, early_developer).json()["monthly_total"] == 3
    with capfd.disabled():
        assert deployment.run_tests("-m", "parameters") == 0


def test_a_deleted_stack_leaves_the_data(deployment: Deployment, url: str, early_developer: Developer) -> None:
    names = deployment.names()
    deployment.delete()
    stored = boto3.client("dynamodb").get_item(
        TableName=names["AccountsTable"], Key={"email": {"S": early_developer.email}}
    )
    assert "Item" in stored
    assert boto3.client("s3").list_objects_v2(Bucket=names["StagingBucket"])["KeyCount"] > 0
    assert requests.get(f"{url}/api/dicom-format/allowed-fields/").status_code in {403, 404}
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    with pytest.raises(ClientError, match="does not exist"):
        boto3.client("cloudformation").describe_stacks(StackName=STACK)
