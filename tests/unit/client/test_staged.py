"""Files too large for a direct request: uploaded to S3, waited for, and fetched from S3."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http_stub import HttpStub

CREATE, DIRECT = "POST /api/dicom/uploads/", "POST /api/dicom/read/file/"
STATUS, RESULT = "GET /api/dicom/uploads/1f/", "GET /results/1f?X-Amz-Signature=a"
FIELDS = {"Content-Type": "application/octet-stream", "key": "uploads/1f", "policy": "cA==", "x-amz-signature": "a"}
ANSWER = {"PatientName": "Doe^Jane", "Images": ["Zmlyc3Q=", "c2Vjb25k"]}

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "Jane Doe.dcm"
    path.write_bytes(bytes(range(256)) * 20_000)
    return path


@pytest.fixture(autouse=True)
def _upload(api: HttpStub, s3: HttpStub) -> None:
    upload = {"url": f"{s3.url}/bucket", "fields": FIELDS}
    status_url = f"{api.url}/api/dicom/uploads/1f/"
    api.will(CREATE, 201, {"id": "1f", "upload": upload, "expires_in": 3600, "status_url": status_url})


def waits(api: HttpStub, status: str, done: int, total: int | None, retry_after: str = "1", **more: Any) -> None:
    answer = {"id": "1f", "status": status, "frames_done": done, "frames_total": total, "elapsed_seconds": 1.5, **more}
    api.will(STATUS, 200, answer, {"Retry-After": retry_after})


def is_done(api: HttpStub, s3: HttpStub, result: Any) -> None:
    answer = {"id": "1f", "status": "done", "frames_done": 2, "frames_total": 2, "elapsed_seconds": 9.0}
    api.will(STATUS, 200, {**answer, "result_url": s3.url + RESULT.removeprefix("GET ")})
    s3.will(RESULT, 200, result)


def test_a_large_file_is_uploaded_and_waited_for(
    run: Run, api: HttpStub, s3: HttpStub, large: Path, tmp_path: Path, pauses: list[float], capsys: Captured
) -> None:
    s3.will("POST /bucket", 204)
    waits(api, "waiting", 0, None)
    waits(api, "processing", 0, 2, "7")
    waits(api, "processing", 1, 2, "3", remaining_seconds=3.2)
    is_done(api, s3, ANSWER)
    assert run("read", large, "--save", tmp_path / "p", "--frames", "1-2") == 0

    create, *polls = api.asked
    assert json.loads(create.body) == {"file_name": "Jane Doe.dcm", "return_format": "png", "frames": "1-2"}
    assert [asked.line for asked in polls] == [STATUS] * 4
    assert {asked.headers["Authorization"] for asked in api.asked} == {"ApiKey prefix.secret"}
    assert pauses == [1, 7, 3]

    upload, result = s3.asked
    assert result.line == RESULT
    assert not any("Authorization" in asked.headers for asked in s3.asked)
    assert upload.headers["Content-Length"] == str(len(upload.body))
    assert "Transfer-Encoding" not in upload.headers
    *fields, file = upload.form()
    assert fields == [(name, None, value.encode()) for name, value in FIELDS.items()]
    assert file == ("file", "file", large.read_bytes())

    printed = capsys.readouterr()
    paths = [str(tmp_path / "p" / name) for name in ("0001.png", "0002.png")]
    assert json.loads(printed.out) == {"PatientName": "Doe^Jane", "Images": paths}
    assert [Path(path).read_bytes() for path in paths] == [b"first", b"second"]
    assert printed.err == ""


def test_what_is_too_much_for_a_direct_request_is_staged(
    run: Run, api: HttpStub, s3: HttpStub, tmp_path: Path, capsys: Captured
) -> None:
    small = tmp_path / "small.dcm"
    small.write_bytes(b"small, with many frames")
    api.will(DIRECT, 413, {"error": "Too much: use a staged upload."})
    s3.will("POST /bucket", 204)
    is_done(api, s3, {"Modality": "XA", "Images": []})
    assert run("read", small) == 0
    assert s3.asked[0].form()[-1][2] == b"small, with many frames"
    assert json.loads(capsys.readouterr().out) == {"Modality": "XA"}


def test_a_job_that_failed(run: Run, api: HttpStub, s3: HttpStub, large: Path, capsys: Captured) -> None:
    s3.will("POST /bucket", 204)
    waits(api, "failed", 0, None, error="The file is not a DICOM file.")
    assert run("read", large) == 1
    assert capsys.readouterr() == ("", "The file is not a DICOM file.\n")


def test_what_s3_refuses(run: Run, s3: HttpStub, large: Path, capsys: Captured) -> None:
    s3.will("POST /bucket", 403, b"<Error><Code>AccessDenied</Code><Message>Policy expired.</Message></Error>")
    assert run("read", large) == 1
    assert capsys.readouterr() == ("", "403 Policy expired.\n")
    assert len(s3.asked) == 1


def test_what_may_be_sent_twice_is_when_the_server_is_not_well(
    run: Run, api: HttpStub, s3: HttpStub, large: Path, pauses: list[float]
) -> None:
    s3.will("POST /bucket", 503, b"<Message>Please reduce your request rate.</Message>")
    s3.will("POST /bucket", 204)
    api.will(STATUS, 502, {"error": "The service could not answer: try again."})
    waits(api, "processing", 1, 2, "5")
    is_done(api, s3, ANSWER)
    assert run("read", large) == 0
    assert pauses == [2, 2, 5]
    assert s3.asked[0].form() == s3.asked[1].form()


def test_pauses_become_longer_and_end(run: Run, api: HttpStub, pauses: list[float], capsys: Captured) -> None:
    for _ in range(9):
        api.will(STATUS, 503, {"error": "Try again."})
    assert run("uploads", "1f") == 1
    assert pauses == [2, 4, 8]
    assert capsys.readouterr().err == "Try again.\n"


def test_the_upload_is_not_made_twice(
    run: Run, api: HttpStub, large: Path, pauses: list[float], capsys: Captured
) -> None:
    assert run("read", large, "--url", f"{api.url}/other") == 1  # no answer is prepared for it, so the stub gives a 500
    assert capsys.readouterr().err == "500 Internal Server Error\n"
    assert len(api.asked) == 1
    assert pauses == []


def test_status_is_the_apis_answer(run: Run, api: HttpStub, capsys: Captured) -> None:
    waits(api, "processing", 1, 2, remaining_seconds=3.2)
    assert run("uploads", "1f") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {
        "id": "1f",
        "status": "processing",
        "frames_done": 1,
        "frames_total": 2,
        "elapsed_seconds": 1.5,
        "remaining_seconds": 3.2,
    }


def test_the_status_of_nothing(run: Run, api: HttpStub, capsys: Captured) -> None:
    api.will("GET /api/dicom/uploads/a%2Fb%3F/", 404, {"error": "You have no upload with this id."})
    assert run("uploads", "a/b?") == 1
    assert capsys.readouterr().err == "You have no upload with this id.\n"


def test_who_stops_waiting_knows_the_id(
    run: Run, api: HttpStub, s3: HttpStub, large: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    s3.will("POST /bucket", 204)
    waits(api, "processing", 1, 2)
    assert run("read", large) == 130
    assert capsys.readouterr().err == "Interrupted.\n"
