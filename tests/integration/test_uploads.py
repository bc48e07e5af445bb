"""POST /api/dicom/uploads/ and GET /api/dicom/uploads/<id>/: what clients see of their uploads."""

import base64
import json
import math
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from botocore.client import BaseClient
from pydicom.data import get_testdata_file

from events import build
from imaging.answers.options import read_options
from imaging.answers.read import write_answer
from metering import usage
from staging import jobs, objects
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

CONTENT = Path(str(get_testdata_file("rtdose.dcm"))).read_bytes()
GIGABYTE = 1024**3

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def api(aws: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:  # noqa: ARG001
    return {name: functions.load(name) for name in ("upload_create", "upload_status", "upload_worker")}


@pytest.fixture
def key(api: dict[str, ModuleType]) -> str:  # noqa: ARG001
    return uploads.api_key_of("ann@example.com")


@pytest.fixture
def create(api: dict[str, ModuleType], key: str) -> Send:
    def send(body: Any, *, key: str = key, headers: dict[str, str] | None = None, **context: str) -> dict[str, Any]:
        event = build.events(build.Caller(api_key=key))["upload_create"]
        event["headers"] |= headers or {}
        event["body"] = body if isinstance(body, str) else json.dumps(body)
        event["requestContext"] |= context
        event["isBase64Encoded"] = False
        if context:
            event["headers"].pop("X-Forwarded-Proto")
        answered: dict[str, Any] = api["upload_create"].handler(event, CONTEXT)
        return answered

    return send


@pytest.fixture
def status(api: dict[str, ModuleType], key: str) -> Send:
    def send(job_id: str, *, key: str = key) -> dict[str, Any]:
        event = build.events(build.Caller(api_key=key, upload="ID"))["upload_status"]
        event |= {"path": f"/api/dicom/uploads/{job_id}/", "pathParameters": {"id": job_id}}
        answered: dict[str, Any] = api["upload_status"].handler(event, CONTEXT)
        return answered

    return send


def body(answered: dict[str, Any], expected: int) -> Any:
    assert answered["statusCode"] == expected, answered["body"]
    return json.loads(answered["body"])


def retry_after(answered: dict[str, Any]) -> int | None:
    values = answered["multiValueHeaders"].get("Retry-After")
    return int(values[0]) if values else None


def policy(made: dict[str, Any]) -> dict[str, Any]:
    conditions: dict[str, Any] = json.loads(base64.b64decode(made["upload"]["fields"]["policy"]))
    return conditions


def user_id_of(job_id: str) -> str:
    return str(uploads.job(job_id).user_id)


@pytest.mark.parametrize(("name", "gigabytes"), [("file.dcm", 5), ("file.png", 0.25)])
def test_the_form_binds_key_size_type_and_time(create: Send, name: str, gigabytes: float) -> None:
    before = time.time()
    made = body(create({"file_name": name}), 201)
    assert made["expires_in"] == 3600
    assert made["upload"]["fields"]["Content-Type"] == "application/octet-stream"
    key = f"uploads/{made['id']}"
    assert made["upload"]["fields"]["key"] == key
    form = policy(made)
    assert {"bucket": uploads.BUCKET} in form["conditions"]
    assert {"key": key} in form["conditions"]
    assert {"Content-Type": "application/octet-stream"} in form["conditions"]
    assert ["content-length-range", 1, gigabytes * GIGABYTE] in form["conditions"]
    ends = datetime.fromisoformat(form["expiration"]).timestamp()
    assert before + 3590 < ends < time.time() + 3610


def test_an_upload_from_the_form_to_the_result(create: Send, status: Send, api: dict[str, ModuleType]) -> None:
    made = body(create({"file_name": "file.DCM", "return_format": "jpeg", "frames": "2-4"}), 201)
    job_id = made["id"]
    waiting = status(job_id)
    assert body(waiting, 200) == {
        "id": job_id,
        "status": "waiting",
        "frames_done": 0,
        "frames_total": None,
        "elapsed_seconds": 0.0,
    }
    assert retry_after(waiting) == 1

    sent = requests.post(made["upload"]["url"], made["upload"]["fields"], files={"file": CONTENT})
    assert sent.status_code == 204
    (stored,) = boto3.client("s3").list_objects_v2(Bucket=uploads.BUCKET)["Contents"]
    uploads.Worker(api["upload_worker"].handler).do_all(uploads.arrival(stored["Key"]))

    finished = status(job_id)
    told = body(finished, 200)
    assert told.pop("elapsed_seconds") >= 0
    url = told.pop("result_url")
    assert told == {"id": job_id, "status": "done", "frames_done": 3, "frames_total": 3}
    assert retry_after(finished) is None
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["600"]
    answer = bytearray()
    write_answer("file.DCM", CONTENT, read_options({"return_format": "jpeg", "frames": "2-4"}), answer.extend)
    fetched = requests.get(url)
    assert fetched.content == answer
    assert fetched.headers["Content-Type"] == "application/json"


def test_progress_comes_with_an_estimate(create: Send, status: Send) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    job = uploads.job(job_id)
    assert jobs.begin(job, "etag")
    jobs.plan(job, parts=10, frames=100)
    job.update([jobs.Job.started.set(time.time() - 60)])
    looking = body(status(job_id), 200)
    assert (looking["status"], looking["frames_done"], looking["frames_total"]) == ("processing", 0, 100)
    assert "remaining_seconds" not in looking
    jobs.finish_part(job, 3, 75)
    answered = status(job_id)
    seen = body(answered, 200)
    assert (seen["frames_done"], seen["frames_total"]) == (75, 100)
    # A quarter of the frames is left. On a slow machine some seconds may have passed.
    assert seen["elapsed_seconds"] >= 60
    assert seen["remaining_seconds"] == pytest.approx(seen["elapsed_seconds"] / 3, abs=0.2)
    assert retry_after(answered) == min(math.ceil(seen["remaining_seconds"]), 30)
    assert "result_url" not in seen


@pytest.mark.parametrize(("age", "seconds"), [(0, 1), (100, 10), (3000, 30)])
def test_the_longer_an_upload_waits_the_less_often_it_is_asked_for(
    create: Send, status: Send, age: int, seconds: int
) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    uploads.job(job_id).update([jobs.Job.created.set(time.time() - age)])
    assert retry_after(status(job_id)) in (seconds, min(seconds + 1, 30))


def test_a_failure_says_why(create: Send, status: Send) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    jobs.fail(uploads.job(job_id), "The file is broken.")
    told = body(status(job_id), 200)
    assert (told["status"], told["error"]) == ("failed", "The file is broken.")
    assert "result_url" not in told


def test_a_job_is_its_developers_own(create: Send, status: Send) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    other = uploads.api_key_of("bob@example.com")
    assert body(status(job_id, key=other), 404)["error"].startswith("You have no upload with this id")
    assert body(status(job_id), 200)["id"] == job_id


def test_an_expired_job_is_gone(create: Send, status: Send) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    uploads.job(job_id).update([jobs.Job.expires.set(int(time.time()) - 1)])
    body(status(job_id), 404)


@pytest.mark.parametrize("job_id", ["7d444840-9dc0-11d1-b245-5ffdce74fad2", "1", "x" * 3000, "%00", "é"])
def test_an_unknown_job(status: Send, job_id: str) -> None:
    body(status(job_id), 404)


@pytest.mark.parametrize(
    ("context", "start"),
    [
        ({}, "http://localhost:8080/api/dicom/uploads/"),
        (
            {"domainName": "abc.execute-api.eu-central-1.amazonaws.com", "path": "/prod/api/dicom/uploads/"},
            "https://abc.execute-api.eu-central-1.amazonaws.com/prod/api/dicom/uploads/",
        ),
        (
            {"domainName": "dicom.example.com", "path": "/api/dicom/uploads"},
            "https://dicom.example.com/api/dicom/uploads/",
        ),
    ],
)
def test_the_status_is_where_the_request_came_to(create: Send, context: dict[str, str], start: str) -> None:
    answer = create({"file_name": "file.dcm"}, **context)
    made = body(answer, 201)
    assert made["status_url"] == f"{start}{made['id']}/"
    assert answer["multiValueHeaders"]["Location"] == [made["status_url"]]


def test_an_upload_counts_once(create: Send, status: Send, api: dict[str, ModuleType]) -> None:
    made = body(create({"file_name": "file.dcm"}), 201)
    body(status(made["id"]), 200)
    uploads.Worker(api["upload_worker"].handler).do_all(uploads.put(made["id"], CONTENT), times=2)
    body(status(made["id"]), 200)
    assert usage.activity(user_id_of(made["id"]))["monthly_total"] == 1


def test_over_the_quota_there_is_no_form(create: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONTHLY_QUOTA", "1")
    body(create({"file_name": "file.dcm"}), 201)
    told = body(create({"file_name": "file.dcm"}), 429)
    assert told["requests_used"] == 2


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("", 400),
        ("[]", 400),
        ("{", 400),
        ("{}", 400),
        ('{"file_name": "\\ud800.dcm"}', 400),
        ('{"file_name": "a.dcm", "frames": "x"}', 400),
        (json.dumps({"file_name": "a.dcm", "fields": "Modality," * 100_000}), 413),
        (json.dumps({"file_name": "a.png", "attributes": {"ImageComments": "x" * 9000, "Modality": ""}}), 400),
    ],
)
def test_a_bad_request_makes_no_job_and_counts(create: Send, sent: str, expected: int) -> None:
    assert body(create(sent), expected)["error"]
    assert boto3.resource("dynamodb").Table("JobsTable").scan()["Items"] == []
    (counted,) = boto3.resource("dynamodb").Table("UsageTable").scan()["Items"]  # a picture has a quota of its own
    assert counted["total"] == 1


