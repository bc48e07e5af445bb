"""New DICOM files: by direct requests, and of uploads."""

import base64
import io
import json
import random
import zipfile
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.uid import HTJ2KLossless, JPEGLSLossless
from urllib3 import encode_multipart_formdata

from events import build
from imaging.rewriting import parts
from staging import jobs, object_writer
from tests.dicom_files import file_bytes
from tests.integration import functions, scenarios, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.uploads import Steps, Worker
from tests.unit.test_archive import zipped

# in SAM's own code
pytestmark = [
    pytest.mark.usefixtures("aws"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)"),
]

KEY = "correct horse battery staple"
CT, MR, SR = (file_bytes(name) for name in ("CT_small.dcm", "MR_small.dcm", "reportsi.dcm"))
STRANGER = ("notes.txt", b"hello")
ZIP = zipped(("Jane/CT.dcm", CT), STRANGER, ("Jane/MR.dcm", MR), ("Jane/SR.dcm", SR))
PATIENT = b"CompressedSamples"
KEPT = ("PatientName", "SOPInstanceUID")


class Api:
    """A developer's requests."""

    def __init__(self) -> None:
        self.key = uploads.api_key_of("ann@example.com")
        self.example = build.events(build.Caller(api_key=self.key))

    def send(self, name: str, body: bytes, content_type: str, query: dict[str, str], **headers: str) -> dict[str, Any]:
        event = json.loads(json.dumps(self.example[name]))
        event["headers"] |= {"Content-Type": content_type, **headers}
        event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
        event["queryStringParameters"] = query or None
        event["multiValueQueryStringParameters"] = {key: [text] for key, text in query.items()} or None
        answer: dict[str, Any] = functions.load(name).handler(event, CONTEXT)
        if answer["isBase64Encoded"]:
            answer["body"] = base64.b64decode(answer["body"])
        return answer

    def form(
        self, name: str, content: bytes, file_name: str = "Jane.dcm", accept: str = "*/*", **fields: str
    ) -> dict[str, Any]:
        body, content_type = encode_multipart_formdata({"file": (file_name, content), **fields})
        return self.send(name, body, content_type, {}, Accept=accept)

    def create(self, status: int = 201, **body: Any) -> Any:
        answer = self.send("upload_create", json.dumps(body).encode(), "application/json", {})
        assert answer["statusCode"] == status, answer["body"]
        return json.loads(answer["body"])


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def worker() -> Worker:
    return Worker(functions.load("upload_worker").handler)


def header(answer: dict[str, Any], name: str) -> str:
    (text,) = answer["multiValueHeaders"][name]
    return str(text)


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def dataset(content: bytes) -> Dataset:
    return dcmread(DicomBytesIO(content))


def test_a_file_without_its_patient(api: Api) -> None:
    answer = api.form("deidentify", CT, key=KEY)
    assert answer["statusCode"] == 200
    assert header(answer, "Content-Type") == "application/dicom"
    made = dataset(answer["body"])
    assert PATIENT not in answer["body"]
    assert made.SOPInstanceUID.startswith("2.25.")
    assert header(answer, "Content-Disposition") == f'attachment; filename="{made.SOPInstanceUID}.dcm"'
    assert made.pixel_array.tobytes() == dataset(CT).pixel_array.tobytes()
    assert header(answer, "RateLimit").startswith('"generates";r=999')
    assert header(answer, "Vary") == "Accept"
    assert api.form("deidentify", CT, key=KEY, accept="application/dicom, application/zip")["body"] == answer["body"]
    assert api.form("deidentify", CT, accept="*/*")["body"] != answer["body"]


def test_a_body_that_is_the_file(api: Api) -> None:
    answer = api.send("deidentify", CT, "application/dicom", {"options": "retain-uids"})
    assert dataset(answer["body"]).SOPInstanceUID == dataset(CT).SOPInstanceUID
    assert api.send("deidentify", ZIP, "application/zip", {})["multiValueHeaders"]["Content-Type"] == [
        "application/zip"
    ]
    refused = api.send("deidentify", CT, "application/dicom", {"key": KEY})
    assert refused["statusCode"] == 400
    assert list(json.loads(refused["body"])["fields"]) == ["key"]
    assert KEY not in refused["body"]


