"""What may be written on the command line."""

from pathlib import Path

import pytest

from client.__main__ import main
from client.arguments import parse


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
    assert parse(["read", file]).url == "http://localhost:8080"
    monkeypatch.setenv("DICOM_API_URL", "https://api.example.com/prod/")
    options = parse(["read", file])
    assert (options.key, options.url) == ("prefix.secret", "https://api.example.com/prod")
    options = parse(["status", "1", "--key", "other.secret", "--url", "http://127.0.0.1:9000"])
    assert (options.key, options.url) == ("other.secret", "http://127.0.0.1:9000")


def test_a_window_below_zero(file: str) -> None:
    assert parse(["read", file, "--window=-600,1500"]).window == "-600,1500"


def test_attributes(file: str) -> None:
    options = parse(["generate", file, "--set", "PatientName=Doe^Jane", "--set", "ImageComments=a=b", "-o", "x.dcm"])
    assert options.attributes == [("PatientName", "Doe^Jane"), ("ImageComments", "a=b")]
    assert options.output == Path("x.dcm")


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
        (["read", "/no/such/file.dcm"], "No such file"),
        (["read", "/"], "can't be read"),
        (["read", "EMPTY"], "is empty"),
        (["generate", "FILE"], "--output"),
        (["generate", "FILE", "-o", "x", "--set", "PatientName"], "KEYWORD=VALUE"),
        (["generate", "FILE", "-o", "x", "--set", "=Doe"], "KEYWORD=VALUE"),
        (["status"], "ID"),
    ],
)
def test_what_is_given_wrong_ends_with_2(
    arguments: list[str], why: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.dcm"
    empty.touch()
    places = {"FILE": file, "EMPTY": str(empty)}
    with pytest.raises(SystemExit) as end:
        main([places.get(argument, argument) for argument in arguments])
    assert end.value.code == 2
    assert why in capsys.readouterr().err


def test_without_a_key(file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DICOM_API_KEY")
    with pytest.raises(SystemExit) as end:
        main(["read", file])
    assert end.value.code == 2
    assert "DICOM_API_KEY" in capsys.readouterr().err
