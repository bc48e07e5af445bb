"""Nothing that a client sends is in the logs: every path is fed with marked values, and all that is written searched.

Where the developer is known, each line names them.
"""

import base64
import contextlib
import importlib
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from urllib3 import encode_multipart_formdata

import dicom_dictionary
import imaging
from events import build
from identity import accounts, api_keys, developers, sessions
from staging import jobs
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.template import resources
from tests.marked_files import BYTES, MARK, archives, dicom_files, is_in, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)"),
    pytest.mark.usefixtures("aws"),
]

EMAIL = f"{MARK}@example.com"
PASSWORD = f"{MARK}-password"

# What can fail: functions that call AWS, and those that read the dictionary.
FAILING = {
    Path(function["CodeUri"]).name
    for function in resources("AWS::Serverless::Function").values()
    if function.get("Policies")
} - {"rotate_signing_secret"} | {
    "allowed_fields",
    "required_field_types",
}  # a rotation raises, for Secrets Manager to see

Answer = dict[str, Any]
Send = Callable[..., Answer]
Log = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def caller() -> build.Caller:
    """A developer whose all is marked."""
    accounts.register(EMAIL, PASSWORD)
    account = accounts.authenticate(EMAIL, PASSWORD, "192.0.2.1")
    user_id = account.user_id
    developers.create_profile(user_id, MARK, MARK)
    key = api_keys.create(user_id, MARK)["key"]
    upload = jobs.create(user_id, jobs.READ, {"file_name": f"{MARK}.dcm", "options": {}}).id
    return build.Caller(EMAIL, PASSWORD, **sessions.begin(account), api_key=key, upload=upload)


