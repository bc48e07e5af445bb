"""`generate` with small and large pictures."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.http_stub import HttpStub

GENERATE = "POST /api/dicom/generate/"

Run = Callable[..., int]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "holiday.PNG"
    path.write_bytes(b"a picture")
    return path


def test_a_small_picture_goes_at_once(
    run: Run, api: HttpStub, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(GENERATE, 200, b"DICM\x00\xff")
    given = ["--set", "PatientName=山田", "--set", "Modality=OT", "--compression", "rle"]
    assert run("generate", picture, *given, "-o", tmp_path / "out.dcm") == 0
    assert (tmp_path / "out.dcm").read_bytes() == b"DICM\x00\xff"
    assert api.asked[0].form() == [
        ("PatientName", None, "山田".encode()),
        ("Modality", None, b"OT"),
        ("compression", None, b"rle"),
        ("file_name", None, b"out"),
        ("image", "holiday.PNG", b"a picture"),
    ]
    assert capsys.readouterr() == ("", "")


def test_a_large_picture_is_staged(run: Run, api: HttpStub, s3: HttpStub, picture: Path, tmp_path: Path) -> None:
    picture.write_bytes(b"a picture" * 600_000)
    api.will("POST /api/dicom/uploads/", 201, {"id": "1f", "upload": {"url": f"{s3.url}/bucket", "fields": {"a": "b"}}})
    s3.will("POST /bucket", 204)
    done = {"id": "1f", "status": "done", "frames_done": 1, "frames_total": 1, "result_url": f"{s3.url}/results/1f"}
    api.will("GET /api/dicom/uploads/1f/", 200, done)
    s3.will("GET /results/1f", 200, b"DICM\x00\xff" * 300_000)
    assert run("generate", picture, "--set", "PatientName=Doe^Jane", "-o", tmp_path / "out.dcm") == 0
    assert json.loads(api.asked[0].body) == {"file_name": "out.png", "attributes": {"PatientName": "Doe^Jane"}}
    assert s3.asked[0].form()[-1] == ("file", "file", b"a picture" * 600_000)
    assert (tmp_path / "out.dcm").read_bytes() == b"DICM\x00\xff" * 300_000


def test_half_an_answer_is_no_file(
    run: Run, api: HttpStub, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.dcm").write_bytes(b"from before")
    for _ in range(4):
        api.will(GENERATE, 200, b"DICM", {"Content-Length": "100"})
    assert run("generate", picture, "-o", tmp_path / "out.dcm") == 1
    assert "broke off" in capsys.readouterr().err
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "holiday.PNG": b"a picture",
        "out.dcm": b"from before",
    }


def test_what_the_api_refuses(
    run: Run, api: HttpStub, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(GENERATE, 400, {"error": "Rows is decided by the image.", "fields": {"Rows": "Leave it out."}})
    assert run("generate", picture, "--set", "Rows=3", "-o", tmp_path / "out.dcm") == 1
    assert capsys.readouterr().err == "Rows is decided by the image.\n  Rows: Leave it out.\n"
    assert not (tmp_path / "out.dcm").exists()
