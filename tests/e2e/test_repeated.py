"""Requests that are sent twice with an Idempotency-Key, over HTTP."""

import uuid
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.dicom_files import file_bytes
from tests.e2e.client import PASSWORD, new_developer
from tests.e2e.server import Server

PICTURE = (Path(__file__).parents[2] / "events" / "picture.png").read_bytes()


@pytest.fixture
def tokens(server: Server) -> dict[str, str]:
    """The headers of an account without a profile."""
    account = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    requests.post(f"{server.url}/api/register/", json=account).raise_for_status()
    answered: dict[str, str] = requests.post(f"{server.url}/api/token/", json=account).json()
    return answered


def twice(url: str, headers: dict[str, str], **body: Any) -> list[requests.Response]:
    more = headers | {"Idempotency-Key": str(uuid.uuid4())}
    answers = [requests.post(url, headers=more, **body) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code
    return answers


def test_what_is_sent_twice_is_made_once(server: Server, tokens: dict[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    account = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    profile = {"purpose": "testing", "organization": "Us"}
    for path, headers, body in (
        ("/api/register/", {}, account),
        ("/api/developer/profiles/", bearer, profile),
        ("/api-keys/", bearer, {"name": "k"}),
    ):
        first, second = twice(server.url + path, headers, json=body)
        assert first.status_code == 201
        assert first.json() == second.json()
    assert [key["id"] for key in requests.get(f"{server.url}/api-keys/", headers=bearer).json()] == [1]


def test_an_upload_is_made_once_and_a_file_is_the_same(server: Server) -> None:
    developer = new_developer(server.url)
    first, second = twice(f"{server.url}/api/dicom/uploads/", developer.api_key, json={"file_name": "file.dcm"})
    assert first.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    summary = requests.get(f"{server.url}/api/developer/profiles/activity-summary/", headers=developer.bearer)
    assert summary.json()["monthly_total"] == 1
    form = {"files": {"image": ("picture.png", PICTURE)}, "data": {"file_name": "a"}}
    first, second = twice(f"{server.url}/api/dicom/generate/", developer.api_key, **form)
    assert first.status_code == 200
    assert first.content == second.content
    form = {"files": {"file": ("scan.dcm", file_bytes("CT_small.dcm"))}}
    for name, asked in (("deidentify", {}), ("convert", {"uids": "new"})):
        first, second = twice(f"{server.url}/api/dicom/{name}/", developer.api_key, **form, data=asked)
        assert first.status_code == 200
        assert first.content == second.content


def test_the_same_key_with_another_body_is_refused(server: Server) -> None:
    headers = new_developer(server.url).bearer | {"Idempotency-Key": str(uuid.uuid4())}
    assert requests.post(f"{server.url}/api-keys/", headers=headers, json={"name": "a"}).status_code == 201
    answer = requests.post(f"{server.url}/api-keys/", headers=headers, json={"name": "b"})
    assert answer.status_code == 422
    assert "send a new key" in answer.json()["error"]
