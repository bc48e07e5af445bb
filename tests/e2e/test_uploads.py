"""Staged uploads on the local server: large files, and faults between S3, the queue and the workers."""

import base64
import io
import json
import os
import re
import signal
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pydicom
import pytest
import requests
from PIL import Image

from imaging.answers.options import read_options
from imaging.answers.read import read_model, write_answer
from tests.dicom_files import picture_file
from tests.e2e import uploads
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import LocalServer, Server
from tests.e2e.uploads import Behind


@pytest.fixture
def developer(server: Server) -> Developer:
    """A new developer for each test, with an unused quota."""
    return new_developer(server.url)


@pytest.fixture(scope="module")
def behind(server: Server) -> Behind:
    return Behind(server)


def direct(file_name: str, content: bytes, **options: str) -> bytes:
    """The answer to a direct read, without its limit on the upload."""
    answer = bytearray()
    write_answer(file_name, content, read_options(options), answer.extend)
    return bytes(answer)


def slice_file(number: int, frames: int = 1) -> bytes:
    """A file of 512x512 frames, all different, which compress as well as a CT."""
    noise = np.random.default_rng(number).integers(0, 8, (512, 512), np.uint16)
    first = noise + np.arange(512, dtype=np.uint16) * 4 + number
    pixels = b"".join((first + frame * 3).tobytes() for frame in range(frames))
    window = {"WindowCenter": 1024, "WindowWidth": 2048, "BitsStored": 12, "HighBit": 11}
    return picture_file(first, **window, NumberOfFrames=frames, PixelData=pixels, InstanceNumber=number)


@pytest.fixture(scope="module")
def large_file() -> bytes:
    content = slice_file(1, frames=220)
    assert len(content) > 100_000_000
    return content


@pytest.fixture(scope="module")
def large_answer(large_file: bytes) -> bytes:
    return direct("large.dcm", large_file, return_format="jpeg")


def test_a_large_file_is_read_as_at_once(
    server: Server, developer: Developer, large_file: bytes, large_answer: bytes
) -> None:
    job = uploads.start(server, developer, "large.dcm", large_file, return_format="jpeg")
    states = list(uploads.states(job, developer))
    done = [state["frames_done"] for state in states]
    assert done == sorted(done)
    assert {state["frames_total"] for state in states} <= {None, 220}
    result = uploads.result(job, developer)
    assert result.headers["Content-Type"] == "application/json"
    assert result.content == large_answer
    assert uploads.requests_used(server, developer) == 1


def test_a_killed_worker_delays_and_spoils_nothing(
    local_server: LocalServer, developer: Developer, large_file: bytes, large_answer: bytes
) -> None:
    uploaded = []
    for _ in range(5):  # the work may be over before a worker can be killed
        before = local_server.log().count("UploadWorkerFunction was ended by SIGKILL")
        job = uploads.start(local_server, developer, "large.dcm", large_file, return_format="jpeg")
        uploaded.append(job)
        states = []
        for state in uploads.states(job, developer):
            if state["frames_done"] and not any(each["frames_done"] for each in states):
                for pid in uploads.worker_processes(local_server):
                    os.kill(pid, signal.SIGKILL)
            states.append(state)
        if local_server.log().count("UploadWorkerFunction was ended by SIGKILL") > before:
            break
    else:
        pytest.fail("No worker could be killed at work.")
    done = [state["frames_done"] for state in states]
    assert done == sorted(done)
    assert uploads.result(job, developer).content == large_answer
    assert uploads.requests_used(local_server, developer) == len(uploaded)


def arrival(behind: Behind, key: str, at: datetime) -> str:
    """The body of S3's message about this object."""
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Post", "eventTime": at.isoformat()}
    return json.dumps({"Records": [{**record, "s3": {"bucket": {"name": behind.bucket}, "object": {"key": key}}}]})


