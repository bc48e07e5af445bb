"""Each function, as built and with its layers, answers its event under Lambda's Python."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from events import build
from imaging.answers.options import ReadOptions
from local import aws_endpoint, aws_names, template
from tests.build.conftest import BUILT, ROOT, Built
from tests.build.test_pictures import pixels
from tests.dicom_files import file_bytes
from tests.integration.test_events import STATUSES
from tests.read_answer import read

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

START_SECONDS = 120


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Facts of the local server, whose AWS the functions use: its address and demo account."""
    folder = tmp_path_factory.mktemp("server")
    ready, log = folder / "ready.json", folder / "log"
    command = [sys.executable, "-m", "local", "--port", "0", "--ready-file", ready]
    with log.open("wb") as lines, subprocess.Popen(command, cwd=ROOT, stdout=lines, stderr=lines) as server:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready.exists():
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield json.loads(ready.read_text())
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def answers(built: Built, facts: dict[str, str]) -> dict[str, Any]:
    """Each function's answer, by the name of its folder."""
    folders = {function.name: function.directory.name for function in functions(ROOT / "template.yaml")}
    as_built = {folders[function.name]: function for function in functions(BUILT / "template.yaml")}
    key = {"Authorization": f"ApiKey {facts['api_key']}"}
    upload = requests.post(f"{facts['url']}/api/dicom/uploads/", json={"file_name": "file.dcm"}, headers=key).json()
    answers = {}
    last = ["dead_letters", "upload_delete", "api_key_delete", "password"]  # these delete what the others need
    for name in sorted(as_built.keys() - set(last)) + last:
        told = built.run(
            "invoke.py",
            as_built[name].directory,
            *built.layers,
            given=json.dumps(event(name, facts, upload["id"])).encode(),
            **as_built[name].environment,
            **aws_endpoint.environment(facts["aws_endpoint_url"]),
            AWS_LAMBDA_INITIALIZATION_TYPE="on-demand",
        )
        answers[name] = json.loads(told.splitlines()[-1])
    return answers


def event(name: str, facts: dict[str, str], upload: str) -> dict[str, Any]:
    """The function's example event, with new tokens: an emulated processor takes longer than they are valid."""
    account = {name: facts[name] for name in ("email", "password")}
    tokens = requests.post(f"{facts['url']}/api/token/", json=account).json()
    return build.events(build.Caller(**account, **tokens, api_key=facts["api_key"], upload=upload))[name]


def functions(path: Path) -> list[template.Function]:
    """A template's functions, with the names of the local AWS's resources in their environment."""
    names = aws_names.names(template.read(path, {}).resources)
    return template.functions(template.read(path, names))


def test_each_function_answers_its_event(answers: dict[str, Any]) -> None:
    assert {name: answers[name]["statusCode"] for name in STATUSES} == STATUSES


def test_the_worker_misses_the_upload(answers: dict[str, Any]) -> None:
    failed = [{"itemIdentifier": record["messageId"]} for record in build.events()["upload_worker"]["Records"]]
    assert answers["upload_worker"] == {"batchItemFailures": failed}


def test_no_rotation_begins_that_secrets_manager_has_not_begun(answers: dict[str, Any]) -> None:
    refused = {"errorType": "Refused", "errorMessage": "The secret has no such version."}
    assert answers["rotate_signing_secret"] == refused


def test_the_picture_is_the_one_that_the_checkout_makes(answers: dict[str, Any]) -> None:
    options = ReadOptions(fields=frozenset({"PatientName", "Modality"}))
    expected = read("MR_small.dcm", file_bytes("MR_small.dcm"), options)
    answer = json.loads(answers["read"]["body"])
    (ours,), (theirs,) = answer.pop("Images"), expected.pop("Images")
    assert answer == expected
    assert np.array_equal(pixels(ours), pixels(theirs))