def test_a_dry_run_and_a_zip(api: Api) -> None:
    answer = api.form("deidentify", CT, accept="application/json")
    report = json.loads(answer["body"])
    assert "PatientName" in {line["path"] for line in report["attributes"]}
    assert PATIENT.decode() not in answer["body"]
    both = api.form("deidentify", CT, accept="application/zip", key=KEY)
    assert header(both, "Content-Disposition") == 'attachment; filename="0001.zip"'
    files = opened(both["body"])
    assert files["0001.dcm"] == api.form("deidentify", CT, key=KEY)["body"]
    assert json.loads(files["report.json"])["files"][0]["attributes"] == report["attributes"]


def test_several_files(api: Api) -> None:
    answer = api.form("deidentify", ZIP, "Jane.zip", key=KEY)
    assert header(answer, "Content-Disposition") == 'attachment; filename="deidentified.zip"'
    files = opened(answer["body"])
    assert list(files) == ["0001.dcm", "0003.dcm", "0004.dcm", "report.json"]
    assert b"Jane" not in b"".join([answer["body"], *files.values()])
    assert files["0001.dcm"] == api.form("deidentify", CT, key=KEY)["body"]
    reports = api.form("deidentify", ZIP, accept="application/json", key=KEY)
    assert json.loads(reports["body"]) == json.loads(files["report.json"])
    assert int(header(reports, "Warning").partition("Warnings: ")[2].partition(".")[0]) >= 1
    assert api.form("deidentify", ZIP, accept="application/dicom")["statusCode"] == 406


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"options": "retain-everything"}, "options"),
        ({"key": "too short"}, "key"),
        ({"keys": KEY}, "keys"),
        ({"regions": "0,0,1000,1"}, "regions"),
    ],
)
def test_what_is_not_valid_is_named(fields: dict[str, str], field: str, api: Api) -> None:
    answer = api.form("deidentify", CT, **fields)
    assert answer["statusCode"] == 400
    assert list(json.loads(answer["body"])["fields"]) == [field]


def test_a_converted_file(api: Api) -> None:
    answer = api.form("convert", CT, "Jane Doe.DCM", transfer_syntax="htj2k", set="StudyID=7")
    assert answer["statusCode"] == 200, answer["body"]
    assert header(answer, "Content-Disposition") == 'attachment; filename="Jane Doe.dcm"'
    assert header(answer, "RateLimit").startswith('"generates";r=999')
    made = dataset(answer["body"])
    assert made.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert (made.StudyID, made.PatientName, made.SOPInstanceUID) == ("7", *[dataset(CT)[k].value for k in KEPT])
    back = api.send("convert", answer["body"], "application/dicom", {"transfer_syntax": "explicit"})
    assert dataset(back["body"]).PixelData == dataset(CT).PixelData
    report = json.loads(api.form("convert", CT, accept="application/json", transfer_syntax="htj2k")["body"])
    assert (report["to"]["name"], report["lossless"]) == ("htj2k", True)


def test_converted_files_keep_their_paths(api: Api) -> None:
    answer = api.form("convert", ZIP, "Jane.zip", transfer_syntax="rle")
    assert header(answer, "Content-Disposition") == 'attachment; filename="Jane.zip"'
    files = opened(answer["body"])
    assert list(files) == ["Jane/CT.dcm", "Jane/MR.dcm", "Jane/SR.dcm", "report.json"]
    lines = json.loads(files["report.json"])["files"]
    assert [line["file"] for line in lines] == ["Jane/CT.dcm", "notes.txt", "Jane/MR.dcm", "Jane/SR.dcm"]
    assert files["Jane/CT.dcm"] == api.form("convert", CT, transfer_syntax="rle")["body"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"transfer_syntax": "mp4"}, "transfer_syntax"),
        ({"transfer_syntax": "j2k", "quality": "80"}, "quality"),
        ({"set": "Rows=3"}, "set"),
        ({"remove": "ReferencedSeriesSequence[0].SeriesInstanceUID"}, "remove"),
        ({"key": KEY, "uids": "new"}, "key"),
    ],
)
def test_a_conversion_that_is_not_valid_is_named(fields: dict[str, str], field: str, api: Api) -> None:
    answer = api.form("convert", CT, **fields)
    assert answer["statusCode"] == 400
    assert list(json.loads(answer["body"])["fields"]) == [field]