def test_an_event_that_comes_again_and_again_counts_once(server: Server, developer: Developer, behind: Behind) -> None:
    content = slice_file(2, frames=3)
    job = uploads.start(server, developer, "small.dcm", content)
    message = arrival(behind, f"uploads/{job['id']}", datetime.now(UTC))
    for _ in range(3):
        behind.put_message(message)
    first = uploads.result(job, developer)
    behind.put_message(message)
    behind.wait_until_idle()
    again = uploads.result(job, developer)
    assert first.content == again.content == direct("small.dcm", content)
    assert first.headers["Last-Modified"] == again.headers["Last-Modified"]
    assert uploads.requests_used(server, developer) == 1


def test_a_zip_of_many_slices(server: Server, developer: Developer) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(80):
            archive.writestr(f"study/{number:03}.dcm", slice_file(number))
        archive.writestr("README.txt", "no DICOM file")
    options = {"viewport": "64,64", "fields": "InstanceNumber"}
    job = uploads.start(server, developer, "study.zip", file.getvalue(), **options)
    result = uploads.result(job, developer).content
    assert result == direct("study.zip", file.getvalue(), **options)
    assert [member.get("InstanceNumber") for member in json.loads(result)["Files"]] == [*map(str, range(80)), None]


def test_a_dicom_file_of_a_picture_larger_than_a_direct_upload(server: Server, developer: Developer) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2400, 2600), np.uint8)
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG")
    assert len(file.getvalue()) > 6_000_000
    attributes = {"PatientName": "Doe^John", "Modality": "OT"}
    job = uploads.start(server, developer, "scan.PNG", file.getvalue(), attributes=attributes)
    result = uploads.result(job, developer)
    assert result.headers["Content-Type"] == "application/dicom"
    assert result.headers["Content-Disposition"] == 'attachment; filename="scan.dcm"'
    dataset = pydicom.dcmread(io.BytesIO(result.content))
    assert (dataset.PatientName, dataset.Modality) == ("Doe^John", "OT")
    assert np.array_equal(dataset.pixel_array, pixels)


def test_what_is_no_dicom_file_fails_with_a_reason(server: Server, developer: Developer) -> None:
    job = uploads.start(server, developer, "notes.dcm", b"no DICOM file")
    state = uploads.end(job, developer)
    assert state["status"] == "failed"
    assert "DICOM" in state["error"]
    assert "result_url" not in state


def test_foreign_objects_and_messages_are_no_business_of_ours(local_server: LocalServer, behind: Behind) -> None:
    before = local_server.log().count("to come again")
    for key in ("uploads/readme.txt", f"uploads/{uuid.uuid4()}/x", f"elsewhere/{uuid.uuid4()}"):
        behind.s3.put_object(Bucket=behind.bucket, Key=key, Body=b"x")
    abandoned = f"uploads/{uuid.uuid4()}"  # its job has expired
    behind.put_message(arrival(behind, abandoned, datetime.now(UTC) - timedelta(days=3)))
    behind.put_message(json.dumps({"job": str(uuid.uuid4()), "part": 0}))
    behind.wait_until_idle()
    assert local_server.log().count("to come again") == before


def dead_letters(server: LocalServer) -> int:
    """How many have been done with so far."""
    return sum(map(int, re.findall(r"DeadLettersFunction (\d+) of the queue, done", server.log())))


def test_what_nobody_can_work_on_is_given_up(local_server: LocalServer, developer: Developer, behind: Behind) -> None:
    before = dead_letters(local_server)
    job = uploads.ask(local_server, developer, "scan.dcm")
    behind.put_message("no JSON")
    behind.put_message(
        arrival(behind, f"uploads/{job['id']}", datetime.now(UTC))
    )  # even though there is no such object
    state = uploads.end(job, developer)
    assert state["status"] == "failed"
    assert "tried 5 times" in state["error"]
    uploads.wait_until(lambda: dead_letters(local_server) == before + 2)
    behind.wait_until_idle("WorkQueue", "DeadLetterQueue")


