"""What each function loads before its first request: what it has no use for would cost every cold start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cold_start import USUAL_THRESHOLD
from tests.integration.template import resources

ROOT = Path(__file__).parents[2]
# Nobody waits for a rotation.
NAMES = {path.parent.name for path in ROOT.glob("functions/*/app.py")} - {"rotate_signing_secret"}


def with_variable(ending: str) -> set[str]:
    """The functions that have an environment variable of such a name in template.yaml."""
    return {
        Path(function["CodeUri"]).name
        for function in resources("AWS::Serverless::Function").values()
        if any(name.endswith(ending) for name in function.get("Environment", {}).get("Variables", {}))
    } & NAMES


WITH_TABLES = with_variable("_TABLE")
WITH_TOKENS = with_variable("SIGNING_SECRET")
WITH_IMAGING = {"generate", "read", "upload_create", "upload_worker"}

# Who needs what. Names of modules; all that are in a package that is named are meant.
USERS = {
    ("botocore.client", "botocore.session", "pynamodb"): WITH_TABLES,
    ("imaging", "numpy", "PIL", "pydicom"): WITH_IMAGING,  # pydicom loads PIL itself
    ("imagecodecs", "isal"): set(),  # a codec is loaded when a file needs it
    ("argon2", "email_validator"): {"password", "register", "token"},
    ("zxcvbn",): set(),  # loaded when a password is set
    ("identity.tokens", "jwt"): WITH_TOKENS,
    ("multipart",): {"generate", "read"},
    ("dicom_dictionary",): {"allowed_fields", "required_field_types"},
    ("re2",): {"allowed_fields"},
    ("boto3", "s3transfer"): set(),  # the tables' botocore session makes every client
    ("aws_xray_sdk", "sqlite3", "wrapt"): set(),  # Powertools' tracer, which patches all that it finds
    ("pydantic", "dns", "moto", "pytest"): set(),
}

PROGRAM = """
import gc, json, sys
before = sum(generation["collections"] for generation in gc.get_stats())
import app
tables, objects, signing_keys = map(sys.modules.get, ("tables", "staging.objects", "identity.signing_keys"))
print(json.dumps({
    "modules": list(sys.modules),
    "collections": sum(generation["collections"] for generation in gc.get_stats()) - before,
    "threshold": gc.get_threshold()[0],
    "clients": [
        *(["dynamodb"] if tables and tables.CONNECTION._client else []),
        *(["s3"] if objects and objects.client.cache_info().currsize else []),
        *(["secretsmanager"] if signing_keys and signing_keys.client.cache_info().currsize else []),
    ],
}))
"""


def start(name: str, **environment: str) -> dict[str, Any]:
    paths = os.pathsep.join(map(str, (ROOT / "functions" / name, ROOT / "shared")))
    keys = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, **keys, **environment}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(run.stdout)
    return result


@pytest.fixture(scope="module", params=sorted(NAMES))
def started(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A function's name, and its process once Lambda has initialised it."""
    # As Lambda has them: Powertools' tracer would come to life by the second.
    variables = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "LAMBDA_TASK_ROOT": str(ROOT)}
    return request.param, start(request.param, **variables)


def test_nothing_is_loaded_that_the_function_has_no_use_for(started: tuple[str, dict[str, Any]]) -> None:
    name, process = started
    unwanted = {module for modules, users in USERS.items() if name not in users for module in modules}
    assert not {module for module in process["modules"] if any(f"{module}.".startswith(f"{one}.") for one in unwanted)}


def test_clients_are_made_while_lambda_initialises(started: tuple[str, dict[str, Any]]) -> None:
    name, process = started
    used = {"dynamodb": WITH_TABLES, "s3": {"upload_create"}, "secretsmanager": WITH_TOKENS}
    assert process["clients"] == [client for client, users in used.items() if name in users]


def test_without_lambda_no_client_is_made() -> None:
    assert start("token")["clients"] == []


def test_no_garbage_is_looked_for_until_all_is_loaded(started: tuple[str, dict[str, Any]]) -> None:
    _, process = started
    assert process["threshold"] == USUAL_THRESHOLD
    assert process["collections"] < 60
