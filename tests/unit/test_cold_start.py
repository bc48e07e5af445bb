"""What each function does during a cold start, before its first request.

Each function's app.py is imported in a process of its own, with the environment that Lambda gives it. REPORT then runs
there, and says which modules were imported, which AWS clients were created, and how often Python collected garbage.

- A module that a function has no use for makes each of its cold starts slower. USERS lists the slow ones.
- An AWS client is created now, while Lambda gives the function a whole processor.
- Garbage is not collected while modules are imported, as shared/cold_start.py says.
"""

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
# All functions but one: nobody waits for a rotation.
NAMES = {path.parent.name for path in ROOT.glob("functions/*/app.py")} - {"rotate_signing_secret"}


def with_variable(ending: str) -> set[str]:
    """The functions that have an environment variable whose name ends like this in template.yaml."""
    return {
        Path(function["CodeUri"]).name
        for function in resources("AWS::Serverless::Function").values()
        if any(name.endswith(ending) for name in function.get("Environment", {}).get("Variables", {}))
    } & NAMES


WITH_TABLES = with_variable("_TABLE")
WITH_TOKENS = with_variable("SIGNING_SECRET")
WITH_IMAGING = {"convert", "deidentify", "generate", "read", "upload_create", "upload_worker"}

# Modules that are slow to import, with the functions that may import them. A package stands for all of its modules.
USERS = {
    ("botocore.client", "botocore.session", "pynamodb"): WITH_TABLES,
    ("imaging", "numpy", "PIL", "pydicom"): WITH_IMAGING,  # pydicom loads PIL itself
    ("imagecodecs", "isal"): set(),  # a codec is loaded when a file needs it
    ("argon2", "email_validator"): {"password", "register", "token"},
    ("zxcvbn",): set(),  # loaded when a password is set
    ("identity.tokens", "jwt"): WITH_TOKENS,
    ("multipart",): {"convert", "deidentify", "generate", "read"},
    ("dicom_dictionary",): {"allowed_fields", "required_field_types"},
    ("re2",): {"allowed_fields"},
    ("boto3", "s3transfer"): set(),  # the tables' botocore session makes every client
    ("aws_xray_sdk", "sqlite3", "wrapt"): set(),  # Powertools' tracer, which patches all that it finds
    ("pydantic", "dns", "moto", "pytest"): set(),
}

# Runs in the function's process. A client exists if its module was imported and has created it.
REPORT = """
import gc, json, sys

def collections():
    return sum(generation["collections"] for generation in gc.get_stats())

before = collections()
import app
after = collections()

tables = sys.modules.get("tables")
objects = sys.modules.get("staging.objects")
signing_keys = sys.modules.get("identity.signing_keys")
created = {
    "dynamodb": bool(tables and tables.CONNECTION._client),
    "s3": bool(objects and objects.client.cache_info().currsize),
    "secretsmanager": bool(signing_keys and signing_keys.client.cache_info().currsize),
}
print(json.dumps({
    "modules": list(sys.modules),
    "clients": [name for name in created if created[name]],
    "collections": after - before,
    "threshold": gc.get_threshold()[0],
}))
"""


def start(name: str, **environment: str) -> dict[str, Any]:
    """Imports the function's app.py in a process with this environment, and returns its report."""
    paths = os.pathsep.join(map(str, (ROOT / "functions" / name, ROOT / "shared")))
    keys = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, **keys, **environment}
    run = subprocess.run([sys.executable, "-c", REPORT], env=variables, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(run.stdout)
    return report


@pytest.fixture(scope="module", params=sorted(NAMES))
def name(request: pytest.FixtureRequest) -> str:
    function: str = request.param
    return function


@pytest.fixture(scope="module")
def report(name: str) -> dict[str, Any]:
    """The report of the function, started as Lambda starts it."""
    # Powertools turns its tracer on by LAMBDA_TASK_ROOT.
    return start(name, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand", LAMBDA_TASK_ROOT=str(ROOT))


def test_nothing_is_loaded_that_the_function_has_no_use_for(name: str, report: dict[str, Any]) -> None:
    useless = {module for modules, users in USERS.items() if name not in users for module in modules}
    assert not [module for module in report["modules"] if is_in_one_of(useless, module)]


def is_in_one_of(packages: set[str], module: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_clients_are_made_while_lambda_initialises(name: str, report: dict[str, Any]) -> None:
    used = {"dynamodb": WITH_TABLES, "s3": {"upload_create"}, "secretsmanager": WITH_TOKENS}
    assert report["clients"] == [client for client, users in used.items() if name in users]


def test_without_lambda_no_client_is_made() -> None:
    assert start("token")["clients"] == []


def test_no_garbage_is_looked_for_until_all_is_loaded(report: dict[str, Any]) -> None:
    assert report["collections"] < 60
    assert report["threshold"] == USUAL_THRESHOLD
