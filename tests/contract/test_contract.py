"""Other programs read the OpenAPI document: schemathesis tests the local server, and generators write clients."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openapi.build import SERVED
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import LocalServer

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,ignored_auth"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    parameters = ("MonthlyQuota=1000000", "MonthlyGenerates=1000000")
    running = LocalServer(tmp_path_factory.mktemp("server"), *(f"--parameter={each}" for each in parameters))
    yield running
    assert running.end() == 0
    assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def developer(server: LocalServer) -> Developer:
    return new_developer(server.url)


@pytest.mark.parametrize(("credentials", "operations"), [("api_key", "exclude"), ("bearer", "include")])
def test_schemathesis_finds_nothing(
    server: LocalServer, developer: Developer, credentials: str, operations: str, tmp_path: Path
) -> None:
    """The credentials: an access token for operations of accounts, otherwise an API key or nothing."""
    (authorization,) = getattr(developer, credentials).values()
    command = [BIN / "schemathesis", "run", SERVED, "--url", server.url, "--checks", CHECKS]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--generation-deterministic"]
    command += ["--continue-on-failure", "--no-color", "--warnings", "off"]
    command += ["--header", f"Authorization: {authorization}", f"--{operations}-tag", "Account"]
    ran = subprocess.run([*map(str, command)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_a_python_client_is_generated_without_warnings(tmp_path: Path) -> None:
    command = [BIN / "openapi-python-client", "generate", "--fail-on-warning", "--path", SERVED]
    command += ["--config", HERE / "python_client.yaml", "--meta", "none", "--output-path", tmp_path / "generated"]
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}  # ruff's, which formats the code
    ran = subprocess.run([*map(str, command)], cwd=tmp_path, env=path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "WARNING" not in ran.stdout
    program = "from generated.api.account import create_token; from generated.models import Tokens"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)


def test_typescript_types_are_generated_and_compile(tmp_path: Path) -> None:
    tools = HERE / "node_modules/.bin"
    types = tmp_path / "api.d.ts"
    for command in (
        [tools / "openapi-typescript", SERVED, "-o", types],
        [tools / "tsc", "--noEmit", "--strict", types],
    ):
        ran = subprocess.run([*map(str, command)], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "createToken" in types.read_text()
