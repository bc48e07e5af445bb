"""A successful run of each function: the calls to AWS that it makes, and what has to be true afterwards."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from moto.dynamodb.models import dynamodb_backends
from pydicom.data import get_testdata_file

from events import build
from identity import accounts, api_keys, developers, sessions, tokens
from identity.account_table import Account
from metering import usage
from problems import NotAuthenticated
from staging import jobs
from tests.integration import functions, rotation, uploads
from tests.integration.faults import Faults
from tests.integration.lambda_context import CONTEXT

EMAIL, PASSWORD = "ann@example.com", "securepassword123"
CONTENT = Path(str(get_testdata_file("rtdose.dcm"))).read_bytes()
PICTURE = (build.FOLDER / "picture.png").read_bytes()

NOT_DONE = 503  # for runs without a status: a message that has to come again, a failed step of a rotation


class Answer(NamedTuple):
    status: int
    body: Any


@dataclass
class Run:
    """`send` sends the request, and can be called again. `check` looks at its effects after a success."""

    send: Callable[[], Answer]
    check: Callable[[list[Answer], Faults], None] = lambda _answers, _faults: None
    again: set[int] = field(default_factory=set)  # a repetition may answer this instead of `status`


@dataclass(frozen=True)
class Scenario:
    function: str
    begin: Callable[[], Run]
    calls: list[str]
    status: int = 200
    variant: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.function, self.variant)))


class Ann(NamedTuple):
    """A developer with an API key."""

    user_id: str
    access: str
    refresh: str
    api_key: str


def ann() -> Ann:
    account = new_account()
    developers.create_profile(account.user_id, "testing", "My Organization")
    key = api_keys.create(account.user_id, "first")["key"]
    return Ann(account.user_id, **sessions.begin(account), api_key=key)


def new_account() -> Account:
    accounts.create_account(EMAIL, PASSWORD)
    return Account.get(EMAIL, consistent_read=True)


def can_log_in(email: str, password: str) -> bool:
    return bool(accounts.authenticate(email, password, "192.0.2.1"))


@cache
def app(name: str) -> ModuleType:
    return functions.load(name)


def clear() -> None:
    """Empties the tables, so that scenarios do not affect each other."""
    for table in dynamodb_backends["123456789012"]["us-east-1"].tables.values():
        table.items.clear()


def items(table: str) -> list[Any]:
    return list(uploads.client("dynamodb").scan(TableName=table)["Items"])


def request(name: str, authorization: str = "", idempotency_key: str = "", **changes: Any) -> Callable[[], Answer]:
    """Sends the function's example request with these headers and other members of the event."""
    event = json.loads((build.FOLDER / f"{name}.json").read_text()) | changes
    for header, value in (("Authorization", authorization), ("Idempotency-Key", idempotency_key)):
        event["headers"].pop(header, None)
        event["multiValueHeaders"].pop(header, None)
        if value:
            event["headers"][header], event["multiValueHeaders"][header] = value, [value]

    def send() -> Answer:
        answer = app(name).handler(json.loads(json.dumps(event)), CONTEXT)
        text = answer["body"]
        return Answer(answer["statusCode"], text if answer["isBase64Encoded"] or not text else json.loads(text))

    return send


def post(name: str, resource: str, body: dict[str, str], **headers: str) -> Callable[[], Answer]:
    more = {"httpMethod": "POST", "resource": resource, "path": resource}
    return request(name, body=json.dumps(body), isBase64Encoded=False, **more, **headers)


def says(**members: Any) -> Callable[[list[Answer], Faults], None]:
    """A check that the last answer has these members in its JSON."""

    def check(answers: list[Answer], _faults: Faults) -> None:
        assert members.items() <= answers[-1].body.items()

    return check


# Accounts, profiles and keys


def register(key: str = "") -> Run:
    def check(answers: list[Answer], _: Faults) -> None:
        if key or len(answers) == 1:
            assert answers[-1].body == {"email": "user5@example.com"}
        assert can_log_in("user5@example.com", PASSWORD)
        assert len(items("AccountsTable")) == 1

    return Run(request("register", idempotency_key=key), check, again=set() if key else {409})


