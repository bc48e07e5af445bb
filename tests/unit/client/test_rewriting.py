"""`deidentify` and `convert`, of one file, of folders, and of large files."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dicom_api import Client, ForeignAnswer
from tests.http_stub import HttpStub

DEIDENTIFY, CONVERT = "POST /api/dicom/deidentify/", "POST /api/dicom/convert/"
FINDING = {"kind": "burned_in_text", "message": "The picture may have text."}
REPORT: dict[str, Any] = {"profile": "Basic", "attributes": [], "findings": [FINDING]}

Run = Callable[..., int]


def packed(report: Any = REPORT, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.dcm", content)
        archive.writestr("report.json", json.dumps(report))
    return buffer.getvalue()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "Doe^Jane"
    (folder / "series").mkdir(parents=True)
    (folder / "1.dcm").write_bytes(b"first")
    (folder / "series" / "2.dcm").write_bytes(b"second")
    return folder


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("a key that is long enough\n")
    return path


def fields(form: list[tuple[str, str | None, bytes]]) -> dict[str, str]:
    return {name: value.decode() for name, file_name, value in form if file_name is None}


def test_a_folder_is_deidentified_under_names_that_tell_nothing(
    run: Run, api: HttpStub, study: Path, key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        api.will(DEIDENTIFY, 200, packed(**{"0001": b"made"}))
    arguments = ["deidentify", study, "--out", tmp_path / "clean", "--key-file", key_file, "--jobs", 1]
    assert run(*arguments) == 0
    written = sorted(path.name for path in (tmp_path / "clean").rglob("*"))
    assert len(written) == 2
    assert not {"1.dcm", "2.dcm", "series"} & set(written)
    assert {path.read_bytes() for path in (tmp_path / "clean").iterdir()} == {b"made"}
    assert api.asked[0].headers["Accept"] == "application/zip"
    assert fields(api.asked[0].form()) == {"key": "a key that is long enough"}
    assert [part[1] for part in api.asked[0].form() if part[0] == "file"] == ["file"]  # its name may be the patient's
    output, errors = capsys.readouterr()
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["File"] for line in lines] == [str(study / "1.dcm"), str(study / "series" / "2.dcm")]
    assert lines[0]["Findings"] == [FINDING]
    assert Path(lines[0]["Made"]).read_bytes() == b"made"
    assert f"{study / '1.dcm'}: The picture may have text." in errors
    assert errors.endswith("2 written, 0 there already, 0 failed\n")
    assert run(*arguments) == 0  # which asks for nothing
    assert capsys.readouterr().err == "0 written, 2 there already, 0 failed\n"


def test_options_of_a_deidentification(run: Run, api: HttpStub, study: Path, tmp_path: Path) -> None:
    api.will(DEIDENTIFY, 200, packed(**{"0001": b"made"}))
    options = [
        "--option",
        "retain-uids",
        "--option",
        "clean-descriptors",
        "--keep",
        "StudyDate",
        "--remove",
        "Modality",
    ]
    options += ["--replace", "PatientID=T 7", "--replace", "PatientName=A=B", "--region", "0,0,10,20"]
    options += ["--region", "1,2,3,4", "--ultrasound", "--date-shift=-30", "--keep-names"]
    assert run("deidentify", study / "1.dcm", "--out", tmp_path / "clean", *options) == 0
    given = fields(api.asked[0].form())
    assert len(given.pop("key")) >= 16
    assert json.loads(given.pop("replace")) == {"PatientID": "T 7", "PatientName": "A=B"}
    assert given == {
        "options": "retain-uids,clean-descriptors",
        "keep": "StudyDate",
        "remove": "Modality",
        "regions": "0,0,10,20;1,2,3,4",
        "ultrasound": "true",
        "date_shift": "-30",
    }
    assert (tmp_path / "clean" / "1.dcm").read_bytes() == b"made"


def test_a_key_is_made_once(run: Run, api: HttpStub, study: Path, tmp_path: Path) -> None:
    for _ in range(2):
        api.will(DEIDENTIFY, 200, packed(**{"0001": b"made"}))
    for number in range(2):
        place = tmp_path / str(number)
        assert run("deidentify", study / "1.dcm", "--out", place, "--key-file", tmp_path / "new") == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    keys = {fields(asked.form())["key"] for asked in api.asked}
    assert keys == {(tmp_path / "new").read_text().strip()}


def test_a_report_alone(run: Run, api: HttpStub, study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api.will(DEIDENTIFY, 200, REPORT)
    assert run("deidentify", study / "1.dcm", "--report", "--json") == 0
    assert api.asked[0].headers["Accept"] == "application/json"
    assert json.loads(capsys.readouterr().out) == {"File": str(study / "1.dcm"), **REPORT}


def test_one_that_fails_does_not_stop_the_others(
    run: Run, api: HttpStub, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.will(CONVERT, 400, {"error": "It can't be read."})
    api.will(CONVERT, 200, b"made")
    given = ["--to", "jpeg-ls", "--set", "PatientName=Doe", "--remove", "StudyDate", "--uids", "new", "--jobs", 1]
    assert run("convert", study, "--out", tmp_path / "out", *given) == 1
    assert [path.name for path in (tmp_path / "out").rglob("*.dcm")] == ["2.dcm"]
    assert (tmp_path / "out" / "series" / "2.dcm").read_bytes() == b"made"
    assert fields(api.asked[1].form()) == {
        "transfer_syntax": "jpeg-ls",
        "set": '{"PatientName": "Doe"}',
        "remove": "StudyDate",
        "uids": "new",
    }
    errors = capsys.readouterr().err
    assert "1.dcm: It can't be read." in errors
    assert "1 written, 0 there already, 1 failed" in errors


def test_a_large_file_is_staged(run: Run, api: HttpStub, s3: HttpStub, study: Path, tmp_path: Path) -> None:
    (study / "1.dcm").write_bytes(b"a file" * 1_000_000)
    api.will("POST /api/dicom/uploads/", 201, {"id": "1f", "upload": {"url": f"{s3.url}/bucket", "fields": {}}})
    s3.will("POST /bucket", 204)
    done = {"id": "1f", "status": "done", "frames_done": 1, "frames_total": 1, "result_url": f"{s3.url}/results/1f"}
    api.will("GET /api/dicom/uploads/1f/", 200, done)
    s3.will("GET /results/1f", 200, b"made")
    assert (
        run("convert", study / "1.dcm", "--out", tmp_path / "out", "--to", "j2k-lossy", "--lossy", "--ratio", 12.5) == 0
    )
    assert json.loads(api.asked[0].body) == {
        "file_name": "1.dcm",
        "operation": "convert",
        "transfer_syntax": "j2k-lossy",
        "lossy": "true",
        "ratio": "12.5",
    }
    assert (tmp_path / "out" / "1.dcm").read_bytes() == b"made"


def test_in_python(api: HttpStub) -> None:
    api.will(DEIDENTIFY, 200, b"made")
    api.will(DEIDENTIFY, 200, REPORT)
    api.will(DEIDENTIFY, 200, b"[1]")
    with Client("prefix.secret", api.url) as client:
        assert client.deidentify(b"a file", key="x" * 16, regions=[(1, 2, 3, 4)], ultrasound=False) == b"made"
        assert client.deidentify_report(b"a file", options=["retain-uids"]) == REPORT
        with pytest.raises(ForeignAnswer):
            client.deidentify_report(b"a file")
        with pytest.raises(TypeError, match="regoins"):
            client.deidentify(b"a file", regoins="1,2,3,4")  # type: ignore[call-arg]
    assert api.asked[0].form()[-1] == ("file", "file", b"a file")
    assert fields(api.asked[0].form()) == {"key": "x" * 16, "regions": "1,2,3,4", "ultrasound": "false"}
    assert api.asked[0].headers["Idempotency-Key"] != api.asked[1].headers["Idempotency-Key"]


@pytest.mark.parametrize("answer", [b"no zip", packed()])
def test_what_is_no_result(answer: bytes, run: Run, api: HttpStub, study: Path, tmp_path: Path) -> None:
    api.will(DEIDENTIFY, 200, answer)
    assert run("deidentify", study / "1.dcm", "--out", tmp_path / "clean") == 1
    assert not (tmp_path / "clean").exists()
