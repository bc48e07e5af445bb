"""Answers that are lost, cut short or not from this API end in one sentence and exit code 1."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.http_stub import HttpStub

READ, CREATE, STATUS = "POST /api/dicom/read/file/", "POST /api/dicom/uploads/", "GET /api/dicom/uploads/1f/"
ROOT = Path(__file__).parents[3]
WAITING = {"id": "1f", "status": "waiting", "frames_done": 0, "frames_total": None}

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
Lay = Callable[[HttpStub, str], None]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"a small file")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.dcm"
    path.write_bytes(bytes(4_000_001))
    return path


def answer(status: int, content: Any = b"", **headers: str) -> Lay:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda stub, line: stub.will(line, status, content, named)


def hang_up(stub: HttpStub, line: str) -> None:
    stub.will_hang_up(line)


# What can happen to each request, and what the client says then.
ANYWHERE = [
    (hang_up, "No answer from"),
    (answer(200, b'{"a": ', Content_Length="100"), "broke off"),
    (answer(200, b"{}", Content_Encoding="gzip"), "broke off"),
    (answer(303, Location="/elsewhere"), "500 Internal Server Error"),
    (answer(303, Location="http://["), "address is right"),
    (answer(303, Location="ftp://localhost/"), "not valid"),
    (answer(400, b"\xff\xfe", Content_Type="text/plain; charset=no-such"), "400 Bad Request"),
    (answer(400, {"error": "Stop.\x1b[2J\ud800"}), "Stop.·[2J"),
    (answer(400, {"error": "No.", "fields": ["a"]}), "400 Bad Request"),
    (answer(404, b"<Error><Code>NoSuchKey</Code><Message>It is gone.</Message></Error>"), "404 It is gone."),
    (answer(413, b"<html>"), "413 "),
    (answer(429, {"error": "Wait."}, Retry_After="9" * 400), "Wait."),
    (answer(429, {"error": "Wait."}, Retry_After="-1"), "Wait."),
]


def ends(run: Run, capsys: Captured, told: str, *arguments: object) -> None:
    assert run(*arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err


@pytest.mark.parametrize(("lay", "told"), [*ANYWHERE[:-3], *ANYWHERE[-2:]])  # 413 leads to a staged upload
def test_a_direct_read(run: Run, api: HttpStub, small: Path, capsys: Captured, lay: Lay, told: str) -> None:
    for _ in range(4):
        lay(api, READ)
    ends(run, capsys, told, "read", small)


@pytest.mark.parametrize(("lay", "told"), ANYWHERE)
def test_asking_for_an_upload(run: Run, api: HttpStub, large: Path, capsys: Captured, lay: Lay, told: str) -> None:
    for _ in range(4):
        lay(api, CREATE)
    ends(run, capsys, told, "read", large)


@pytest.mark.parametrize(("lay", "told"), ANYWHERE)
def test_a_status(run: Run, api: HttpStub, capsys: Captured, lay: Lay, told: str) -> None:
    for _ in range(4):
        lay(api, STATUS)
    ends(run, capsys, told, "uploads", "1f")


@pytest.mark.parametrize(("lay", "told"), ANYWHERE)
def test_a_result(run: Run, api: HttpStub, s3: HttpStub, large: Path, capsys: Captured, lay: Lay, told: str) -> None:
    api.will(CREATE, 201, {"id": "1f", "upload": {"url": f"{s3.url}/bucket", "fields": {}}})
    s3.will("POST /bucket", 204)
    api.will(STATUS, 200, {**WAITING, "status": "done", "result_url": f"{s3.url}/result"})
    for _ in range(4):
        lay(s3, "GET /result")
    ends(run, capsys, told, "read", large)


def test_a_redirect_in_a_circle(run: Run, api: HttpStub, small: Path, capsys: Captured) -> None:
    for line in (READ, *["GET /circle"] * 40):
        api.will(line, 303, headers={"Location": "/circle"})
    ends(run, capsys, "sends on and on", "read", small)


@pytest.mark.parametrize(
    "url", ["", "no address", "http://", "http://[", "http://a..b/", "file:///etc/passwd", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none(run: Run, api: HttpStub, large: Path, capsys: Captured, url: str) -> None:
    api.will(CREATE, 201, {"id": "1f", "upload": {"url": url, "fields": {}}})
    ends(run, capsys, "address is right", "read", large)


def test_a_port_whose_last_bits_are_those_of_a_server(
    run: Run, api: HttpStub, s3: HttpStub, large: Path, capsys: Captured
) -> None:
    host, _, port = s3.url.rpartition(":")
    api.will(CREATE, 201, {"id": "1f", "upload": {"url": f"{host}:{int(port) + 65536}/", "fields": {}}})
    ends(run, capsys, "not valid", "read", large)
    assert s3.asked == []


@pytest.mark.parametrize("retry_after", ["9" * 400, "100000000", "-1", "soon", "1.5", "٣"])
def test_nobody_waits_long_for_the_next_status(
    run: Run, api: HttpStub, s3: HttpStub, large: Path, pauses: list[float], retry_after: str
) -> None:
    api.will(CREATE, 201, {"id": "1f", "upload": {"url": f"{s3.url}/bucket", "fields": {}}})
    s3.will("POST /bucket", 204)
    api.will(STATUS, 200, WAITING, {"Retry-After": retry_after.encode().decode("latin-1")})
    api.will(STATUS, 200, {**WAITING, "status": "failed", "error": "It is no DICOM file."})
    assert run("read", large) == 1
    (pause,) = pauses
    assert 0 < pause <= 60


OTHERS = st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=3)
JSON = st.recursive(OTHERS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(OTHERS.map(str), inner))


def broken(whole: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The object with one member missing or of another type, or another value altogether."""
    changed = st.tuples(st.sampled_from(sorted(whole)), JSON).map(lambda change: whole | dict([change]))
    less = st.sampled_from(sorted(whole)).map(lambda name: {key: whole[key] for key in whole if key != name})
    return JSON | changed | less


