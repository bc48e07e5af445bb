"""The forms of an answer to a read, chosen by `Accept`."""

import base64
import json
from types import ModuleType
from typing import Any

import boto3
import pytest
from pydicom.dataset import Dataset

from events import build
from identity import accounts, api_keys, developers, sessions
from tests.integration import functions
from tests.integration.lambda_context import CONTEXT
from tests.integration.template import physical_name

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")


@pytest.fixture
def app(aws: None) -> ModuleType:  # noqa: ARG001
    return functions.load("read")


@pytest.fixture
def event(app: ModuleType) -> dict[str, Any]:  # noqa: ARG001
    """A request to read a file, of a developer with a key."""
    accounts.register("ann@example.com", "securepassword123")
    account = accounts.authenticate("ann@example.com", "securepassword123", "192.0.2.1")
    developers.create_profile(account.user_id, "testing", "My Organization")
    key = api_keys.create(account.user_id, "key")["key"]
    return build.events(build.Caller(**sessions.begin(account), api_key=key))["read"]


def answer(app: ModuleType, event: dict[str, Any], accept: str) -> dict[str, Any]:
    asked = {**event, "headers": {**event["headers"], "Accept": accept}}
    result: dict[str, Any] = app.handler(asked, CONTEXT)
    return result


def content_type(seen: dict[str, Any]) -> str:
    return str(seen["multiValueHeaders"]["Content-Type"][0])


def test_the_model_for_who_accepts_it(app: ModuleType, event: dict[str, Any]) -> None:
    seen = answer(app, event, "application/dicom+json")
    assert (seen["statusCode"], content_type(seen)) == (200, "application/dicom+json")
    (model,) = json.loads(seen["body"])
    assert Dataset.from_json(model).Modality == "MR"
    assert "Warning" not in seen["multiValueHeaders"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", ""])
def test_the_flat_form_for_all_others(app: ModuleType, event: dict[str, Any], accept: str) -> None:
    seen = answer(app, event, accept)
    assert (seen["statusCode"], content_type(seen)) == (200, "application/json")
    assert json.loads(seen["body"])["Modality"] == "MR"


def fetched(app: ModuleType, event: dict[str, Any], media_type: str) -> bytes:
    """The content of an answer that was too large to be direct, and is stored in S3 as `media_type`."""
    assert answer(app, event, media_type)["statusCode"] == 303
    store, bucket = boto3.client("s3"), physical_name("StagingBucket")
    (stored,) = store.list_objects_v2(Bucket=bucket)["Contents"]
    kept = store.get_object(Bucket=bucket, Key=stored["Key"])
    assert kept["ContentType"] == media_type
    return bytes(kept["Body"].read())


def test_a_large_model_is_fetched_as_such(
    app: ModuleType, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.delivery.MAX_BODY_CHARACTERS", 100)
    model = json.loads(fetched(app, event, "application/dicom+json"))
    assert model[0]["00080060"] == {"vr": "CS", "Value": ["MR"]}


def test_a_large_picture_is_fetched_as_such(
    app: ModuleType, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.delivery.MAX_BODY_CHARACTERS", 100)
    assert fetched(app, event, "image/png").startswith(b"\x89PNG")


def test_warnings_are_counted_in_a_header(app: ModuleType, event: dict[str, Any]) -> None:
    upload = event["body"]
    assert event["isBase64Encoded"]
    broken = {**event, "body": _without_prefix(upload)}
    seen = answer(app, broken, "application/dicom+json")
    assert seen["statusCode"] == 200
    (warning,) = seen["multiValueHeaders"]["Warning"]
    assert warning == '299 - "Warnings: 1. They are in the answer to Accept: application/json."'
    assert len(json.loads(answer(app, broken, "*/*")["body"])["Warnings"]) == 1


def _without_prefix(upload: str) -> str:
    """An upload of the file without its preamble and DICM."""
    body = base64.b64decode(upload)
    start = body.index(b"DICM") - 128
    return base64.b64encode(body[:start] + body[start + 132 :]).decode()