def profile(key: str = "") -> Run:
    account = new_account()
    bearer = f"Bearer {sessions.begin(account)['access']}"
    body = {"purpose": "testing", "organization": "My Organization"}

    def check(answers: list[Answer], _: Faults) -> None:
        if key or len(answers) == 1:
            assert answers[-1].body == body
        assert developers.get_profile(account.user_id) == body

    send = post("profile", "/api/developer/profiles", body, authorization=bearer, idempotency_key=key)
    return Run(send, check, again=set() if key else {409})


def api_key(key: str = "") -> Run:
    caller = ann()
    send = post("api_keys", "/api-keys", {"name": "new"}, authorization=f"Bearer {caller.access}", idempotency_key=key)

    def check(answers: list[Answer], faults: Faults) -> None:
        held = api_keys.list_for(caller.user_id)
        assert len(held) == 1 + faults.done.count("TransactWriteItems")
        if key or len(answers) == 1:
            assert [made["name"] for made in held] == ["first", "new"]
        assert {made["prefix"] for made in held} == {stored["prefix"]["S"] for stored in items("ApiKeysTable")}
        assert answers[-1].body["id"] == held[-1]["id"]
        assert api_keys.authenticate(answers[-1].body["key"]) == caller.user_id

    return Run(send, check)


def list_keys() -> Run:
    send = request("api_keys", f"Bearer {ann().access}", httpMethod="GET", body=None)

    def check(answers: list[Answer], _faults: Faults) -> None:
        assert [made["name"] for made in answers[-1].body] == ["first"]

    return Run(send, check)


def delete_key() -> Run:
    caller = ann()

    def check(_answers: list[Answer], _faults: Faults) -> None:
        assert api_keys.list_for(caller.user_id) == []
        assert items("ApiKeysTable") == []
        try:
            api_keys.authenticate(caller.api_key)
        except NotAuthenticated:
            return
        raise AssertionError

    return Run(request("api_key_delete", f"Bearer {caller.access}"), check, again={404})


def show_profile() -> Run:
    return Run(request("profile", f"Bearer {ann().access}"), says(purpose="testing"))


def activity() -> Run:
    caller = ann()
    usage.count(caller.user_id)
    return Run(request("activity_summary", f"Bearer {caller.access}"), says(monthly_total=1))


def activity_by_key() -> Run:
    return Run(request("activity_summary", f"ApiKey {ann().api_key}"), says(monthly_total=0))


def token() -> Run:
    caller = ann()
    send = post("token", "/api/token", {"email": EMAIL, "password": PASSWORD})

    def check(answers: list[Answer], _faults: Faults) -> None:
        assert tokens.verify_access(answers[-1].body["access"]) == caller.user_id

    return Run(send, check)


def password() -> Run:
    bearer = f"Bearer {sessions.begin(new_account())['access']}"
    body = {"old_password": PASSWORD, "new_password": "another long one"}
    send = post("password", "/api/password", body, authorization=bearer)

    def check(answers: list[Answer], _faults: Faults) -> None:
        if answers[-1].status == 200:
            assert tokens.verify_access(answers[-1].body["access"])
        assert can_log_in(EMAIL, "another long one")

    return Run(send, check, again={401})  # the change of password has ended the session


def refresh() -> Run:
    caller = ann()
    send = post("token_refresh", "/api/token/refresh", {"refresh": caller.refresh})

    def check(answers: list[Answer], _faults: Faults) -> None:
        assert tokens.verify_access(answers[-1].body["access"]) == caller.user_id

    return Run(send, check)


# DICOM files


def read() -> Run:
    caller = ann()

    def check(answers: list[Answer], faults: Faults) -> None:
        assert answers[-1].body["Modality"] == "MR"
        _check_count(faults)

    return Run(request("read", f"ApiKey {caller.api_key}"), check)