def test_a_job_is_its_developers(server: Server, developer: Developer) -> None:
    job = uploads.ask(server, developer, "scan.dcm")
    stranger = requests.get(job["status_url"], headers=new_developer(server.url).api_key)
    unknown = requests.get(f"{server.url}/api/dicom/uploads/{uuid.uuid4()}/", headers=developer.api_key)
    assert (stranger.status_code, unknown.status_code) == (404, 404)
    assert stranger.json() == unknown.json()
    assert requests.get(job["status_url"]).status_code == 401
    assert requests.get(job["status_url"], headers=developer.api_key).json()["status"] == "waiting"


def listed(server: Server, developer: Developer, **query: str) -> dict[str, Any]:
    answer = requests.get(f"{server.url}/api/dicom/uploads/", query, headers=developer.api_key)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_ones_own_uploads_are_listed_page_by_page(server: Server, developer: Developer) -> None:
    assert listed(server, developer) == {"uploads": []}
    made = [uploads.ask(server, developer, f"{number}.dcm")["id"] for number in range(5)]
    uploads.ask(server, new_developer(server.url), "another's.dcm")
    pages = [listed(server, developer, limit="2")]
    while "next" in pages[-1]:
        pages.append(listed(server, developer, limit="2", next=pages[-1]["next"]))
    assert [upload["id"] for page in pages for upload in page["uploads"]] == made[::-1]
    assert pages[0]["uploads"][0].items() >= {"status": "waiting", "file_name": "4.dcm"}.items()
    forged = requests.get(f"{server.url}/api/dicom/uploads/?next=x", headers=developer.api_key)
    assert (forged.status_code, [*forged.json()["fields"]]) == (400, ["next"])


def keys(behind: Behind, job: dict[str, Any]) -> list[str]:
    """The job's objects in the bucket."""
    objects = behind.s3.list_objects_v2(Bucket=behind.bucket).get("Contents", [])
    return [each["Key"] for each in objects if job["id"] in each["Key"]]


def test_an_upload_is_gone_once_its_result_is_there_and_that_once_it_is_deleted(
    server: Server, developer: Developer, behind: Behind
) -> None:
    job = uploads.start(server, developer, "small.dcm", slice_file(3))
    url = uploads.end(job, developer)["result_url"]
    behind.wait_until_idle()
    assert keys(behind, job) == [f"results/{job['id']}"]
    assert requests.delete(job["status_url"], headers=new_developer(server.url).api_key).status_code == 404
    assert requests.get(url).status_code == 200
    answer = requests.delete(job["status_url"], headers=developer.api_key)
    assert (answer.status_code, answer.content) == (204, b"")
    assert keys(behind, job) == []
    assert requests.get(url).status_code in {403, 404}  # S3 answers 403 to callers who may not list the bucket
    assert requests.get(job["status_url"], headers=developer.api_key).status_code == 404
    assert listed(server, developer) == {"uploads": []}


def test_a_worker_whose_upload_is_deleted_leaves_nothing(
    local_server: LocalServer, developer: Developer, behind: Behind, large_file: bytes
) -> None:
    before = local_server.log().count("to come again")
    job = uploads.start(local_server, developer, "large.dcm", large_file, return_format="jpeg")
    for state in uploads.states(job, developer):
        if state["frames_done"]:
            break
    assert requests.delete(job["status_url"], headers=developer.api_key).status_code == 204
    behind.wait_until_idle()
    assert keys(behind, job) == []
    assert uploads.send(job, b"again").status_code == 204  # the form is still valid
    behind.wait_until_idle()
    assert keys(behind, job) == []
    assert local_server.log().count("to come again") == before


@pytest.mark.parametrize(
    ("content", "changed", "refusal"),
    [
        (b"x", {"key": "uploads/elsewhere"}, (403, "AccessDenied")),
        (b"x", {"Content-Type": "text/html"}, (403, "AccessDenied")),
        (b"x", {"acl": "public-read"}, (403, "AccessDenied")),
        (b"x", {"x-amz-signature": "0" * 64}, (403, "SignatureDoesNotMatch")),
        (b"", {}, (400, "EntityTooSmall")),
    ],
)
def test_a_form_takes_what_it_was_made_for(
    server: Server, developer: Developer, behind: Behind, content: bytes, changed: Any, refusal: tuple[int, str]
) -> None:
    job = uploads.ask(server, developer, "scan.dcm")
    answer = uploads.send(job, content, **changed)
    assert (answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]) == refusal
    assert behind.s3.list_objects_v2(Bucket=behind.bucket, Prefix=f"uploads/{job['id']}")["KeyCount"] == 0


