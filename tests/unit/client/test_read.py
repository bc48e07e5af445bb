"""`read` of files that fit into a direct request."""

import base64
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http_stub import HttpStub

READ = "POST /api/dicom/read/file/"
PICTURES = [base64.b64encode(content).decode() for content in (b"first", b"second")]
ANSWER = {"PatientName": "山田^太郎", "RWavePointer": "[20, 53, 77]", "ImageFormat": "PNG", "Images": PICTURES}

Run = Callable[..., int]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"a small file")
    return path


def test_metadata_is_printed(run: Run, api: HttpStub, scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api.will(READ, 200, ANSWER)
    assert run("read", scan) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"PatientName": "山田^太郎", "RWavePointer": "[20, 53, 77]", "ImageFormat": "PNG"}
    assert "Pictures: 2." in printed.err
    (asked,) = api.asked
    assert asked.headers["Authorization"] == "ApiKey prefix.secret"
    assert asked.form() == [("return_format", None, b"png"), ("file", "scan.dcm", b"a small file")]


def test_options_go_along(run: Run, api: HttpStub, scan: Path) -> None:
    api.will(READ, 200, {"Images": []})
    given = ["--fields=PatientName", "--frames=1", "--window=-600,1500", "--viewport=8,8", "--quality=80", "--overlays"]
    assert run("read", scan, "--format", "jpeg", *given) == 0
    fields = {name: content.decode() for name, file_name, content in api.asked[0].form() if file_name is None}
    assert fields == {
        "return_format": "jpeg",
        "fields": "PatientName",
        "frames": "1",
        "window": "-600,1500",
        "viewport": "8,8",
        "quality": "80",
        "overlays": "true",
    }


def test_pictures_are_saved(
    run: Run, api: HttpStub, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(READ, 200, {"ImageFormat": "PNG", "Images": [PICTURES[0], "", PICTURES[1]], "Warnings": ["frame 2"]})
    folder = tmp_path / "new" / "pictures"
    assert run("read", scan, "--save", folder) == 0
    paths = [str(folder / "0001.png"), "", str(folder / "0003.png")]
    assert json.loads(capsys.readouterr().out) == {"ImageFormat": "PNG", "Images": paths, "Warnings": ["frame 2"]}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"0001.png": b"first", "0003.png": b"second"}


def test_pictures_are_called_by_their_frames(run: Run, api: HttpStub, scan: Path, tmp_path: Path) -> None:
    api.will(READ, 200, ANSWER)
    assert run("read", scan, "--save", tmp_path / "p", "--format", "jpeg", "--frames", "12,3") == 0
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == ["0003.jpeg", "0012.jpeg"]


def test_an_animation_is_one_picture(run: Run, api: HttpStub, scan: Path, tmp_path: Path) -> None:
    api.will(READ, 200, {"Images": PICTURES[:1]})
    given = ["--format", "gif", "--animation", "--frames", "4-7"]
    assert run("read", scan, "--save", tmp_path / "p", *given) == 0
    assert [path.name for path in (tmp_path / "p").iterdir()] == ["0001.gif"]


