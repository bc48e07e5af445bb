"""The headers of answers: for caches, for browsers, for finding a request, and for counting requests."""

import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from PIL import Image

from tests.dicom_files import file_bytes
from tests.e2e import uploads
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import LocalServer, Server

READ, GENERATE, UPLOADS = "/api/dicom/read/file/", "/api/dicom/generate/", "/api/dicom/uploads/"
FIELDS, TYPES = "/api/dicom-format/allowed-fields/", "/api/dicom-format/required-field-type/"
CT = file_bytes("CT_small.dcm")


def png(size: tuple[int, int] = (4, 4)) -> bytes:
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def developer(server: Server) -> Developer:
    return new_developer(server.url)


ANSWERS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/api-keys/", {}, 200),
    ("GET", "/api/developer/profiles/", {}, 200),
    ("GET", "/api/developer/profiles/activity-summary/", {}, 200),
    ("POST", "/api/token/", {"json": {}}, 400),
    ("POST", "/api/token/refresh/", {"json": {"refresh": "a"}}, 401),
    ("DELETE", "/api-keys/delete/77/", {}, 404),
    ("POST", READ, {}, 401),
    ("OPTIONS", READ, {}, 204),
    ("GET", FIELDS, {"params": {"nothing": "x"}}, 400),
    ("GET", "/nothing/", {}, 404),
    ("PUT", READ, {}, 404),
    ("POST", READ, {"data": bytes(5_000_000)}, 413),
]


@pytest.mark.parametrize(("method", "path", "request_", "status"), ANSWERS)
def test_no_answer_is_kept_or_taken_for_something_else(
    server: Server, developer: Developer, method: str, path: str, request_: dict[str, Any], status: int
) -> None:
    answer = requests.request(method, server.url + path, headers=developer.bearer, **request_)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])


def test_an_answer_tells_the_id_that_the_logs_have(start_server: Callable[..., LocalServer]) -> None:
    server = start_server("--verbose")
    answers = [requests.get(server.url + FIELDS, params=query) for query in ({}, {"fields__regex": "("})]
    for answer in answers:
        told = f'"gateway_request":"{answer.headers["X-Request-Id"]}"'
        server.wait_until(lambda told=told: told in server.log())
        assert server.log().count(told) == 1


def limits(answer: requests.Response) -> dict[str, dict[str, int]]:
    """{"q", "w", "r", "t"} by policy, of both headers."""
    found: dict[str, dict[str, int]] = {}
    for header in ("RateLimit-Policy", "RateLimit"):
        name, *parameters = answer.headers[header].split(";")
        numbers = {key: int(value) for key, value in (parameter.split("=") for parameter in parameters)}
        found.setdefault(json.loads(name), {}).update(numbers)
    return found


@pytest.mark.parameters(MonthlyQuota=20)
def test_metered_answers_say_what_is_left(own_server: Server) -> None:
    developer = new_developer(own_server.url)

    def ask(**form: Any) -> requests.Response:
        return requests.post(own_server.url + READ, headers=developer.api_key, **form)

    began = datetime.now(UTC)
    reads = [ask(files={"file": ("a.dcm", CT)}, data={"fields": "Modality"}), ask(), *(ask() for _ in range(18)), ask()]
    assert [answer.status_code for answer in reads] == [200, *[415] * 19, 429]
    left = [limits(answer)["reads"] for answer in reads]
    assert [each["r"] for each in left] == [*range(19, -1, -1), 0]
    assert {each["q"] for each in left} == {20}
    next_month = datetime(began.year + began.month // 12, began.month % 12 + 1, 1, tzinfo=UTC)
    assert 0 < left[0]["t"] <= (next_month - began).total_seconds() + 1
    assert left[0]["w"] == (next_month - datetime(began.year, began.month, 1, tzinfo=UTC)).total_seconds()
    assert int(reads[-1].headers["Retry-After"]) == left[-1]["t"]
    # Generated files have their own quota.
    made = requests.post(
        own_server.url + GENERATE, headers=developer.api_key, files={"image": png()}, data={"file_name": "a"}
    )
    assert (made.status_code, limits(made)["generates"]["r"]) == (200, 999)


def test_an_upload_counts_as_what_it_becomes(server: Server) -> None:
    developer = new_developer(server.url)

    def ask(**body: Any) -> dict[str, dict[str, int]]:
        return limits(requests.post(server.url + UPLOADS, headers=developer.api_key, **body))

    assert list(ask(json={"file_name": "a.dcm"})) == ["reads"]
    assert list(ask(json={"file_name": "a.png"})) == ["generates"]
    assert list(ask(json={"file_name": "a.JPG", "nonsense": 1})) == ["generates"]
    assert ask(json={"file_name": 5})["reads"]["r"] == ask(data=b"{")["reads"]["r"] + 1
    summary = f"{server.url}/api/developer/profiles/activity-summary/"
    assert requests.get(summary, headers=developer.bearer).json()["monthly_total"] == 3


def test_other_answers_count_nothing(server: Server, developer: Developer) -> None:
    for answer in (
        requests.get(server.url + FIELDS),
        requests.post(server.url + READ),
        requests.get(f"{server.url}{UPLOADS}7d444840-9dc0-11d1-b245-5ffdce74fad2/", headers=developer.api_key),
    ):
        assert not {"ratelimit", "ratelimit-policy"} & {name.lower() for name in answer.headers}


@pytest.mark.parametrize("path", [FIELDS, TYPES, f"{FIELDS}?fields__contains=Patient"])
def test_the_dictionary_may_be_kept_and_asked_about(server: Server, path: str) -> None:
    answer = requests.get(server.url + path, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "Content-Encoding" not in answer.headers
    assert {"accept-encoding", "origin"} <= {name.strip().lower() for name in answer.headers["Vary"].split(",")}
    tag = answer.headers["ETag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = requests.get(server.url + path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == "public, max-age=86400"
    for unknown in ('"other"', "", tag.strip('W/"')):
        assert requests.get(server.url + path, headers={"If-None-Match": unknown}).status_code == 200


@pytest.mark.parametrize("path", [FIELDS, TYPES])
def test_the_dictionary_comes_compressed_to_whom_takes_it_so(server: Server, path: str) -> None:
    plain = requests.get(server.url + path, headers={"Accept-Encoding": "identity"})
    with requests.get(server.url + path, headers={"Accept-Encoding": "br, gzip;q=0.5"}, stream=True) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["ETag"] == plain.headers["ETag"]
        raw = answer.raw.read(decode_content=False)
    assert len(raw) < len(plain.content) / 3
    assert gzip.decompress(raw) == plain.content
    refused = requests.get(server.url + path, headers={"Accept-Encoding": "gzip;q=0, *;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_what_leaves_through_the_bucket_is_kept_nowhere(server: Server, developer: Developer) -> None:
    job = uploads.start(server, developer, "a.dcm", CT)
    end = uploads.end(job, developer)
    assert requests.get(end["result_url"]).headers["Cache-Control"] == "no-store"
    picture = uploads.end(uploads.start(server, developer, "a.png", png()), developer)
    assert requests.get(picture["result_url"]).headers["Cache-Control"] == "no-store"
    form = {"files": {"image": png((3000, 2000))}, "data": {"file_name": "large"}}
    answer = requests.post(server.url + GENERATE, headers=developer.api_key, **form, allow_redirects=False)
    assert answer.status_code == 303
    assert requests.get(answer.headers["Location"]).headers["Cache-Control"] == "no-store"