def archive_of(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, slice_file(number, frames=2))
        archive.writestr("readme.txt", b"Read me.")
    return file.getvalue()


@pytest.mark.parametrize(("file_name", "content"), [("a.dcm", slice_file(1)), ("a.zip", archive_of("a.dcm", "b.dcm"))])
def test_the_result_as_dicom_json(server: Server, developer: Developer, file_name: str, content: bytes) -> None:
    members = {"accept": "application/dicom+json", "fields": "InstanceNumber"}
    answer = uploads.result(uploads.start(server, developer, file_name, content, **members), developer)
    assert answer.headers["Content-Type"] == "application/dicom+json"
    model, _ = read_model(file_name, content, frozenset({"InstanceNumber"}))
    assert answer.json() == model


def test_the_result_as_a_zip_of_pictures(server: Server, developer: Developer) -> None:
    content = archive_of("one/a.dcm", "b.dcm")
    members = {"accept": "application/zip", "return_format": "jpeg"}
    answer = uploads.result(uploads.start(server, developer, "a.zip", content, **members), developer)
    assert answer.headers["Content-Type"] == "application/zip"
    files = json.loads(direct("a.zip", content, return_format="jpeg"))["Files"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        expected = [f"{name}/{frame}.jpeg" for name in ("one/a.dcm", "b.dcm") for frame in ("0001", "0002")]
        assert archive.namelist() == [*expected, "warnings.txt"]
        pictures = [base64.b64encode(archive.read(name)).decode() for name in expected]
        assert pictures == [*files[0]["Images"], *files[1]["Images"]]
        assert b"readme.txt" in archive.read("warnings.txt")


def test_new_files_of_a_zip_without_its_patient(server: Server, developer: Developer) -> None:
    """The result of a zip, of which each name comes from its place, is that of a direct request."""
    content, key = io.BytesIO(), "correct horse battery staple"
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(3):
            archive.writestr(f"Doe/{number}.dcm", slice_file(number))
        archive.writestr("Doe.txt", "Doe")
    job = uploads.start(server, developer, "Doe.zip", content.getvalue(), operation="deidentify", key=key)
    staged = uploads.result(job, developer)
    assert staged.headers["Content-Type"] == "application/zip"
    assert staged.headers["Content-Disposition"] == 'attachment; filename="deidentified.zip"'
    direct = requests.post(
        f"{server.url}/api/dicom/deidentify/",
        headers=developer.api_key,
        files={"file": ("Doe.zip", content.getvalue())},
        data={"key": key},
    )
    assert direct.status_code == 200
    with zipfile.ZipFile(io.BytesIO(staged.content)) as one, zipfile.ZipFile(io.BytesIO(direct.content)) as other:
        assert one.namelist() == other.namelist() == ["0001.dcm", "0002.dcm", "0003.dcm", "report.json"]
        assert all(one.read(name) == other.read(name) for name in one.namelist())


def test_results_that_cannot_be_made(server: Server, developer: Developer) -> None:
    without = picture_file(np.zeros((4, 4), np.uint16), PixelData=b"")
    job = uploads.start(server, developer, "a.dcm", without, accept="application/zip")
    assert "There is no picture" in uploads.end(job, developer)["error"]
    for members, wrong in (
        ({"accept": "image/png"}, "accept"),
        ({"accept": "application/zip", "images": "false"}, "images"),
    ):
        body = {"file_name": "a.dcm", **members}
        refused = requests.post(f"{server.url}/api/dicom/uploads/", json=body, headers=developer.api_key)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [wrong])