def test_each_file_of_a_zip_has_a_folder_and_none_is_outside(
    run: Run, api: HttpStub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "study.zip"
    archive.write_bytes(b"PK")
    names = ["A/1.dcm", "a/1.dcm", "../../b\\c:.dcm", "/", "..", "\x1b[2J"]
    files: list[dict[str, Any]] = [{"FileName": name, "Images": PICTURES[:1]} for name in names]
    api.will(READ, 200, {"Files": [*files, {"FileName": "notes.txt", "Error": "It is not a DICOM file."}]})
    folder = tmp_path / "inside" / "pictures"
    assert run("read", archive, "--save", folder) == 0
    wrote = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    own = ["A/1.dcm", "a/1.dcm (2)", "b/c_.dcm", "file", "file (2)", "__2J"]
    assert wrote == {f"inside/pictures/{name}/0001.png" for name in own}
    printed = json.loads(capsys.readouterr().out)["Files"]
    assert printed[1]["Images"] == [str(folder / "a/1.dcm (2)/0001.png")]
    assert printed[-1] == {"FileName": "notes.txt", "Error": "It is not a DICOM file."}


def test_a_large_answer_is_fetched_from_s3_without_the_key(
    run: Run, api: HttpStub, s3: HttpStub, scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(READ, 303, {"detail": "follow"}, {"Location": f"{s3.url}/answers/1?X-Amz-Signature=a"})
    s3.will("GET /answers/1?X-Amz-Signature=a", 200, ANSWER)
    assert run("read", scan) == 0
    assert json.loads(capsys.readouterr().out)["PatientName"] == "山田^太郎"
    assert "Authorization" not in s3.asked[0].headers


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": "Send your API key."}, "Send your API key.\n"),
        (400, {"error": "No.", "fields": {"fields": "'X' is none."}}, "No.\n  fields: 'X' is none.\n"),
        (502, b"<html>", "502 Bad Gateway\n"),
        (400, [], "400 Bad Request\n"),
        (400, {"error": 1}, "400 Bad Request\n"),
    ],
)
def test_errors_are_told_as_they_are(
    status: int, body: Any, told: str, run: Run, api: HttpStub, scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(4):
        api.will(READ, status, body)
    assert run("read", scan) == 1
    assert capsys.readouterr() == ("", told)
    assert len(api.asked) == (4 if status == 502 else 1)


def test_too_many_requests_at_once_are_made_again(run: Run, api: HttpStub, scan: Path, pauses: list[float]) -> None:
    api.will(READ, 429, {"error": "Wait a second."}, {"Retry-After": "1"})
    api.will(READ, 429, {"error": "Wait two."}, {"Retry-After": "2"})
    api.will(READ, 200, ANSWER)
    assert run("read", scan) == 0
    assert pauses == [1, 2]
    assert [asked.form()[-1] for asked in api.asked] == [("file", "scan.dcm", b"a small file")] * 3


def test_but_not_for_ever(run: Run, api: HttpStub, scan: Path, pauses: list[float]) -> None:
    for _ in range(9):
        api.will(READ, 429, {"error": "Wait."}, {"Retry-After": "3"})
    assert run("read", scan) == 1
    assert pauses == [3, 3, 3]


@pytest.mark.parametrize("headers", [{"Retry-After": "2592000"}, {}, {"Retry-After": "soon"}])
def test_nobody_waits_for_next_months_quota(
    headers: dict[str, str],
    run: Run,
    api: HttpStub,
    scan: Path,
    pauses: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    api.will(READ, 429, {"error": "Limit exceeded.", "quota": 1000, "requests_used": 1001}, headers)
    assert run("read", scan) == 1
    assert pauses == []
    assert capsys.readouterr().err == "Limit exceeded.\n  quota: 1000\n  requests_used: 1001\n"


def test_nobody_there(run: Run, scan: Path, pauses: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert run("read", scan, "--url", address) == 1
    assert capsys.readouterr().err.startswith(f"No answer from {address}: ")
    assert pauses == []


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        (b'{"Images": ["', {}, "not whole"),
        (b"<html>", {}, "not whole"),
        (b"[]", {}, "not from this API"),
        (b'{"a": ', {"Content-Length": "100"}, "broke off"),
    ],
)
def test_answers_that_are_none(
    body: bytes,
    headers: dict[str, str],
    told: str,
    run: Run,
    api: HttpStub,
    scan: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(4):
        api.will(READ, 200, body, headers)
    assert run("read", scan) == 1
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


def test_a_picture_that_is_none(
    run: Run, api: HttpStub, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(READ, 200, {"Images": ["no base64!"]})
    assert run("read", scan, "--save", tmp_path / "p") == 1
    assert "not base64" in capsys.readouterr().err


def test_a_folder_that_is_a_file(run: Run, scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read", scan, "--save", scan) == 1
    assert capsys.readouterr().err == f"{scan}: File exists\n"


@pytest.mark.parametrize(
    ("argument", "told"),
    [("none/*.dcm", "no file matches"), (".", "There is no DICOM file"), ("none.dcm", "No such file")],
)
def test_an_argument_that_means_no_file(
    argument: str, told: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no DICOM")
    assert run("read", tmp_path / argument) == 1
    assert told in capsys.readouterr().err


def test_two_files_for_one_folder(run: Run, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other" / "scan.dcm"
    other.parent.mkdir()
    other.write_bytes(b"another file")
    assert run("read", scan, other, "--save", tmp_path / "out") == 1
    assert "same folder" in capsys.readouterr().err


def test_a_used_up_quota_ends_a_run_of_many(
    run: Run, api: HttpStub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        (tmp_path / f"{number}.dcm").write_bytes(b"a small file")
        api.will(
            READ, 429, {"error": "Limit exceeded.", "quota": 1000, "requests_used": 1001}, {"Retry-After": "99999"}
        )
    assert run("read", tmp_path, "--jobs", "1") == 1
    assert capsys.readouterr().err.startswith("Limit exceeded.")
    assert len(api.asked) < 20
