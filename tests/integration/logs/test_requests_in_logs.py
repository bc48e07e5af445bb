"""Requests and messages: nothing that they carry is in the logs, and each line names the developer if there is one."""

import json
import logging
import warnings
from typing import Any

import pytest

from events import build
from imaging.rewriting import converting, deidentifying
from staging import jobs
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.logs.conftest import EMAIL, PASSWORD, ReadLog, Sender
from tests.marked_files import BYTES, MARK, archives, dicom_files, pictures

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

DICOM_NAME, ZIP_NAME, PNG_NAME = f"{MARK}.dcm", f"{MARK}.zip", f"{MARK}.png"


def test_reads_of_good_and_broken_files(send: Sender, log: ReadLog) -> None:
    statuses = {send.form("read", [("file", (DICOM_NAME, content))]) for content in dicom_files()}
    assert statuses == {200, 400}
    assert_lines_of_a_developer(log)


def test_reads_as_the_dicom_json_model(send: Sender, log: ReadLog) -> None:
    for content in list(dicom_files())[::5]:
        send.form("read", [("file", (DICOM_NAME, content))], Accept="application/dicom+json")
    assert_lines_of_a_developer(log)


def test_reads_of_archives(send: Sender, log: ReadLog) -> None:
    for content in archives():
        send.form("read", [("file", (ZIP_NAME, content))])
    assert_lines_of_a_developer(log)


EDITED = {
    "deidentify": [("replace", f"PatientID={MARK}")],
    "convert": [("set", f"StudyID={MARK[:16]}"), ("uids", "new")],
}
SECRETS = {"deidentify": {"key": MARK * 2, "replace": f"PatientID={MARK}"}, "convert": {"set": f"PatientID={MARK}"}}


@pytest.mark.parametrize("name", jobs.REWRITE)
def test_new_files_of_good_and_broken_ones(send: Sender, log: ReadLog, name: str) -> None:
    names = [(DICOM_NAME, content) for content in dicom_files()] + [(ZIP_NAME, content) for content in archives()]
    statuses = {send.form(name, [("file", named), *EDITED[name]]) for named in names}
    assert {200, 400} <= statuses <= {200, 400, 413}
    assert_lines_of_a_developer(log)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *(("deidentify", option) for option in (*deidentifying.NAMES, MARK) if option != "key"),
        *(("convert", option) for option in (*converting.NAMES, MARK)),
    ],
)
def test_options_of_new_files_that_are_refused(send: Sender, log: ReadLog, name: str, option: str) -> None:
    assert send.form(name, [("file", (DICOM_NAME, next(dicom_files()))), (option, MARK)]) == 400
    assert_one_refusal(log)


@pytest.mark.parametrize("name", jobs.REWRITE)
def test_new_files_of_uploads(send: Sender, log: ReadLog, name: str) -> None:
    assert send.status("upload_create", {"file_name": DICOM_NAME, "operation": name, "accept": MARK}) == 400
    worker = uploads.Worker(functions.load("upload_worker").handler)
    for content in [*list(dicom_files())[::7], *archives()]:
        worker.do_all(uploads.put(uploads.new_job("", **uploads.OPERATIONS[name], **SECRETS[name]), content))
    assert log()


def assert_lines_of_a_developer(log: ReadLog) -> None:
    for line in log():
        assert line["message"] == "answered"
        assert line["developer"]
        assert line["request"]
        assert line["gateway_request"]


@pytest.mark.parametrize(
    "option", ["fields", "return_format", "window", "viewport", "quality", "frames", "overlays", "animation", MARK]
)
def test_options_that_are_refused(send: Sender, log: ReadLog, option: str) -> None:
    assert send.form("read", [("file", (DICOM_NAME, next(dicom_files()))), (option, MARK)]) == 400
    assert_one_refusal(log)


@pytest.mark.parametrize(
    "fields",
    [
        [(MARK, (MARK, BYTES))],
        [("file", (f"{MARK}.{MARK}", BYTES))],
        [("file", MARK)],
        [(MARK, MARK), (MARK, MARK)],
    ],
    ids=["file under another name", "unknown extension", "text for a file", "field sent twice"],
)
def test_forms_that_are_refused(send: Sender, log: ReadLog, fields: list[tuple[str, Any]]) -> None:
    assert send.form("read", fields) == 400
    assert_one_refusal(log)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (BYTES, {}, 400),
        (BYTES, {"Content-Type": f"text/{MARK}"}, 415),
        (BYTES, {"Content-Type": f"multipart/form-data; boundary={MARK}"}, 400),
        (b"--" + BYTES + b"\r\n" + BYTES, {"Content-Type": f"multipart/form-data; boundary={MARK}"}, 400),
    ],
    ids=["no form", "another media type", "no boundary", "cut after the boundary"],
)
def test_bodies_that_are_refused(send: Sender, log: ReadLog, body: bytes, headers: dict[str, str], status: int) -> None:
    assert send.status("read", body, headers) == status
    assert_one_refusal(log)


