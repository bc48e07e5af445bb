"""A client's mistakes over HTTP: each is a 4xx with a plain sentence."""

import io
import threading
from collections import Counter
from typing import Any

import pytest
import requests
from PIL import Image

from tests.dicom_files import file_bytes
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import Server

CT = file_bytes("CT_small.dcm")
READ, GENERATE = "/api/dicom/read/file/", "/api/dicom/generate/"


def png() -> bytes:
    file = io.BytesIO()
    Image.new("L", (4, 4)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def developer(server: Server) -> Developer:
    return new_developer(server.url)


def refused(answer: requests.Response, status: int, *names: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["error"].endswith(".")
    for name in names:
        assert name in body["fields"]


JSON_ERRORS: list[tuple[str, str, dict[str, Any], int, tuple[str, ...]]] = [
    ("/api/register/", "POST", {"data": b"{"}, 400, ()),
    ("/api/register/", "POST", {"data": b"\xff\xfe"}, 400, ()),
    ("/api/register/", "POST", {"json": []}, 400, ()),
    ("/api/register/", "POST", {"json": {}}, 400, ("email", "password")),
    ("/api/register/", "POST", {"json": {"email": 5, "password": None}}, 400, ("email", "password")),
    ("/api/register/", "POST", {"json": {"email": "nobody", "password": "long enough"}}, 400, ("email",)),
    ("/api/register/", "POST", {"json": {"email": "a@example.com", "password": "short"}}, 400, ("password",)),
    ("/api/register/", "POST", {"json": {"email": "a@example.com", "password": "x" * 129}}, 400, ("password",)),
    ("/api/register/", "POST", {"data": {"email": "a@example.com", "password": "long enough"}}, 415, ()),
    ("/api/token/", "POST", {"json": {"email": "nobody@example.com", "password": "long enough"}}, 401, ()),
    ("/api/token/", "POST", {"json": {"email": "nobody@example.com"}}, 400, ("password",)),
    ("/api/token/refresh/", "POST", {"json": {"refresh": "a.b.c"}}, 401, ()),
    ("/api/token/refresh/", "POST", {"json": {"refresh": ""}}, 401, ()),
    ("/api/developer/profiles/", "GET", {}, 401, ()),
    ("/api/developer/profiles/", "POST", {"json": {"purpose": "a", "organization": "b"}}, 401, ()),
    ("/api/developer/profiles/", "GET", {"headers": {"Authorization": "Bearer x.y.z"}}, 401, ()),
    ("/api/developer/profiles/", "GET", {"headers": {"Authorization": "Basic eDp5"}}, 401, ()),
    ("/api/developer/profiles/activity-summary/", "GET", {"headers": {"Authorization": "Bearer"}}, 401, ()),
    ("/api-keys/", "POST", {"json": {"name": "k"}}, 401, ()),
    ("/api-keys/delete/1/", "DELETE", {}, 401, ()),
    (READ, "POST", {}, 401, ()),
    (READ, "POST", {"headers": {"Authorization": "ApiKey amRqSgZZ.CLevHmvt7WJucw2gKA5sGhEUs2Fh6Svq"}}, 401, ()),
    (READ, "POST", {"headers": {"Authorization": "ApiKey x"}}, 401, ()),
    (GENERATE, "POST", {"headers": {"Authorization": "ApiKey " + "é".encode().decode("latin-1") * 41}}, 401, ()),
    ("/api/dicom-format/allowed-fields/?fields__regex=(", "GET", {}, 400, ("fields__regex",)),
    ("/api/dicom-format/allowed-fields/?fields__regex=" + "(" * 2000, "GET", {}, 400, ("fields__regex",)),
    ("/api/dicom-format/allowed-fields/?fields__regex=(?:(?:x{900}){900}){900}", "GET", {}, 400, ("fields__regex",)),
    ("/api/dicom-format/allowed-fields/?contains=x", "GET", {}, 400, ("contains",)),
    ("/api/nothing/", "GET", {}, 404, ()),
    ("/api/token/", "GET", {}, 404, ()),
    ("/assets/", "GET", {}, 404, ()),
]


@pytest.mark.parametrize(("path", "method", "request_", "status", "names"), JSON_ERRORS)
def test_without_credentials(
    server: Server, path: str, method: str, request_: dict[str, Any], status: int, names: tuple[str, ...]
) -> None:
    answer = requests.request(method, server.url + path, **request_)
    refused(answer, status, *names)
    assert (status == 401) == ("x-amzn-Remapped-WWW-Authenticate" in answer.headers)


def test_a_second_account_of_the_same_address(server: Server, developer: Developer) -> None:
    account = {"email": developer.email.upper(), "password": "long enough"}
    refused(requests.post(f"{server.url}/api/register/", json=account), 409)


def test_keys_need_a_profile(server: Server) -> None:
    account = {"email": "no.profile@example.com", "password": "long enough"}
    requests.post(f"{server.url}/api/register/", json=account).raise_for_status()
    token = requests.post(f"{server.url}/api/token/", json=account).json()["access"]
    headers = {"Authorization": f"Bearer {token}"}
    refused(requests.post(f"{server.url}/api-keys/", json={"name": "k"}, headers=headers), 403)
    refused(requests.get(f"{server.url}/api-keys/", headers=headers), 403)
    refused(requests.get(f"{server.url}/api/developer/profiles/activity-summary/", headers=headers), 403)
    refused(requests.get(f"{server.url}/api/developer/profiles/", headers=headers), 404)


@pytest.mark.parametrize("key_id", ["2", "0", "-1", "x", "1.0", "9" * 40, "%F0%9F%98%80", "1%2F2"])
def test_keys_that_are_not_there(server: Server, developer: Developer, key_id: str) -> None:
    refused(requests.delete(f"{server.url}/api-keys/delete/{key_id}/", headers=developer.bearer), 404)


def test_another_developers_key_is_not_there(server: Server, developer: Developer) -> None:
    other = new_developer(server.url)
    requests.post(f"{server.url}/api-keys/", json={"name": "2"}, headers=other.bearer).raise_for_status()
    refused(requests.delete(f"{server.url}/api-keys/delete/2/", headers=developer.bearer), 404)
    assert len(requests.get(f"{server.url}/api-keys/", headers=other.bearer).json()) == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000])
