"""The example events are up to date, and each function answers its own as docs/usage-guide.md says."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from events import build
from identity import accounts, api_keys, developers, sessions
from staging import jobs
from tests.api_document import operation
from tests.integration import functions, rotation
from tests.integration.lambda_context import CONTEXT
from tests.integration.template import resources

# in SAM's own code
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)"),
    pytest.mark.usefixtures("aws"),
]

EXAMPLES = {path.stem: json.loads(path.read_text()) for path in build.FOLDER.glob("*.json")}
OPERATIONS = {
    name: operation(event["httpMethod"], event["path"]) for name, event in EXAMPLES.items() if "httpMethod" in event
}
# What the OpenAPI document says about success and credentials.
STATUSES = {name: int(min(described["responses"])) for name, described in OPERATIONS.items()}
OPEN = {name for name, described in OPERATIONS.items() if not any(described["security"])}
LAST = ["password", "upload_delete", "api_key_delete"]  # these end the session or delete what other events need
ORDER = [*(name for name in sorted(STATUSES) if name not in LAST), *LAST]


@pytest.fixture
def caller(aws: None) -> build.Caller:  # noqa: ARG001
    """A developer with an API key."""
    email, password = "ann@example.com", "securepassword123"
    accounts.register(email, password)
    account = accounts.authenticate(email, password, "192.0.2.1")
    user_id = account.user_id
    developers.create_profile(user_id, "testing", "My Organization")
    key = api_keys.create(user_id, "key")["key"]
    upload = jobs.create(user_id, jobs.READ, {"file_name": "file.dcm", "options": {}}).id
    return build.Caller(email, password, **sessions.begin(account), api_key=key, upload=upload)


def answer(name: str, event: dict[str, Any]) -> Any:
    return functions.load(name).handler(event, CONTEXT)


def test_files_are_what_the_script_makes(tmp_path: Path) -> None:
    build.write(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in build.FOLDER.glob("*.json")}, "Run make events."
    folders = {Path(function["CodeUri"]).name for function in resources("AWS::Serverless::Function").values()}
    assert set(made) == {f"{name}.json" for name in folders}, (
        "Give the function a request or a message in events/build.py."
    )


def test_each_function_answers_its_event(caller: build.Caller) -> None:
    events = build.events(caller)
    answers = {name: answer(name, events[name]) for name in ORDER}
    assert {name: answers[name]["statusCode"] for name in ORDER} == STATUSES
    read = json.loads(answers["read"]["body"])
    assert {"Modality": "MR", "ImageFormat": "PNG"}.items() <= read.items()
    assert base64.b64decode(read["Images"][0]).startswith(b"\x89PNG")
    for name in ("generate", *jobs.REWRITE):
        assert base64.b64decode(answers[name]["body"])[128:132] == b"DICM"


def test_the_worker_takes_its_event_and_misses_the_upload(caller: build.Caller) -> None:
    event = build.events(caller)["upload_worker"]
    failed = [{"itemIdentifier": record["messageId"]} for record in event["Records"]]
    assert answer("upload_worker", event) == {"batchItemFailures": failed}
    job = jobs.find(caller.upload)
    assert job
    assert job.status == jobs.WAITING


def test_a_dead_letter_ends_its_job(caller: build.Caller) -> None:
    assert answer("dead_letters", build.events(caller)["dead_letters"]) == {"batchItemFailures": []}
    job = jobs.find(caller.upload)
    assert job
    assert job.status == jobs.FAILED


def test_a_rotation_begins_by_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    event = build.events()["rotate_signing_secret"]
    monkeypatch.setenv("SIGNING_SECRET", event["SecretId"])
    rotation.begin(event["ClientRequestToken"])
    assert answer("rotate_signing_secret", event) is None
    assert rotation.versions()[event["ClientRequestToken"]]["secret_string"]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the operations of AWS that are called from now on."""
    made: list[str] = []
    call = BaseClient._make_api_call

    def counted(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        made.append(operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    return made


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("read", ["GetItem", "UpdateItem"]),
        ("generate", ["GetItem", "UpdateItem"]),
        *((name, ["GetItem", "UpdateItem"]) for name in jobs.REWRITE),
        ("upload_create", ["GetItem", "UpdateItem", "PutItem"]),
        ("upload_status", ["GetItem", "GetItem"]),
        ("upload_list", ["GetItem", "Query"]),
        ("upload_delete", ["GetItem", "GetItem", "UpdateItem", "DeleteObjects"]),
    ],
)
def test_a_request_costs_one_read_of_its_key_and_its_count(
    name: str, operations: list[str], caller: build.Caller, calls: list[str]
) -> None:
    event = build.events(caller)[name]
    assert answer(name, event)["statusCode"] == STATUSES[name]  # the key's first use of the day, for `last_used`
    for _ in range(2):
        calls.clear()
        assert answer(name, event)["statusCode"] == STATUSES[name]
        assert calls == operations


@pytest.mark.parametrize("name", ["read", "generate", *jobs.REWRITE, "upload_create", "upload_status", "upload_list"])
def test_a_deleted_key_stops_at_once_and_counts_nothing(name: str, caller: build.Caller, calls: list[str]) -> None:
    events = build.events(caller)
    assert answer(name, events[name])["statusCode"] == STATUSES[name]
    assert answer("api_key_delete", events["api_key_delete"])["statusCode"] == 204
    calls.clear()
    assert answer(name, events[name])["statusCode"] == 401
    assert calls == ["GetItem"]


@pytest.mark.parametrize("name", STATUSES)
def test_the_guides_credentials_are_good_for_nothing(name: str) -> None:
    event = json.loads((build.FOLDER / f"{name}.json").read_text())
    assert answer(name, event)["statusCode"] == (STATUSES[name] if name in OPEN - {"token", "token_refresh"} else 401)