def assert_one_refusal(log: ReadLog) -> None:
    (line,) = log()
    assert [name for name in line if name.startswith("Refused")]


CREDENTIALS = [
    MARK,
    f"ApiKey {MARK}",
    f"ApiKey {MARK[:8]}.{MARK * 4}",
    f"Bearer {MARK}",
    f"Bearer {MARK}.{MARK}.{MARK}",
    f"Basic {MARK}",
]


@pytest.mark.parametrize(
    "name", ["generate", "profile", "read", *jobs.REWRITE, "upload_create", "upload_status", "api_keys"]
)
def test_credentials_that_are_refused(send: Sender, log: ReadLog, name: str) -> None:
    for credentials in CREDENTIALS:
        assert send.status(name, None, {"Authorization": credentials}) == 401
    for line in log():
        assert line["RefusedNotAuthenticated"] == 1
        assert "developer" not in line


def test_pictures_good_and_broken(send: Sender, log: ReadLog) -> None:
    statuses = {
        send.form("generate", [("file_name", MARK), ("image", (MARK, image)), ("PatientName", MARK)])
        for image in pictures()
    }
    assert {200, 400} <= statuses
    assert log()


@pytest.mark.parametrize("keyword", ["StudyDate", "Rows", "PatientAge", MARK, "compression", "PixelData"])
def test_attributes_that_are_refused(send: Sender, log: ReadLog, keyword: str) -> None:
    image = ("image", (MARK, next(pictures())))
    assert send.form("generate", [("file_name", MARK), image, (keyword, MARK)]) == 400
    assert log()


def test_a_picture_that_is_missing(send: Sender, log: ReadLog) -> None:
    assert send.form("generate", [("file_name", MARK), (MARK, (MARK, next(pictures())))]) == 400
    assert send.form("generate", [("file_name", MARK)]) == 400
    assert log()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"file_name": DICOM_NAME, "fields": "PatientName"}, 201),
        ({"file_name": PNG_NAME, "attributes": {"PatientName": MARK}}, 201),
        ({"file_name": f"{MARK}.txt"}, 400),
        ({"file_name": DICOM_NAME, MARK: MARK}, 400),
        ({"file_name": DICOM_NAME, "fields": MARK}, 400),
        ({"file_name": PNG_NAME, "attributes": {MARK: MARK}}, 400),
        ({"file_name": PNG_NAME, "attributes": {"StudyDate": MARK}, "compression": MARK}, 400),
    ],
)
def test_an_upload_that_begins(send: Sender, log: ReadLog, body: dict[str, Any], status: int) -> None:
    assert send.status("upload_create", body) == status
    assert all(line["developer"] for line in log())


def test_an_upload_that_is_looked_at_and_deleted(send: Sender, log: ReadLog) -> None:
    assert send.status("upload_status") == 200
    assert MARK in send("upload_list")["body"]
    assert send.status("upload_delete") == 204
    assert all(line["developer"] for line in log())


@pytest.mark.parametrize("upload", [MARK, f"{MARK}%2F", "7d444840-9dc0-11d1-b245-5ffdce74fad2"])
def test_an_upload_that_is_unknown(send: Sender, log: ReadLog, upload: str) -> None:
    path = {"path": f"/api/dicom/uploads/{upload}/", "pathParameters": {"id": upload}}
    assert send.status("upload_status", **path) == 404
    assert send.status("upload_delete", **path) == 404
    assert all(line["developer"] for line in log())


def test_a_list_of_uploads_that_is_refused(send: Sender, log: ReadLog) -> None:
    for query in ({"limit": [MARK]}, {"next": [MARK]}, {MARK: [MARK]}, {"limit": [MARK, MARK]}):
        assert send.status("upload_list", multiValueQueryStringParameters=query) == 400
    assert all(line["developer"] for line in log())


