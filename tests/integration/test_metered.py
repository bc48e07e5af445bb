"""Requests beyond a monthly quota, at each endpoint that counts."""

import json
from typing import Any

import pytest

from events import build
from staging import jobs
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT

# in SAM's own code
pytestmark = [
    pytest.mark.usefixtures("aws"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)"),
]

PICTURE = {"file_name": "a.png"}
# The function, its quota, and the endpoint that the refusal names.
COUNTED = [
    ("read", None, "MONTHLY_QUOTA", "/api/dicom/read/file/"),
    ("generate", None, "MONTHLY_GENERATES", "/api/dicom/generate/"),
    ("upload_create", {"file_name": "a.dcm"}, "MONTHLY_QUOTA", "/api/dicom/read/file/"),
    ("upload_create", PICTURE, "MONTHLY_GENERATES", "/api/dicom/generate/"),
    *((name, None, "MONTHLY_GENERATES", "/api/dicom/generate/") for name in jobs.REWRITE),
    *(
        ("upload_create", {"file_name": "a", **members}, "MONTHLY_GENERATES", "/api/dicom/generate/")
        for members in uploads.OPERATIONS.values()
    ),
]


@pytest.fixture
def key() -> str:
    return uploads.api_key_of("ann@example.com")


def ask(name: str, key: str, body: Any = None) -> dict[str, Any]:
    event = build.events(build.Caller(api_key=key))[name]
    if body is not None:
        event |= {"body": json.dumps(body), "isBase64Encoded": False}
    answer: dict[str, Any] = functions.load(name).handler(event, CONTEXT)
    return answer


@pytest.mark.parametrize(("name", "body", "variable", "endpoint"), COUNTED)
def test_the_first_refusal_counts_itself(
    name: str, body: Any, variable: str, endpoint: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    assert ask(name, key, body)["statusCode"] in {200, 201}
    refused = ask(name, key, body)
    assert refused["statusCode"] == 429
    assert json.loads(refused["body"]) == {
        "error": f"Monthly API request for '{endpoint}' limit exceeded.",
        "quota": 1,
        "requests_used": 2,
    }
    assert int(refused["multiValueHeaders"]["Retry-After"][0]) > 0


@pytest.mark.parametrize(
    ("name", "refused", "variable"),
    [
        ("read", {}, "MONTHLY_QUOTA"),
        ("generate", {}, "MONTHLY_GENERATES"),
        ("upload_create", {"file_name": "a.dcm", "fields": 1}, "MONTHLY_QUOTA"),
        ("upload_create", {"file_name": "a.png", "fields": 1}, "MONTHLY_GENERATES"),
        *((name, {}, "MONTHLY_GENERATES") for name in jobs.REWRITE),
        *(("upload_create", {"operation": name, "accept": 1}, "MONTHLY_GENERATES") for name in jobs.REWRITE),
        ("upload_create", {"file_name": "a.dcm", "operation": "nonsense"}, "MONTHLY_QUOTA"),
        ("upload_create", {}, "MONTHLY_QUOTA"),
        ("upload_create", ["a.png"], "MONTHLY_QUOTA"),
    ],
)
def test_what_is_refused_counts_as_well(
    name: str, refused: Any, variable: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    statuses = [ask(name, key, refused)["statusCode"] for _ in range(2)]
    assert (statuses[0] in {400, 415}, statuses[1]) == (True, 429)


def test_neither_quota_is_spent_on_the_other(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_QUOTA", "1")
    monkeypatch.setenv("MONTHLY_GENERATES", "1")
    assert ask("generate", key)["statusCode"] == 200
    assert ask("read", key)["statusCode"] == 200
    assert ask("upload_create", key, PICTURE)["statusCode"] == 429
    assert ask("upload_create", key, {"file_name": "a.dcm"})["statusCode"] == 429