def test_a_key_of_an_upload_that_was_deleted_makes_no_other(create: Send) -> None:
    request, key = {"file_name": "file.dcm"}, {"Idempotency-Key": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}
    made = body(create(request, headers=key), 201)
    assert body(create(request, headers=key), 201)["id"] == made["id"]
    jobs.delete(uploads.job(made["id"]))
    assert "send a new key" in body(create(request, headers=key), 409)["error"]
    assert body(create(request), 201)["id"] != made["id"]


def as_large_as(size: int, filler: str) -> str:
    """A request whose body has this size in bytes."""
    request = {"file_name": "a.png", "attributes": {"ImageComments": ""}}
    room = size - len(json.dumps(request))
    request["attributes"] = {
        "ImageComments": filler * (room // len(filler.encode())) + "x" * (room % len(filler.encode()))
    }
    sent = json.dumps(request, ensure_ascii=False)
    assert len(sent.encode()) == size
    return sent


@pytest.mark.parametrize("filler", ["x", "é", "😀"])
def test_a_request_has_as_many_bytes_as_its_record_holds(
    create: Send, monkeypatch: pytest.MonkeyPatch, filler: str
) -> None:
    monkeypatch.setattr("staging.upload_requests.check", lambda *_: None)  # of what is in it
    job_id = body(create(as_large_as(300_000, filler)), 201)["id"]
    assert filler * 1000 in uploads.job(job_id).request
    error = body(create(as_large_as(300_001, filler)), 413)["error"]
    assert error == "The JSON in the body has 300,001 bytes, and 300,000 are the most: send fewer or shorter fields."


def test_what_is_too_large_is_not_looked_at(create: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orjson.loads", lambda *_: pytest.fail("It was parsed."))
    attributes = {f"DS{number}": "1" * 60_000 for number in range(40)}
    answer = create(json.dumps({"file_name": "a.png", "attributes": attributes}))
    assert "staged upload" not in body(answer, 413)["error"]


def test_a_job_is_there_as_soon_as_it_is_made(create: Send, status: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = body(create({"file_name": "file.dcm"}), 201)["id"]
    consistent = []
    call = BaseClient._make_api_call

    def record(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "GetItem":
            consistent.append((arguments["TableName"], arguments.get("ConsistentRead")))
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    body(status(job_id), 200)
    jobs.refresh(uploads.job(job_id))
    assert set(consistent) == {("ApiKeysTable", True), ("JobsTable", True)}


@pytest.mark.usefixtures("api")
def test_forms_and_urls_name_the_bucket_in_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(objects, "client", objects.client.__wrapped__)
    host = f"{uploads.BUCKET}.s3.eu-central-1.amazonaws.com"
    assert urlsplit(objects.form("uploads/a", "text/plain", 1, 60)["url"]).netloc == host
    assert urlsplit(objects.url("results/a")).netloc == host


def test_without_a_key_nothing_is_told(create: Send, status: Send) -> None:
    body(create({"file_name": "file.dcm"}, key="no key"), 401)
    body(status("7d444840-9dc0-11d1-b245-5ffdce74fad2", key="no key"), 401)
