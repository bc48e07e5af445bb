"""Arguments of the command line."""

from pathlib import Path

import pytest

from dicom_api import Client
from dicom_api.arguments import parse
from dicom_api.command import main


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"content")
    return str(path)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DICOM_API_KEY", "prefix.secret")
    monkeypatch.delenv("DICOM_API_URL", raising=False)


def test_the_key_and_the_address_come_from_the_environment(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse(["read", file]).key == "prefix.secret"
    assert parse(["activity", "--key", "other.secret"]).key == "other.secret"
    assert Client().session.url == "http://localhost:8080"
    monkeypatch.setenv("DICOM_API_URL", "https://api.example.com/prod/")
    assert Client().session.url == "https://api.example.com/prod"
    assert Client(url="http://127.0.0.1:9000").session.url == "http://127.0.0.1:9000"


def test_a_window_below_zero(file: str) -> None:
    assert parse(["read", file, "--window=-600,1500"]).window == "-600,1500"


def test_attributes(file: str) -> None:
    options = parse(["generate", file, "--set", "PatientName=Doe^Jane", "--set", "ImageComments=a=b", "-o", "x.dcm"])
    assert options.attributes == [("PatientName", "Doe^Jane"), ("ImageComments", "a=b")]
    assert options.output == Path("x.dcm")


def code_of(arguments: list[str]) -> object:
    """The exit code, from argparse or from the client."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "COMMAND"),
        (["write"], "invalid choice"),
        (["read"], "FILE"),
        (["read", "FILE", "--format", "tiff"], "tiff"),
        (["read", "FILE", "--url", "localhost:8080"], "no address"),
        (["read", "FILE", "--url", "ftp://localhost"], "no address"),
        (["read", "FILE", "--key", "clé"], "API key"),
        (["read", "FILE", "--jobs", "0"], "no number"),
        (["generate", "/no/such/file.png", "-o", "x"], "No such file"),
        (["generate", "/", "-o", "x"], "can't be read"),
        (["generate", "EMPTY", "-o", "x"], "is empty"),
        (["generate", "FILE"], "--output"),
        (["generate", "FILE", "-o", "x", "--set", "PatientName"], "KEYWORD=VALUE"),
        (["generate", "FILE", "-o", "x", "--set", "=Doe"], "KEYWORD=VALUE"),
        (["activity", "--month"], "--month"),
        (["deidentify", "FILE"], "--out"),
        (["deidentify", "FILE", "--out", "x", "--report"], "not allowed"),
        (["deidentify", "FILE", "--out", "x", "--region", "1,2,3"], "X,Y,W,H"),
        (["convert", "FILE", "--to", "rle"], "--out"),
    ],
)
def test_what_is_given_wrong_ends_with_2(
    arguments: list[str], why: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.dcm"
    empty.touch()
    places = {"FILE": file, "EMPTY": str(empty)}
    assert code_of([places.get(argument, argument) for argument in arguments]) == 2
    assert why in capsys.readouterr().err


def test_without_a_key(file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DICOM_API_KEY")
    with pytest.raises(SystemExit) as end:
        main(["read", file])
    assert end.value.code == 2
    assert "DICOM_API_KEY" in capsys.readouterr().err