def read_large() -> Run:
    caller = ann()

    def check(answers: list[Answer], faults: Faults) -> None:
        stored = answers[-1].body["location"].partition("?")[0].partition("/answers/")[2]
        content = uploads.client("s3").get_object(Bucket=uploads.BUCKET, Key=f"answers/{stored}")["Body"].read()
        assert json.loads(content)["Modality"] == "MR"
        _check_count(faults)

    return Run(request("read", f"ApiKey {caller.api_key}"), check)


def generate(key: str = "") -> Run:
    send = request("generate", f"ApiKey {ann().api_key}", key)

    def check(answers: list[Answer], faults: Faults) -> None:
        assert len(answers[-1].body) > 1000
        (counted,) = items("UsageTable")
        assert counted["month"]["S"].endswith("#generates")
        assert int(counted["total"]["N"]) == faults.done.count("UpdateItem UsageTable")
        assert (send() == answers[-1]) == bool(key)

    return Run(send, check)


def rewrite(function: str, key: str = "") -> Run:
    send = request(function, f"ApiKey {ann().api_key}", key)

    def check(answers: list[Answer], faults: Faults) -> None:
        assert base64.b64decode(answers[-1].body)[128:132] == b"DICM"
        (counted,) = items("UsageTable")
        assert counted["month"]["S"].endswith("#generates")
        assert int(counted["total"]["N"]) == faults.done.count("UpdateItem UsageTable")

    return Run(send, check)


def create_upload(idempotency_key: str = "", **body: str) -> Run:
    caller = ann()
    changes = {"body": json.dumps({"file_name": "a.dcm", **body}), "isBase64Encoded": False} if body else {}
    send = request("upload_create", f"ApiKey {caller.api_key}", idempotency_key, **changes)

    def check(answers: list[Answer], faults: Faults) -> None:
        job = jobs.find(answers[-1].body["id"])
        assert job
        if job.kind in jobs.REWRITE:
            assert uploads.stored(job.id) == ["keys/ID"]
        else:
            _check_count(faults)
        made = {item["id"]["S"] for item in items("JobsTable")}
        assert len(made) == 1 if idempotency_key else faults.done.count("PutItem JobsTable")

    return Run(send, check)


def upload_status() -> Run:
    send, _ = _about_an_upload("upload_status")
    return Run(send, says(status="waiting"))


def delete_upload() -> Run:
    send, job_id = _about_an_upload("upload_delete")

    def check(_answers: list[Answer], _faults: Faults) -> None:
        assert uploads.job(job_id).status == jobs.DELETED
        assert uploads.stored(job_id) == []

    return Run(send, check)


def list_uploads() -> Run:
    caller = ann()
    job_id = _job_of(caller)

    def check(answers: list[Answer], _faults: Faults) -> None:
        assert [listed["id"] for listed in answers[-1].body["uploads"]] == [job_id]

    return Run(request("upload_list", f"ApiKey {caller.api_key}"), check)


def _about_an_upload(function: str) -> tuple[Callable[[], Answer], str]:
    """A request about an upload that has arrived, and its id."""
    caller = ann()
    job_id = _job_of(caller)
    uploads.put(job_id, CONTENT)
    path = f"/api/dicom/uploads/{job_id}"
    return request(function, f"ApiKey {caller.api_key}", pathParameters={"id": job_id}, path=path), job_id


def _job_of(caller: Ann) -> str:
    return str(jobs.create(caller.user_id, jobs.READ, {"file_name": "file.dcm", "options": {}}).id)


def dead_letter() -> Run:
    """A message that no worker could handle."""
    job_id = uploads.new_job("file.dcm")
    message = uploads.put(job_id, CONTENT)

    def send() -> Answer:
        done = uploads.Worker(app("dead_letters").handler).do(message)
        return Answer(200, None) if done else Answer(NOT_DONE, {"error": "not done"})

    def check(_answers: list[Answer], _faults: Faults) -> None:
        assert uploads.job(job_id).status == jobs.FAILED

    return Run(send, check)