@pytest.fixture
def log(caller: build.Caller, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    """Gives the lines that functions wrote since, and in the end searches all that anybody wrote."""
    caplog.set_level(logging.INFO)  # Lambda's
    everything: list[str] = []
    lines: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        output, errors = capfd.readouterr()
        everything.extend((output, errors))
        assert errors == ""
        found = [json.loads(line) for line in output.splitlines()]
        lines.extend(found)
        return found

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        importlib.reload(imaging)  # which silences the libraries
        yield read
        read()
    everything += [caplog.text, *(str(warning.message) for warning in warned if "samcli" not in warning.filename)]
    text = "\n".join(everything)
    assert lines
    assert not is_in(text)
    secrets = (caller.access, caller.refresh, caller.api_key, caller.api_key[9:], caller.password)
    assert not [secret for secret in secrets if secret in text]


@pytest.fixture
def send(caller: build.Caller) -> Send:
    """send(function, body, headers, event=…) sends the function's example of a request, with these."""
    events = build.events(caller)
    apps = {name: functions.load(name) for name in events}

    def sent(name: str, body: Any = None, headers: dict[str, str] | None = None, /, **event: Any) -> Answer:
        request = json.loads(json.dumps(events[name]))
        more = {"User-Agent": MARK, "Cookie": MARK, "X-Forwarded-For": MARK, MARK: MARK, **(headers or {})}
        request["headers"] |= more
        request["multiValueHeaders"] |= {header: [value] for header, value in more.items()}
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            request |= {"body": base64.b64encode(content).decode(), "isBase64Encoded": True}
        answered: Answer = apps[name].handler(request | event, CONTEXT)
        assert answered["statusCode"] < 500, answered
        return answered

    return sent


def form(send: Send, name: str, fields: list[tuple[str, Any]], **headers: str) -> Answer:
    body, content_type = encode_multipart_formdata(fields)
    return send(name, body, {"Content-Type": content_type, **headers})


def test_read(send: Send, log: Log) -> None:
    statuses = {form(send, "read", [("file", (f"{MARK}.dcm", content))])["statusCode"] for content in dicom_files()}
    assert statuses == {200, 400}
    for content in list(dicom_files())[::5]:
        form(send, "read", [("file", (f"{MARK}.dcm", content))], Accept="application/dicom+json")
    for content in archives():
        form(send, "read", [("file", (f"{MARK}.zip", content))])
    for line in log():
        assert line["message"] == "answered"
        assert line["developer"]
        assert line["request"]
        assert line["gateway_request"]


OPTIONS = ["fields", "return_format", "window", "viewport", "quality", "frames", "overlays", "animation", MARK]


def test_read_refuses(send: Send, log: Log) -> None:
    file = ("file", (f"{MARK}.dcm", next(dicom_files())))
    refused = [form(send, "read", [file, (option, MARK)]) for option in OPTIONS]
    refused += [
        form(send, "read", [(MARK, (MARK, BYTES))]),
        form(send, "read", [("file", (f"{MARK}.{MARK}", BYTES))]),
        form(send, "read", [("file", MARK)]),
        form(send, "read", [(MARK, MARK), (MARK, MARK)]),
        send("read", BYTES),
        send("read", BYTES, {"Content-Type": f"text/{MARK}"}),
        send("read", BYTES, {"Content-Type": f"multipart/form-data; boundary={MARK}"}),
        send("read", b"--" + BYTES + b"\r\n" + BYTES, {"Content-Type": f"multipart/form-data; boundary={MARK}"}),
    ]
    assert {answer["statusCode"] for answer in refused} == {400, 415}
    assert sum(any(name.startswith("Refused") for name in line) for line in log()) == len(refused)


@pytest.mark.parametrize("name", ["generate", "profile", "read", "upload_create", "upload_status", "api_keys"])
def test_credentials(send: Send, log: Log, name: str) -> None:
    key = f"{MARK[:8]}.{MARK * 4}"
    for given in (
        MARK,
        f"ApiKey {MARK}",
        f"ApiKey {key}",
        f"Bearer {MARK}",
        f"Bearer {MARK}.{MARK}.{MARK}",
        f"Basic {MARK}",
    ):
        assert send(name, None, {"Authorization": given})["statusCode"] == 401
    for line in log():
        assert line["RefusedNotAuthenticated"] == 1
        assert "developer" not in line


def test_generate(send: Send, log: Log) -> None:
    images = list(pictures())
    for image in images:
        form(send, "generate", [("file_name", MARK), ("image", (MARK, image)), ("PatientName", MARK)])
    for keyword in ("StudyDate", "Rows", "PatientAge", MARK, "compression", "PixelData"):
        answer = form(send, "generate", [("file_name", MARK), ("image", (MARK, images[0])), (keyword, MARK)])
        assert answer["statusCode"] == 400
    form(send, "generate", [("file_name", MARK), (MARK, (MARK, images[0]))])
    form(send, "generate", [("file_name", MARK)])
    assert {200, 400} <= {line["status"] for line in log()}


UPLOADS: list[dict[str, Any]] = [
    {"file_name": f"{MARK}.dcm", "fields": "PatientName"},
    {"file_name": f"{MARK}.png", "attributes": {"PatientName": MARK}},
    {"file_name": f"{MARK}.txt"},
    {"file_name": f"{MARK}.dcm", MARK: MARK},
    {"file_name": f"{MARK}.dcm", "fields": MARK},
    {"file_name": f"{MARK}.png", "attributes": {MARK: MARK}},
    {"file_name": f"{MARK}.png", "attributes": {"StudyDate": MARK}, "compression": MARK},
]


def test_uploads(send: Send, log: Log) -> None:
    assert [send("upload_create", body)["statusCode"] for body in UPLOADS] == [201, 201, 400, 400, 400, 400, 400]
    for upload in (MARK, f"{MARK}%2F", "7d444840-9dc0-11d1-b245-5ffdce74fad2"):
        path = {"path": f"/api/dicom/uploads/{upload}/", "pathParameters": {"id": upload}}
        assert send("upload_status", **path)["statusCode"] == 404
        assert send("upload_delete", **path)["statusCode"] == 404
    assert send("upload_status")["statusCode"] == 200
    assert MARK in send("upload_list")["body"]
    for query in ({"limit": [MARK]}, {"next": [MARK]}, {MARK: [MARK]}, {"limit": [MARK, MARK]}):
        assert send("upload_list", multiValueQueryStringParameters=query)["statusCode"] == 400
    assert send("upload_delete")["statusCode"] == 204
    assert all(line["developer"] for line in log())


def test_the_worker(log: Log) -> None:
    worker = uploads.Worker(functions.load("upload_worker").handler)
    files = [(f"{MARK}.dcm", content) for content in list(dicom_files())[::4]]
    files += [(f"{MARK}.zip", content) for content in archives()]
    files += [(f"{MARK}.png", content) for content in list(pictures())[::4]]
    for name, content in files:
        job_id = uploads.new_job(name)
        worker.do_all(uploads.put(job_id, content))
        lines = log()
        assert {(line["job"], line["developer"]) for line in lines} == {(job_id, "ann")}
        assert {line["message"] for line in lines} == {"done"}
        assert uploads.job(job_id).status in (jobs.DONE, jobs.FAILED)
    worker.do(uploads.arrival(f"uploads/{MARK}"))


def test_dead_letters(caller: build.Caller, log: Log) -> None:
    handler = functions.load("dead_letters").handler
    for body in (MARK, json.dumps({"job": MARK, "part": 0}), json.dumps({"job": caller.upload, "part": 0})):
        assert handler(uploads.sqs_event(body), CONTEXT) == {"batchItemFailures": []}
    *_, last = log()
    assert last["job"] == caller.upload
    assert last["developer"]


def test_accounts(send: Send, log: Log) -> None:
    assert send("register", {"email": EMAIL, "password": PASSWORD})["statusCode"] == 409
    assert send("register", {"email": f"2{EMAIL}", "password": PASSWORD})["statusCode"] == 201
    for email, password in ((MARK, PASSWORD), (EMAIL, MARK * 20), (f"{MARK}@{MARK}", MARK[:3]), (MARK, [MARK])):
        assert send("register", {"email": email, "password": password})["statusCode"] == 400
    assert send("register", BYTES)["statusCode"] == 400
    assert send("register", BYTES, {"Content-Type": MARK})["statusCode"] == 415
    assert send("token")["statusCode"] == 200
    attempts = [send("token", {"email": EMAIL, "password": MARK})["statusCode"] for _ in range(12)]
    assert set(attempts) == {401, 429}
    assert send("token", {"email": MARK, "password": MARK})["statusCode"] == 401
    assert send("token_refresh")["statusCode"] == 200
    assert send("token_refresh")["statusCode"] == 401
    assert send("token_refresh", {"refresh": f"{MARK}.{MARK}.{MARK}"})["statusCode"] == 401
    assert log()


def test_profile_and_keys(send: Send, log: Log) -> None:
    post = {"httpMethod": "POST"}
    assert send("profile", {"purpose": MARK, "organization": MARK}, **post)["statusCode"] == 409
    assert send("profile", {MARK: MARK}, **post)["statusCode"] == 400
    assert send("profile")["statusCode"] == 200
    made = send("api_keys", {"name": MARK})
    assert made["statusCode"] == 201
    assert send("api_keys", {"name": MARK * 100})["statusCode"] == 400
    assert send("api_keys", httpMethod="GET")["statusCode"] == 200
    path = {"path": f"/api-keys/delete/{MARK}/", "pathParameters": {"id": MARK}}
    assert send("api_key_delete", **path)["statusCode"] == 404
    assert send("api_key_delete")["statusCode"] == 204
    assert send("activity_summary")["statusCode"] == 200
    lines = log()
    assert all(line["developer"] for line in lines)
    assert json.loads(made["body"])["key"] not in str(lines)


@pytest.mark.parametrize("name", ["fields__regex", "fields__contains", MARK])
def test_the_dictionary(send: Send, log: Log, name: str) -> None:
    for value in (MARK, f"({MARK}", f"(?P<{MARK}>", MARK * 500):
        query = {"queryStringParameters": {name: value}, "multiValueQueryStringParameters": {name: [value]}}
        send("allowed_fields", **query)
        send("required_field_types", **query)
    assert len(log()) == 8


def test_what_libraries_say_of_files(send: Send, log: Log) -> None:
    send("read")
    assert log()
    for library in ("pydicom", "imagecodecs"):
        logging.getLogger(library).error(MARK)
    warnings.warn_explicit(MARK, UserWarning, "values.py", 1, module="pydicom")


def defects() -> list[Exception]:
    caused = RuntimeError(MARK)
    caused.__cause__ = ValueError(MARK)
    caused.add_note(MARK)
    refused = {"Error": {"Code": "ValidationException", "Message": MARK}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return [caused, ClientError(refused, MARK), UnicodeDecodeError("utf-8", BYTES, 0, 1, MARK), KeyError(MARK)]  # type: ignore[arg-type]


@pytest.mark.parametrize("error", defects(), ids=lambda error: type(error).__name__)
def test_defects(send: Send, log: Log, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    monkeypatch.setattr(dicom_dictionary, "table", fail)
    for name in sorted(FAILING):
        if name in ("upload_worker", "dead_letters"):
            worker = uploads.Worker(functions.load(name).handler)
            assert not worker.do(uploads.arrival("uploads/7d444840-9dc0-11d1-b245-5ffdce74fad2"))
        else:
            with pytest.raises(AssertionError, match="Something went wrong on our side"):
                send(name)
        told, line = log()
        assert (told["level"], told["request"]) == ("ERROR", line["request"])
        assert told["places"]
        assert line.get("Defects") or line.get("MessagesNotDone")


@pytest.mark.parametrize("error", defects(), ids=lambda error: type(error).__name__)
def test_defects_of_reading(send: Send, log: Log, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    job_id = uploads.new_job(f"{MARK}.dcm")
    body = uploads.put(job_id, next(dicom_files()))
    monkeypatch.setattr("imaging.answers.read.open_file", fail)
    monkeypatch.setattr("imaging.answers.planning.open_file", fail)
    with pytest.raises(AssertionError, match="Something went wrong on our side"):
        send("read")
    told, line = log()
    assert told["developer"] == line["developer"]
    assert not uploads.Worker(functions.load("upload_worker").handler).do(body)
    told, line = log()
    assert told["job"] == line["job"] == job_id
    assert told["developer"] == line["developer"] == "ann"


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("ThrottlingException", 429)])
def test_a_quota_store_that_fails(
    send: Send, log: Log, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    call = BaseClient._make_api_call

    def fail(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "UpdateItem":
            raise ClientError({"Error": {"Code": code, "Message": MARK}}, operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with contextlib.suppress(AssertionError):  # by which a 5xx is told
        send("read")
    line = log()[-1]
    assert (line["status"], line["QuotaStoreFailures"]) == (status, 1)
    assert line["CountMilliseconds"] >= 0