def test_names_of_keys(server: Server, developer: Developer, name: str) -> None:
    refused(requests.post(f"{server.url}/api-keys/", json={"name": name}, headers=developer.bearer), 400, "name")


def test_repeated_failures_are_slowed_down(server: Server) -> None:
    account = {"email": "guessed@example.com", "password": "long enough"}
    requests.post(f"{server.url}/api/register/", json=account).raise_for_status()
    guess = account | {"password": "wrong guess"}
    answers = [requests.post(f"{server.url}/api/token/", json=guess) for _ in range(12)]
    refused(answers[0], 401)
    refused(answers[-1], 429)
    assert int(answers[-1].headers["Retry-After"]) > 0
    refused(requests.post(f"{server.url}/api/token/", json=account), 429)


READ_ERRORS: list[tuple[dict[str, Any], int, tuple[str, ...]]] = [
    ({"json": {}}, 415, ()),
    ({"data": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400, ()),
    ({"data": {"fields": "PatientName"}, "files": {"other": ("a.dcm", CT)}}, 400, ("other",)),
    ({"data": {"retrun_format": "png"}, "files": {"file": ("a.dcm", CT)}}, 400, ("retrun_format",)),
    ({"files": {"fields": (None, "PatientName")}}, 400, ("file",)),
    ({"files": {"file": (None, CT)}}, 400, ()),
    ({"files": [("file", ("a.dcm", CT)), ("file", ("b.dcm", CT))]}, 400, ("file",)),
    ({"files": {"file": ("a.txt", CT)}}, 400, ("file",)),
    ({"files": {"file": ("a.dcm.gz", CT)}}, 400, ("file",)),
    ({"files": {"file": ("a.dcm", b"")}}, 400, ()),
    ({"files": {"file": ("a.dcm", b"no DICOM file at all")}}, 400, ()),
    ({"files": {"file": ("a.dcm", png())}}, 400, ()),
    ({"files": {"file": ("a.zip", CT)}}, 400, ()),
    ({"data": {"fields": "PatientName,Patientname"}, "files": {"file": ("a.dcm", CT)}}, 400, ("fields",)),
    ({"data": {"return_format": "bmp"}, "files": {"file": ("a.dcm", CT)}}, 400, ("return_format",)),
    ({"data": {"window": "40"}, "files": {"file": ("a.dcm", CT)}}, 400, ("window",)),
    ({"data": {"viewport": "0,0"}, "files": {"file": ("a.dcm", CT)}}, 400, ("viewport",)),
    ({"data": {"quality": "101"}, "files": {"file": ("a.dcm", CT)}}, 400, ("quality",)),
    ({"data": {"frames": "2"}, "files": {"file": ("a.dcm", CT)}}, 400, ("frames",)),
    ({"files": {"file": ("a.dcm", bytes(128) + b"DICM" + bytes(5_000_000))}}, 413, ()),
]


@pytest.mark.parametrize(("request_", "status", "names"), READ_ERRORS)
def test_reading(
    server: Server, developer: Developer, request_: dict[str, Any], status: int, names: tuple[str, ...]
) -> None:
    headers = developer.api_key | request_.pop("headers", {})
    refused(requests.post(server.url + READ, headers=headers, **request_), status, *names)


GENERATE_ERRORS: list[tuple[dict[str, Any], int, tuple[str, ...]]] = [
    ({"json": {}}, 415, ()),
    ({"data": {"file_name": "a"}, "files": {"other": ("a.png", png())}}, 400, ("other",)),
    ({"data": {}, "files": {"image": ("a.png", png())}}, 400, ("file_name",)),
    ({"data": {"file_name": "a/../b"}, "files": {"image": ("a.png", png())}}, 400, ("file_name",)),
    ({"data": {"file_name": "a"}, "files": {"image": ("a.png", b"no picture")}}, 400, ()),
    ({"data": {"file_name": "a"}, "files": {"image": ("a.png", png()[:-20])}}, 400, ()),
    ({"data": {"file_name": "a", "Nonsense": "1"}, "files": {"image": ("a.png", png())}}, 400, ("Nonsense",)),
    ({"data": {"file_name": "a", "StudyDate": "tomorrow"}, "files": {"image": ("a.png", png())}}, 400, ("StudyDate",)),
    ({"data": {"file_name": "a", "Rows": "5"}, "files": {"image": ("a.png", png())}}, 400, ("Rows",)),
    ({"data": {"file_name": "a", "PixelData": "5"}, "files": {"image": ("a.png", png())}}, 400, ("PixelData",)),
]


@pytest.mark.parametrize(("request_", "status", "names"), GENERATE_ERRORS)
def test_generating(
    server: Server, developer: Developer, request_: dict[str, Any], status: int, names: tuple[str, ...]
) -> None:
    refused(requests.post(server.url + GENERATE, headers=developer.api_key, **request_), status, *names)


@pytest.mark.parameters(MonthlyQuota=20)
def test_the_limit_is_exact_under_many_parallel_requests(own_server: Server) -> None:
    developer = new_developer(own_server.url)
    answers: list[requests.Response] = []

    def ask(refused_one: bool) -> None:
        # Refused requests count as well.
        form = {"files": {"file": ("a.dcm", b"none" if refused_one else CT)}, "data": {"fields": "Modality"}}
        answers.append(requests.post(own_server.url + READ, headers=developer.api_key, **form))

    threads = [threading.Thread(target=ask, args=(number % 4 == 0,)) for number in range(48)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(answer.status_code for answer in answers)
    assert counts[429] == 28
    assert counts[200] + counts[400] == 20
    over = sorted(
        (answer.json() for answer in answers if answer.status_code == 429), key=lambda body: body["requests_used"]
    )
    assert [body["requests_used"] for body in over] == list(range(21, 49))
    assert over[0] == {
        "error": "Monthly API request for '/api/dicom/read/file/' limit exceeded.",
        "quota": 20,
        "requests_used": 21,
    }
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 429)
    activity = requests.get(
        f"{own_server.url}/api/developer/profiles/activity-summary/", headers=developer.bearer
    ).json()
    assert activity["monthly_total"] == 48
