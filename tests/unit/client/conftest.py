"""Runs the command line against a fake API and S3 that answer as docs/usage-guide.md says. Pauses are only noted."""

import time
from collections.abc import Callable, Iterator

import pytest

from dicom_api.command import main
from tests.http_stub import HttpStub


@pytest.fixture
def api() -> Iterator[HttpStub]:
    stub = HttpStub()
    yield stub
    stub.close()


@pytest.fixture
def s3() -> Iterator[HttpStub]:
    stub = HttpStub()
    yield stub
    stub.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of each."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


@pytest.fixture
def run(api: HttpStub, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:  # noqa: ARG001
    """Runs a command line, and returns its exit code."""
    monkeypatch.setenv("DICOM_API_KEY", "prefix.secret")
    monkeypatch.setenv("DICOM_API_URL", api.url)
    return lambda *arguments: main([str(argument) for argument in arguments])