def test_uploads_that_are_converted(api: Api, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    asked = {"transfer_syntax": "jpeg-ls", "uids": "new"}
    job_id = api.create(file_name="Jane Doe", operation="convert", **asked)["id"]
    worker.do_all(uploads.put(job_id, CT))
    result = uploads.result(job_id)
    assert (result["ContentType"], dataset(result["content"]).file_meta.TransferSyntaxUID) == (
        "application/dicom",
        JPEGLSLossless,
    )
    assert result["ContentDisposition"] == 'attachment; filename="Jane Doe.dcm"'
    job_id = api.create(file_name="Jane.zip", operation="convert", **asked)["id"]
    worker.do_all(uploads.put(job_id, zipped(("a/1", CT), ("a/2", CT), STRANGER)), shuffle=list.reverse)
    result = uploads.result(job_id)
    assert result["ContentDisposition"] == 'attachment; filename="Jane.zip"'
    files = opened(result["content"])
    assert list(files) == ["a/1", "a/2", "report.json"]
    assert files["a/1"] == files["a/2"]  # new UIDs, and the same in each part
    assert dataset(files["a/1"]).StudyInstanceUID != dataset(CT).StudyInstanceUID
    assert uploads.stored(job_id) == ["results/ID"]


def test_what_can_be_refused_is_refused_before_the_upload(api: Api) -> None:
    for body, field in (
        ({"operation": "destroy"}, "operation"),
        ({"operation": 1}, "operation"),
        ({"operation": "deidentify", "key": "too short"}, "key"),
        ({"operation": "deidentify", "frames": "1"}, "frames"),
        ({"operation": "deidentify", "accept": "application/dicom+json"}, "accept"),
        ({"operation": "deidentify", "date_shift": 1}, "date_shift"),
        ({"operation": "deidentify", "file_name": "a.zip", "accept": "application/dicom"}, "accept"),
        ({"operation": "deidentify", "file_name": "a.png"}, "file_name"),
        ({"operation": "convert", "transfer_syntax": "mp4"}, "transfer_syntax"),
        ({"operation": "convert", "uids": "new", "key": KEY}, "key"),
    ):
        refused = api.create(400, **{"file_name": "a.dcm", **body})
        assert list(refused["fields"]) == [field]
    assert scenarios.items("JobsTable") == []


def test_an_upload_of_one_file(api: Api, worker: Worker) -> None:
    job_id = api.create(file_name="Jane.dcm", operation="deidentify", key=KEY)["id"]
    assert uploads.stored(job_id) == ["keys/ID"]
    worker.do_all(uploads.put(job_id, CT))
    uploads.assert_done(job_id, 1)
    result = uploads.result(job_id)
    assert result["content"] == api.form("deidentify", CT, key=KEY)["body"]
    assert result["ContentType"] == "application/dicom"
    uid = dataset(result["content"]).SOPInstanceUID
    assert result["ContentDisposition"] == f'attachment; filename="{uid}.dcm"'
    assert uploads.stored(job_id) == ["results/ID"]
    report = api.create(file_name="", operation="deidentify", accept="application/json")["id"]
    worker.do_all(uploads.put(report, CT))
    assert json.loads(uploads.result(report)["content"])["attributes"]
    assert "ContentDisposition" not in uploads.result(report)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("accept", ["", "application/json"])
def test_an_upload_of_several_files_in_parts(
    accept: str, seed: int, api: Api, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages come twice and in any order, and pieces are copied by S3 or written again."""
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    monkeypatch.setattr(object_writer, "MIN_PART_BYTES", 5000)
    monkeypatch.setattr(object_writer, "PART_BYTES", 8000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 5000)
    job_id = api.create(file_name="Jane.zip", operation="deidentify", key=KEY, accept=accept)["id"]
    worker.do_all(uploads.put(job_id, ZIP), times=2, shuffle=random.Random(seed).shuffle)  # noqa: S311
    assert uploads.job(job_id).parts_total == 4
    uploads.assert_done(job_id, 4)
    at_once = api.form("deidentify", ZIP, key=KEY, accept=accept or "*/*")["body"]
    result = uploads.result(job_id)
    if accept:
        assert result["content"].decode() == at_once
    else:
        assert opened(result["content"]) == opened(at_once)
        assert result["ContentType"] == "application/zip"
        assert result["ContentDisposition"] == 'attachment; filename="deidentified.zip"'
    assert uploads.stored(job_id) == ["results/ID"]


def test_a_worker_that_is_interrupted_anywhere_makes_the_same(
    api: Api, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    expected = opened(api.form("deidentify", ZIP, key=KEY)["body"])

    def fail() -> None:
        raise OSError("interrupted")

    steps = Steps(monkeypatch, fail)
    point = 1
    while True:
        job_id = uploads.new_job("a.zip", operation="deidentify", key=KEY)
        steps.interrupt_at(point)
        worker.do_all(uploads.put(job_id, ZIP))
        assert uploads.job(job_id).status == jobs.DONE
        assert opened(uploads.result(job_id)["content"]) == expected
        if steps.taken < point:
            break
        point += 5


def test_without_a_key_the_files_of_an_upload_belong_together(
    api: Api, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    ids = [api.create(file_name="a.zip", operation="deidentify")["id"] for _ in range(2)]
    uids = []
    for job_id in ids:
        worker.do_all(uploads.put(job_id, zipped(("a", CT), ("b", CT))))
        files = opened(uploads.result(job_id)["content"])
        assert files["0001.dcm"] == files["0002.dcm"]
        uids.append(dataset(files["0001.dcm"]).StudyInstanceUID)
    assert uids[0] != uids[1]


def test_an_upload_that_gives_no_file_fails_with_the_reason(api: Api, worker: Worker) -> None:
    for file_name, content, why in (
        ("a.dcm", b"hello", "not a DICOM file"),
        ("a.zip", zipped(STRANGER), "holds no DICOM file"),
        ("a", zipped(("ct", CT)), "accept application/zip"),
    ):
        job_id = api.create(
            file_name=file_name, operation="deidentify", accept="" if "." in file_name else "application/dicom"
        )["id"]
        worker.do_all(uploads.put(job_id, content))
        job = uploads.job(job_id)
        assert (job.status, why in job.error) == (jobs.FAILED, True)
        assert uploads.stored(job_id) == []


def test_a_key_is_in_one_object_and_nowhere_else(
    api: Api, worker: Worker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    seen: list[str] = []
    job_id = api.create(file_name="a.zip", operation="deidentify", key=KEY)["id"]

    def look() -> None:
        for table in ("JobsTable", "IdempotencyKeysTable"):
            assert KEY not in str(scenarios.items(table))
        s3 = uploads.client("s3")
        for key in uploads.stored(job_id):
            content = s3.get_object(Bucket=uploads.BUCKET, Key=key.replace("ID", job_id))["Body"].read()
            seen.extend([key] if KEY.encode() in content else [])

    Steps(monkeypatch, lambda: None, look)
    messages = [uploads.put(job_id, ZIP)]
    while messages:
        body = messages.pop()
        assert KEY not in body
        assert worker.do(body)
        messages += uploads.sent()
    assert set(seen) == {"keys/ID"}
    uploads.assert_done(job_id, 4)
    assert uploads.stored(job_id) == ["results/ID"]
    assert KEY not in capsys.readouterr().out


def test_a_deleted_upload_leaves_no_key(api: Api) -> None:
    job_id = api.create(file_name="a.zip", operation="deidentify", key=KEY)["id"]
    event = build.events(build.Caller(api_key=api.key, upload=job_id))["upload_delete"]
    assert functions.load("upload_delete").handler(event, CONTEXT)["statusCode"] == 204
    assert uploads.stored(job_id) == []


def test_a_repeated_request_stores_the_key_no_more_when_the_work_is_done(api: Api, worker: Worker) -> None:
    body = json.dumps({"file_name": "a.dcm", "operation": "deidentify", "key": KEY}).encode()
    again = {"Idempotency-Key": "again"}
    first, second = (api.send("upload_create", body, "application/json", {}, **again) for _ in range(2))
    job_id = json.loads(first["body"])["id"]
    assert json.loads(second["body"])["id"] == job_id
    worker.do_all(uploads.put(job_id, CT))
    assert api.send("upload_create", body, "application/json", {}, **again)["statusCode"] == 201
    assert uploads.stored(job_id) == ["results/ID"]