def work(content: bytes, file_name: str, **options: str) -> Run:
    """All the work on an upload, message by message."""
    list(uploads.sent())
    job_id = uploads.new_job(file_name, **options)
    waiting = [uploads.put(job_id, content)]

    def send() -> Answer:
        while waiting:
            if not uploads.Worker(app("upload_worker").handler).do(waiting[0]):
                return Answer(NOT_DONE, {"error": "not done"})
            waiting.pop(0)
            waiting.extend(uploads.sent())
        return Answer(200, None)

    def check(_answers: list[Answer], _faults: Faults) -> None:
        job = uploads.job(job_id)
        assert (job.status, job.error, job.frames_done) == (jobs.DONE, None, job.frames_total)
        assert uploads.result(job_id)["content"]

    return Run(send, check)


def rotate() -> Run:
    version = rotation.begin()
    rotation.age(10 * 24 * 60 * 60)
    steps = list(rotation.STEPS)

    def send() -> Answer:
        while steps:
            try:
                rotation.call(steps[0], version)
            except Exception:
                return Answer(NOT_DONE, {"error": "not done"})
            steps.pop(0)
        return Answer(200, None)

    def check(_answers: list[Answer], _faults: Faults) -> None:
        assert rotation.stages()["AWSCURRENT"] == version

    return Run(send, check)


def _check_count(faults: Faults) -> None:
    """Each request that got far enough counts once."""
    counted = sum(int(item["total"]["N"]) for item in items("UsageTable"))
    assert counted == faults.done.count("UpdateItem UsageTable")


BEARER = ["GetSecretValue", "GetSecretValue"]  # the newest key that signs, and the one before
API_KEY = ["GetItem ApiKeysTable", "UpdateItem ApiKeysTable"]  # the first request of the day writes the second item
CLAIM = ["PutItem IdempotencyKeysTable"]
COUNT = ["UpdateItem UsageTable"]
DEVELOPER = ["GetItem DevelopersTable"]
PUT_PROFILE = [*DEVELOPER, "PutItem DevelopersTable"]
CHANGE_KEYS = [*DEVELOPER, "TransactWriteItems"]
ATTEMPT = [
    *["UpdateItem LoginAttemptsTable"] * 2,
    "GetItem LoginAttemptsTable",
    *["UpdateItem LoginAttemptsTable"] * 2,
    "GetItem AccountsTable",
]
BEGIN_SESSION = ["DeleteItem LoginAttemptsTable", "PutItem LoginAttemptsTable", "PutItem SessionsTable"]
SESSION = ["GetItem SessionsTable", "GetItem AccountsTable"]
ARRIVAL = ["GetItem JobsTable", "HeadObject", "UpdateItem JobsTable"]
PLAN = [*ARRIVAL, "HeadObject", "GetObject", "PutObject", "UpdateItem JobsTable"]
PART = ["GetItem JobsTable", "GetObject", "HeadObject", *["GetObject"] * 2, *["PutObject"] * 2, "UpdateItem JobsTable"]
JOIN = [*["GetObject"] * 5, "PutObject", "UpdateItem JobsTable", "DeleteObjects"]
GENERATE = [
    *[*ARRIVAL, "UpdateItem JobsTable"],
    *["HeadObject", "GetObject", "PutObject"],
    *["UpdateItem JobsTable"] * 2,
    "DeleteObjects",
]
# The key is fetched for the plan, which makes the only part, and for joining it.
REWRITE = [
    *[*ARRIVAL, "GetObject", "HeadObject", *["GetObject"] * 1, *["PutObject"], "UpdateItem JobsTable"],
    *[*["PutObject"] * 2, "UpdateItem JobsTable"],
    *["GetObject"] * 4,
    *["PutObject", "UpdateItem JobsTable", "DeleteObjects"],
]
ROTATION = [
    *["DescribeSecret", "GetSecretValue", "PutSecretValue"],
    "DescribeSecret",
    *["DescribeSecret", "GetSecretValue"],
    *["DescribeSecret", "GetSecretValue", "UpdateSecretVersionStage"],
]

