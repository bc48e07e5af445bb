"""Defects: an exception whose text holds what a client sent is logged by its type and its places, without that text."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

import dicom_dictionary
from tests.integration import functions, uploads
from tests.integration.logs.conftest import Line, ReadLog, Sender
from tests.integration.template import resources
from tests.marked_files import BYTES, MARK, dicom_files

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

UNKNOWN_JOB = "7d444840-9dc0-11d1-b245-5ffdce74fad2"

CALLING_AWS = {
    Path(function["CodeUri"]).name
    for function in resources("AWS::Serverless::Function").values()
    if function.get("Policies")
}
READING_THE_DICTIONARY = {"allowed_fields", "required_field_types"}
BY_MESSAGES = {"upload_worker", "dead_letters"}
RAISING = {"rotate_signing_secret"}  # its caller, Secrets Manager, has to see the exception
FOR_CLIENTS = (CALLING_AWS | READING_THE_DICTIONARY) - BY_MESSAGES - RAISING


def marked_errors() -> list[Exception]:
    """Exceptions with the mark in their message, cause, note, answer of AWS, bytes or key."""
    caused = RuntimeError(MARK)
    caused.__cause__ = ValueError(MARK)
    caused.add_note(MARK)
    refused = {"Error": {"Code": "ValidationException", "Message": MARK}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return [caused, ClientError(refused, MARK), UnicodeDecodeError("utf-8", BYTES, 0, 1, MARK), KeyError(MARK)]  # type: ignore[arg-type]


@pytest.fixture(params=marked_errors(), ids=lambda error: type(error).__name__)
def error(request: pytest.FixtureRequest) -> Exception:
    found: Exception = request.param
    return found


def raise_in(monkeypatch: pytest.MonkeyPatch, target: str | tuple[object, str], error: Exception) -> None:
    """Has a function raise the error whenever it is called."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    if isinstance(target, str):
        monkeypatch.setattr(target, fail)
    else:
        monkeypatch.setattr(*target, fail)


def send_in_vain(send: Sender, name: str) -> None:
    with pytest.raises(AssertionError, match="Something went wrong on our side"):
        send(name)


def defect_and_line(log: ReadLog) -> tuple[Line, Line]:
    """The line that tells of a defect, and the usual one of the request or message after it."""
    defect, line = log()
    assert (defect["level"], defect["request"]) == ("ERROR", line["request"])
    assert defect["places"]
    return defect, line


def test_functions_for_clients(send: Sender, log: ReadLog, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    raise_in(monkeypatch, (BaseClient, "_make_api_call"), error)
    raise_in(monkeypatch, (dicom_dictionary, "table"), error)
    for name in sorted(FOR_CLIENTS):
        send_in_vain(send, name)
        _, line = defect_and_line(log)
        assert line["Defects"]


@pytest.mark.parametrize("name", sorted(BY_MESSAGES))
def test_functions_for_messages(log: ReadLog, monkeypatch: pytest.MonkeyPatch, error: Exception, name: str) -> None:
    raise_in(monkeypatch, (BaseClient, "_make_api_call"), error)
    worker = uploads.Worker(functions.load(name).handler)
    assert not worker.do(uploads.arrival(f"uploads/{UNKNOWN_JOB}"))
    _, line = defect_and_line(log)
    assert line.get("Defects") or line.get("MessagesNotDone")


def test_reading_names_the_developer(
    send: Sender, log: ReadLog, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    raise_in(monkeypatch, "imaging.pixels.uploads.open_file", error)
    send_in_vain(send, "read")
    defect, line = defect_and_line(log)
    assert defect["developer"] == line["developer"]


def test_the_worker_names_the_job_and_the_developer(
    log: ReadLog, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    raise_in(monkeypatch, "imaging.answers.planning.open_file", error)
    job_id = uploads.new_job(f"{MARK}.dcm")
    worker = uploads.Worker(functions.load("upload_worker").handler)
    assert not worker.do(uploads.put(job_id, next(dicom_files())))
    defect, line = defect_and_line(log)
    assert defect["job"] == line["job"] == job_id
    assert defect["developer"] == line["developer"] == "ann"


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("ThrottlingException", 429)])
def test_a_quota_store_that_fails(
    send: Sender, log: ReadLog, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    call = BaseClient._make_api_call

    def fail(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "UpdateItem":
            raise ClientError({"Error": {"Code": code, "Message": MARK}}, operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    with contextlib.suppress(AssertionError):  # which `send` raises for a 5xx
        send("read")
    line = log()[-1]
    assert (line["status"], line["QuotaStoreFailures"]) == (status, 1)
    assert line["CountMilliseconds"] >= 0
