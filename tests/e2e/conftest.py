"""The server under test: the local one, or with `--served` the one at an address."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from tests import api_document
from tests.e2e.server import LocalServer, Server, find_names_of_this_machine

# Fixtures that only the local server has.
LOCAL = {"local_server", "start_server", "small_server"}


def pytest_configure(config: pytest.Config) -> None:
    if config.option.served:
        find_names_of_this_machine()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.option.served and collection_path.match("test_local_*.py") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.served:
        parameters = Server(config.option.served).facts.get("parameters", {})
        left_out = [item for item in items if not _can_run(item, parameters)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _can_run(item: pytest.Item, parameters: dict[str, str]) -> bool:
    return not LOCAL & set(item.fixturenames) and all(
        parameters.get(name) == str(value) for name, value in _needed(item).items()
    )


def _needed(item: pytest.Item) -> dict[str, object]:
    mark = item.get_closest_marker("parameters")
    return dict(mark.kwargs) if mark else {}


@pytest.fixture(scope="session", autouse=True)
def _documented() -> Iterator[None]:
    """Checks that the OpenAPI document describes every answer that a test gets from the API."""
    send = requests.Session.send

    def checked(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(self, request, **options)
        # Every answer of the API has this header, and no answer of S3 or another server.
        ours = [each for each in (*answer.history, answer) if "X-Request-Id" in each.headers]
        for each in () if options.get("stream") else ours:
            # The document's paths come after the path of the stage.
            path = urlsplit(str(each.request.url)).path.removeprefix("/prod")
            headers = {name.lower(): value for name, value in each.headers.items()}
            api_document.check(str(each.request.method), path, each.status_code, headers, each.content)
        return answer

    handle = httpx.HTTPTransport.handle_request

    def handled(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = handle(self, request)
        body = b"".join(answer.stream)  # type: ignore[arg-type]
        if "X-Request-Id" in answer.headers and "Content-Encoding" not in answer.headers:
            path = request.url.path.removeprefix("/prod")
            api_document.check(request.method, path, answer.status_code, dict(answer.headers), body)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", checked)
        patch.setattr(httpx.HTTPTransport, "handle_request", handled)
        yield


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The project's template, served at one address for all tests."""
    served = request.config.option.served
    return Server(served) if served else request.getfixturevalue("local_server")


@pytest.fixture(scope="session")
def local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """The same server, if it is a local process that tests may inspect."""
    running = LocalServer(tmp_path_factory.mktemp("server"))
    yield running
    assert running.end() == 0
    assert "Traceback" not in running.log(), running.log().partition("Traceback")[2][:5000]


@pytest.fixture
def own_server(request: pytest.FixtureRequest) -> Server:
    """A server with the template parameters of the test's mark."""
    served = request.config.option.served
    return Server(served) if served else request.getfixturevalue("start_server")(**_needed(request.node))


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LocalServer]]:
    """`start_server(MonthlyQuota=5)` starts one more, with other parameters of the template, for one test."""
    running = []

    def start(*arguments: str, **parameters: object) -> LocalServer:
        given = [f"--parameter={name}={value}" for name, value in parameters.items()]
        running.append(LocalServer(tmp_path_factory.mktemp("server"), *arguments, *given))
        return running[-1]

    yield start
    for server in running:
        server.kill()


@pytest.fixture(scope="session")
def small_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of small_api/, whose functions do what tests ask for."""
    return shutil.copytree(Path(__file__).parent / "small_api", tmp_path_factory.mktemp("small") / "api")


@pytest.fixture(scope="session")
def outside() -> Iterator[socket.socket]:
    """An HTTP server outside, which nothing in the local server may call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="session")
def small_server(
    small_api: Path, outside: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalServer]:
    """Serves `small_api` for a user who has configured AWS, a proxy and SAM CLI's telemetry."""
    address = "http://{}:{}".format(*outside.getsockname())
    home = tmp_path_factory.mktemp("home")
    running = LocalServer(
        tmp_path_factory.mktemp("server"),
        f"--template={small_api / 'template.yaml'}",
        "--parameter=Colour=blue",
        environment={
            "HOME": str(home),
            "AWS_PROFILE": "production",
            "AWS_ACCESS_KEY_ID": "AKIAREAL",
            "MY_SECRET": "real",
            "HTTP_PROXY": address,
            "http_proxy": address,
            "SAM_CLI_TELEMETRY": "1",
            "__SAM_CLI_TELEMETRY_ENDPOINT_URL": address,
        },
    )
    yield running
    assert running.end() == 0
    assert list(home.iterdir()) == []