SCENARIOS = [
    Scenario("register", register, ["PutItem AccountsTable"], 201),
    Scenario("register", lambda: register("key"), [*CLAIM, "PutItem AccountsTable"], 201, "with a key"),
    Scenario("profile", profile, [*BEARER, *PUT_PROFILE], 201),
    Scenario("profile", lambda: profile("key"), [*BEARER, *CLAIM, *PUT_PROFILE], 201, "with a key"),
    Scenario("profile", show_profile, [*BEARER, *DEVELOPER], variant="shown"),
    Scenario("api_keys", api_key, [*BEARER, *CHANGE_KEYS], 201),
    Scenario("api_keys", lambda: api_key("key"), [*BEARER, *CLAIM, *CHANGE_KEYS], 201, "with a key"),
    Scenario("api_keys", list_keys, [*BEARER, *DEVELOPER, "BatchGetItem"], variant="listed"),
    Scenario("api_key_delete", delete_key, [*BEARER, *CHANGE_KEYS], 204),
    Scenario("activity_summary", activity, [*BEARER, *DEVELOPER, "GetItem UsageTable"]),
    Scenario("activity_summary", activity_by_key, [*API_KEY, "GetItem UsageTable"], variant="by API key"),
    Scenario("token", token, [*ATTEMPT, *BEGIN_SESSION, *BEARER]),
    Scenario("password", password, [*BEARER, *SESSION, *ATTEMPT, "UpdateItem AccountsTable", *BEGIN_SESSION]),
    Scenario(
        "token_refresh",
        refresh,
        [*BEARER, "UpdateItem SessionsTable", "GetItem AccountsTable", "UpdateItem SessionsTable"],
    ),
    Scenario("allowed_fields", lambda: Run(request("allowed_fields")), []),
    Scenario("required_field_types", lambda: Run(request("required_field_types")), []),
    Scenario("read", read, [*API_KEY, *COUNT]),
    Scenario("read", read_large, [*API_KEY, *COUNT, "PutObject"], 303, "large"),
    Scenario("generate", generate, [*API_KEY, *COUNT]),
    Scenario("generate", lambda: generate("key"), [*API_KEY, *COUNT, *CLAIM], variant="with a key"),
    *(Scenario(name, lambda name=name: rewrite(name), [*API_KEY, *COUNT]) for name in jobs.REWRITE),
    *(
        Scenario(name, lambda name=name: rewrite(name, "key"), [*API_KEY, *COUNT, *CLAIM], variant="with a key")
        for name in jobs.REWRITE
    ),
    Scenario("upload_create", create_upload, [*API_KEY, *COUNT, "PutItem JobsTable"], 201),
    Scenario(
        "upload_create",
        lambda: create_upload("key", operation="deidentify", key="a secret of 16 bytes or more"),
        [*API_KEY, *CLAIM, *COUNT, "PutItem JobsTable", "PutObject"],
        201,
        "to de-identify, with a key",
    ),
    Scenario(
        "upload_create",
        lambda: create_upload("key"),
        [*API_KEY, *CLAIM, *COUNT, "PutItem JobsTable"],
        201,
        "with a key",
    ),
    Scenario("upload_status", upload_status, [*API_KEY, "GetItem JobsTable"]),
    Scenario("upload_list", list_uploads, [*API_KEY, "Query JobsTable"]),
    Scenario(
        "upload_delete", delete_upload, [*API_KEY, "GetItem JobsTable", "UpdateItem JobsTable", "DeleteObjects"], 204
    ),
    Scenario("dead_letters", dead_letter, ["GetItem JobsTable", "UpdateItem JobsTable"]),
    Scenario(
        "upload_worker", lambda: work(CONTENT, "file.dcm", frames="1,2"), [*PLAN, "SendMessageBatch", *PART * 2, *JOIN]
    ),
    Scenario("upload_worker", lambda: work(PICTURE, "picture.png"), GENERATE, variant="generates"),
    *(
        Scenario(
            "upload_worker",
            lambda name=name: work(CONTENT, "file.dcm", **uploads.OPERATIONS[name]),
            REWRITE,
            variant=name,
        )
        for name in jobs.REWRITE
    ),
    Scenario("rotate_signing_secret", rotate, ROTATION),
]
