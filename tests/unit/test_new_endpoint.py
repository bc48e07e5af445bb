"""Adds an endpoint to a copy of the repository: tests name each place where it is missing, and no others fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("docs", "events", "functions", "layers", "local", "openapi", "shared", "tests")

# The tests that look at all functions, without those that run each of them, which take minutes.
CHECKS = [
    *(
        "tests/unit/test_template.py",
        "tests/unit/test_template_encryption.py",
        "tests/unit/test_template_permissions.py",
    ),
    *("tests/unit/test_deployment.py", "tests/unit/test_openapi.py", "tests/integration/test_events.py"),
    *(
        "tests/unit/test_cold_start.py",
        "tests/integration/test_faults.py",
        "tests/integration/test_identity_permissions.py",
    ),
]
OF_EACH = "echo or Echo or every or each or route or files or use_the_key or move"

APP = '''"""GET /echo/: an answer that is always the same."""

import web.api

api = web.api.rest_api()


@api.get("/echo")
def echo() -> dict[str, str]:
    return {"status": "ok", "version": "1.0.0"}


handler = web.api.lambda_handler(api)
'''

FUNCTION = """
  EchoFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: makefile, ContextPath: functions }
    Properties:
      CodeUri: functions/echo
      Events:
        Get: { Type: Api, Properties: { RestApiId: !Ref Api, Method: GET, Path: /echo } }
        Preflight: { Type: Api, Properties: { RestApiId: !Ref Api, Method: OPTIONS, Path: /echo } }
"""

# The tests that fail while there are only the folder and the block, with the start of their messages.
REMEDIES = {
    "test_codedeploy_may_move_every_alias_and_no_other": "Name each function of template.yaml",
    "test_functions_may_use_the_key_as_far_as_they_need_it": "Name the role of each function",
    "test_it_has_every_route_of_the_template_and_no_other": "Describe each route of template.yaml",
    "test_files_are_what_the_script_makes": "Run make events.",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository with the new function's folder and its block in template.yaml."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    (tmp_path / "tests/unit/test_new_endpoint.py").unlink()
    (tmp_path / "functions/echo").mkdir()
    (tmp_path / "functions/echo/app.py").write_text(APP)
    insert(tmp_path / "template.yaml", before="\n  HealthFunction:", text=FUNCTION)
    return tmp_path


def insert(file: Path, *, before: str, text: str) -> None:
    content = file.read_text()
    assert content.count(before) == 1
    file.write_text(content.replace(before, text + before))


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m` in the copy."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "shared", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def check(copy: Path) -> subprocess.CompletedProcess[str]:
    return run(copy, "pytest", "-p", "no:cacheprovider", *CHECKS, "-k", OF_EACH)


def test_what_a_new_endpoint_lacks_is_named_and_nothing_else_is_needed(copy: Path) -> None:
    lacking = check(copy)
    assert lacking.returncode == pytest.ExitCode.TESTS_FAILED, lacking.stderr
    assert set(re.findall(r"^FAILED .*::(\w+)", lacking.stdout, re.MULTILINE)) == set(REMEDIES), lacking.stdout
    assert not [remedy for remedy in REMEDIES.values() if remedy not in lacking.stdout], lacking.stdout

    insert(
        copy / "template.yaml",
        before='                  - !Sub "${HealthFunction.Arn}*"\n',
        text='                  - !Sub "${EchoFunction.Arn}*"\n',
    )
    insert(
        copy / "template.yaml", before="        - !Ref HealthFunctionRole\n", text="        - !Ref EchoFunctionRole\n"
    )
    document = (copy / "openapi/openapi.yaml").read_text()
    described = "  /health/:\n" + document.partition("\n  /health/:\n")[2].partition("\ncomponents:")[0]
    insert(
        copy / "openapi/openapi.yaml",
        before="\ncomponents:",
        text=described.replace("/health/", "/echo/").replace("getHealth", "getEcho"),
    )
    for module in ("openapi.build", "events.build"):  # make openapi, make events
        made = run(copy, module)
        assert made.returncode == 0, made.stderr
    whole = check(copy)
    assert whole.returncode == pytest.ExitCode.OK, whole.stdout
