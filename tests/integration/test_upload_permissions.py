"""Functions that use the bucket, and presigned forms and URLs, have exactly the permissions that they need."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from pydicom.data import get_testdata_file

from events import build
from identity import accounts
from imaging.answers import planning
from staging import jobs, object_writer, objects
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.template import resources
from web import delivery

CONTENT = Path(str(get_testdata_file("rtdose.dcm"))).read_bytes()

# The permission for an operation, where their names differ.
PERMISSIONS = {
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "SendMessageBatch": "SendMessage",
}
# What Lambda needs of the worker's permissions to bring it messages.
OF_LAMBDA = {(name, "WorkQueue") for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}


def allowed(function: str) -> set[tuple[str, str]]:
    """(action, table, queue or start of keys) that the function's policies allow."""
    return {
        (action.partition(":")[2], _place(resource))
        for policy in resources("AWS::Serverless::Function")[function]["Policies"]
        for statement in policy["Statement"]
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _place(resource: dict[str, Any]) -> str:
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    place = str(resource["Fn::Sub"]).removesuffix("*")
    return place.replace("${StagingBucket.Arn}/", "").replace("${JobsTable.Arn}", "JobsTable")


@pytest.fixture
def used(aws: None, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:  # noqa: ARG001
    """Records (action, table, index, queue or start of keys) of the requests to AWS from now on."""
    pairs: set[tuple[str, str]] = set()
    call = BaseClient._make_api_call

    def record(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "UploadPartCopy":
            pairs.add(("GetObject", _start(arguments["CopySource"]["Key"])))
        pairs.update((PERMISSIONS.get(operation, operation), place) for place in _places_of(arguments))
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return pairs


def _places_of(arguments: dict[str, Any]) -> set[str]:
    if "TableName" in arguments:
        index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
        return {arguments["TableName"] + index}
    if "QueueUrl" in arguments:
        return {arguments["QueueUrl"].rpartition("/")[2]}
    keys = [arguments["Key"]] if "Key" in arguments else [each["Key"] for each in arguments["Delete"]["Objects"]]
    return set(map(_start, keys))


def _start(key: str) -> str:
    return key.partition("/")[0] + "/"


def test_the_worker(used: set[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    # A small file takes all steps that a file of gigabytes takes.
    monkeypatch.setattr(planning, "PART_BYTES", 2000)
    monkeypatch.setattr(object_writer, "MIN_PART_BYTES", 500)
    monkeypatch.setattr(object_writer, "PART_BYTES", 800)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 500)
    worker = uploads.Worker(functions.load("upload_worker").handler)
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    rewriting = uploads.put(uploads.new_job(operation="deidentify"), CONTENT)
    used.clear()
    assert worker.do(message)
    assert worker.do(rewriting)
    by_the_worker = set(used)
    waiting = list(uploads.sent())
    used.clear()
    for body in waiting:
        assert worker.do(body)
    jobs.delete(uploads.job(job_id))
    assert worker.do(waiting[0])  # the worker also erases the result
    assert not worker.do("no JSON")  # the worker also sets when to try again
    assert uploads.job(job_id).status == "deleted"
    assert by_the_worker | used == allowed("UploadWorkerFunction") - OF_LAMBDA


@pytest.fixture
def caller(aws: None) -> build.Caller:  # noqa: ARG001
    """A developer with a key and an upload that is done."""
    key = uploads.api_key_of("ann@example.com")
    (user_id,) = (account.user_id for account in accounts.Account.scan())
    job = jobs.create(user_id, jobs.READ, {"file_name": "file.dcm", "options": {}})
    job.update([jobs.Job.status.set(jobs.DONE)])
    return build.Caller(api_key=key, upload=job.id)


@pytest.fixture
def used_or_given_on(
    caller: build.Caller,  # noqa: ARG001 - is there before
    used: set[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> set[tuple[str, str]]:
    """As `used`, with the requests that presigned URLs and forms allow."""
    url, form = objects.url, objects.form

    def record_url(key: str) -> str:
        used.add(("GetObject", key.partition("/")[0] + "/"))
        return url(key)

    def record_form(key: str, *about: Any) -> dict[str, Any]:
        used.add(("PutObject", key.partition("/")[0] + "/"))
        return form(key, *about)

    monkeypatch.setattr(objects, "url", record_url)
    monkeypatch.setattr(objects, "form", record_form)
    return used


@pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")  # in SAM's own code
@pytest.mark.parametrize(
    ("function", "name", "status"),
    [
        ("ReadFunction", "read", 303),
        ("GenerateFunction", "generate", 303),
        *((f"{name.title()}Function", name, 303) for name in jobs.REWRITE),
        ("UploadCreateFunction", "upload_create", 201),
        ("UploadStatusFunction", "upload_status", 200),
        ("UploadListFunction", "upload_list", 200),
        ("UploadDeleteFunction", "upload_delete", 204),
    ],
)
def test_who_comes_with_a_key(
    function: str,
    name: str,
    status: int,
    caller: build.Caller,
    used_or_given_on: set[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "MAX_BODY_CHARACTERS", 0)  # makes each answer too large to be direct
    handler, event = functions.load(name).handler, build.events(caller)[name]
    event["headers"]["Idempotency-Key"], event["multiValueHeaders"]["Idempotency-Key"] = "a key", ["a key"]
    if name == "upload_create":  # with a key to store
        event |= {"body": json.dumps({"file_name": "a.dcm", "operation": "deidentify"}), "isBase64Encoded": False}
    for _ in range(2):  # only a repeated request looks for the first one's job
        assert handler(event, CONTEXT)["statusCode"] == status
    assert used_or_given_on == allowed(function)