def test_the_worker(log: ReadLog) -> None:
    worker = uploads.Worker(functions.load("upload_worker").handler)
    files = [(DICOM_NAME, content) for content in list(dicom_files())[::4]]
    files += [(ZIP_NAME, content) for content in archives()]
    files += [(PNG_NAME, content) for content in list(pictures())[::4]]
    for name, content in files:
        job_id = uploads.new_job(name)
        worker.do_all(uploads.put(job_id, content))
        lines = log()
        assert {(line["job"], line["developer"]) for line in lines} == {(job_id, "ann")}
        assert {line["message"] for line in lines} == {"done"}
        assert uploads.job(job_id).status in (jobs.DONE, jobs.FAILED)


def test_an_object_that_is_no_upload(log: ReadLog) -> None:
    worker = uploads.Worker(functions.load("upload_worker").handler)
    worker.do(uploads.arrival(f"uploads/{MARK}"))
    assert log()


def test_dead_letters(caller: build.Caller, log: ReadLog) -> None:
    handler = functions.load("dead_letters").handler
    for body in (MARK, json.dumps({"job": MARK, "part": 0}), json.dumps({"job": caller.upload, "part": 0})):
        assert handler(uploads.sqs_event(body), CONTEXT) == {"batchItemFailures": []}
    *_, last = log()
    assert last["job"] == caller.upload
    assert last["developer"]


@pytest.mark.parametrize(
    ("email", "password", "status"),
    [
        (EMAIL, PASSWORD, 409),
        (f"2{EMAIL}", PASSWORD, 201),
        (MARK, PASSWORD, 400),
        (EMAIL, MARK * 20, 400),
        (f"{MARK}@{MARK}", MARK[:3], 400),
        (MARK, [MARK], 400),
    ],
)
def test_registration(send: Sender, log: ReadLog, email: str, password: str | list[str], status: int) -> None:
    assert send.status("register", {"email": email, "password": password}) == status
    assert log()


def test_a_registration_that_is_no_json(send: Sender, log: ReadLog) -> None:
    assert send.status("register", BYTES) == 400
    assert send.status("register", BYTES, {"Content-Type": MARK}) == 415
    assert log()


def test_logins_and_guesses(send: Sender, log: ReadLog) -> None:
    assert send.status("token") == 200
    guesses = [send.status("token", {"email": EMAIL, "password": MARK}) for _ in range(12)]
    assert set(guesses) == {401, 429}
    assert send.status("token", {"email": MARK, "password": MARK}) == 401
    assert log()


def test_tokens_that_are_renewed(send: Sender, log: ReadLog) -> None:
    assert send.status("token_refresh") == 200
    assert send.status("token_refresh") == 401
    assert send.status("token_refresh", {"refresh": f"{MARK}.{MARK}.{MARK}"}) == 401
    assert log()


def test_the_profile(send: Sender, log: ReadLog) -> None:
    assert send.status("profile", {"purpose": MARK, "organization": MARK}, httpMethod="POST") == 409
    assert send.status("profile", {MARK: MARK}, httpMethod="POST") == 400
    assert send.status("profile") == 200
    assert all(line["developer"] for line in log())


def test_a_new_api_key(send: Sender, log: ReadLog) -> None:
    answer = send("api_keys", {"name": MARK})
    assert answer["statusCode"] == 201
    lines = log()
    assert all(line["developer"] for line in lines)
    assert json.loads(answer["body"])["key"] not in str(lines)


def test_api_keys_that_are_listed_refused_and_deleted(send: Sender, log: ReadLog) -> None:
    assert send.status("api_keys", {"name": MARK * 100}) == 400
    assert send.status("api_keys", httpMethod="GET") == 200
    unknown = {"path": f"/api-keys/delete/{MARK}/", "pathParameters": {"id": MARK}}
    assert send.status("api_key_delete", **unknown) == 404
    assert send.status("api_key_delete") == 204
    assert send.status("activity_summary") == 200
    assert all(line["developer"] for line in log())


@pytest.mark.parametrize("name", ["fields__regex", "fields__contains", MARK])
def test_the_dictionary(send: Sender, log: ReadLog, name: str) -> None:
    for value in (MARK, f"({MARK}", f"(?P<{MARK}>", MARK * 500):
        query = {"queryStringParameters": {name: value}, "multiValueQueryStringParameters": {name: [value]}}
        send("allowed_fields", **query)
        send("required_field_types", **query)
    assert len(log()) == 8


def test_what_libraries_say_of_files(send: Sender, log: ReadLog) -> None:
    send("read")
    assert log()
    for library in ("pydicom", "imagecodecs"):
        logging.getLogger(library).error(MARK)
    warnings.warn_explicit(MARK, UserWarning, "values.py", 1, module="pydicom")
