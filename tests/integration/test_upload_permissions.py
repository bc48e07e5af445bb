"""The template gives the worker, and the forms and URLs that are given on, what they take and no more."""

from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from pydicom.data import get_testdata_file

from imaging import planning
from staging import jobs, object_writer
from tests.integration import functions, uploads
from tests.integration.template import resources

CONTENT = Path(str(get_testdata_file("rtdose.dcm"))).read_bytes()

# By which permission an operation is allowed, where it is not of the same name.
PERMISSIONS = {
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "SendMessageBatch": "SendMessage",
}
# What Lambda does with the worker's permissions to bring it messages.
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
    """(action, table, index, queue or start of keys) of the requests to AWS since."""
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
    # All that it does for a file of gigabytes, with a small one.
    monkeypatch.setattr(planning, "PART_BYTES", 2000)
    monkeypatch.setattr(object_writer, "MIN_PART_BYTES", 500)
    monkeypatch.setattr(object_writer, "PART_BYTES", 800)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 500)
    worker = uploads.Worker(functions.load("upload_worker").handler)
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    used.clear()
    assert worker.do(message)
    by_the_worker = set(used)
    waiting = list(uploads.sent())
    used.clear()
    for body in waiting:
        assert worker.do(body)
    jobs.delete(uploads.job(job_id))
    assert worker.do(waiting[0])  # and erases the result
    assert not worker.do("no JSON")  # and says when to try again
    assert uploads.job(job_id).status == "deleted"
    assert by_the_worker | used == allowed("UploadWorkerFunction") - OF_LAMBDA


def test_forms_and_urls_that_are_given_on() -> None:
    in_the_bucket = {
        function: {pair for pair in allowed(function) if pair[1].endswith("/")}
        for function in ("UploadCreateFunction", "UploadStatusFunction")
    }
    assert in_the_bucket == {
        "UploadCreateFunction": {("PutObject", "uploads/")},
        "UploadStatusFunction": {("GetObject", "results/")},
    }
