"""The local server, and a Chromium that opens what it serves."""

from collections.abc import Iterator

import pytest

from tests.e2e.server import LocalServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    running = LocalServer(tmp_path_factory.mktemp("server"))
    yield running
    assert running.end() == 0
    assert "Traceback" not in running.log(), running.log().partition("Traceback")[2][:5000]