SAME_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME_FIXTURES
@given(broken({"id": "1f", "upload": {"url": "x", "fields": {}}}))
@example({"id": 1, "upload": {"url": "x", "fields": {}}})
@example({"id": "1f", "upload": []})
@example({"id": "1f", "upload": {"url": "x", "fields": {"a": None}}})
def test_any_upload(run: Run, api: HttpStub, large: Path, made: Any) -> None:
    api.will(CREATE, 201, made)
    assert run("read", large) == 1


@SAME_FIXTURES
@given(state=broken({**WAITING, "remaining_seconds": 1}))
@example(state={**WAITING, "frames_done": None})
@example(state={**WAITING, "remaining_seconds": "soon"})
@example(state={"status": "done"})
@example(state={"status": "failed", "error": {}})
def test_any_status(run: Run, api: HttpStub, s3: HttpStub, large: Path, state: Any) -> None:
    api.will(CREATE, 201, {"id": "1f", "upload": {"url": f"{s3.url}/bucket", "fields": {}}})
    s3.will("POST /bucket", 204)
    api.will(STATUS, 200, state)
    assert run("read", large) == 1  # also if the client waits and asks again: the next answer is a 500


IMAGES = {"PatientName": "Doe", "Images": ["Zmlyc3Q="]}


@SAME_FIXTURES
@given(
    broken(IMAGES) | broken({"Files": [IMAGES]}) | broken({"FileName": "a", **IMAGES}).map(lambda one: {"Files": [one]})
)
@example({"Files": 3})
@example({"Files": [{"FileName": 3, "Images": ["Zmlyc3Q="]}]})
@example({"Images": 3})
@example({"Images": [3]})
@example({"Images": ["", "", ""]})
def test_any_answer(run: Run, api: HttpStub, small: Path, tmp_path: Path, body: Any) -> None:
    for options in ((), ("--save", tmp_path / "pictures", "--frames", "1")):
        api.will(READ, 200, body)
        assert run("read", small, *options) in {0, 1}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": ' + b"1" * 100_000 + b"}",
        b"\xff\xfe{}",
        b'{"Images": ["\xff"]}',
    ],
)
def test_what_python_takes_amiss(run: Run, api: HttpStub, small: Path, capsys: Captured, body: bytes) -> None:
    api.will(READ, 200, body)
    assert run("read", small) == 1
    assert "not from this API" in capsys.readouterr().err


def test_text_that_no_terminal_takes(run: Run, api: HttpStub, small: Path) -> None:
    api.will(READ, 200, json.dumps({"PatientName": "\ud800", "Images": []}).encode())
    assert run("read", small) == 0


def test_a_status_that_no_terminal_takes(run: Run, api: HttpStub, capsys: Captured) -> None:
    api.will(STATUS, 200, {"error": "\ud800é"})
    assert run("uploads", "1f") == 0
    assert json.loads(capsys.readouterr().out) == {"error": "\ud800é"}


def test_a_reader_that_has_seen_enough(api: HttpStub, small: Path) -> None:
    """Closes the pipe early, as `| head` does."""
    api.will(READ, 200, {"PatientName": "Doe^Jane"})
    command = [
        str(Path(sys.executable).with_name("dicom-api")),
        "read",
        str(small),
        "--url",
        api.url,
        "--key",
        "prefix.secret",
    ]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        run = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_more_pictures_than_frames(run: Run, api: HttpStub, small: Path, tmp_path: Path, capsys: Captured) -> None:
    api.will(READ, 200, {"Images": ["Zmlyc3Q=", "Zmlyc3Q="]})
    ends(run, capsys, "more pictures than frames", "read", small, "--save", tmp_path / "pictures", "--frames", "1")


def test_frames_that_are_none(run: Run, api: HttpStub, small: Path, tmp_path: Path, capsys: Captured) -> None:
    api.will(READ, 200, {"Images": ["Zmlyc3Q="]})
    ends(run, capsys, "not from this API", "read", small, "--save", tmp_path / "pictures", "--frames", "one")
