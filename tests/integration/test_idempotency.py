"""Idempotency-Key: a repeated request gets the first one's answer, and creates nothing twice."""

import base64
import hmac
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from urllib3 import encode_multipart_formdata

import idempotency
from events import build
from identity import accounts, api_keys, passwords, sessions
from identity.account_table import Account
from metering import usage
from problems import KeyReused
from staging import jobs
from tests.integration import scenarios
from tests.integration.faults import LOST, Fault, injected
from tests.integration.lambda_context import CONTEXT
from tests.integration.scenarios import Ann, Answer
from web import repeated

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
PROFILE = {"purpose": "testing", "organization": "My Organization"}
ACCOUNT = {"email": "bob@example.com", "password": "securepassword123"}
UPLOAD = {"file_name": "file.dcm"}

Send = Callable[..., Answer]


@pytest.fixture
def ann(aws: None, monkeypatch: pytest.MonkeyPatch) -> Ann:  # noqa: ARG001
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return scenarios.ann()


def newcomer() -> str:
    """The Authorization header of an account without a profile."""
    accounts.create_account("eve@example.com", "securepassword123")
    return f"Bearer {sessions.begin(Account.get('eve@example.com', consistent_read=True))['access']}"


def register(body: dict[str, str] = ACCOUNT, key: str = KEY) -> Answer:
    return scenarios.post("register", "/api/register", body, idempotency_key=key)()


def profile(authorization: str, body: dict[str, str] = PROFILE, key: str = KEY) -> Answer:
    resource = "/api/developer/profiles"
    return scenarios.post("profile", resource, body, authorization=authorization, idempotency_key=key)()


def api_key(ann: Ann, name: str = "new", key: str = KEY) -> Answer:
    bearer = f"Bearer {ann.access}"
    return scenarios.post("api_keys", "/api-keys", {"name": name}, authorization=bearer, idempotency_key=key)()


def upload(ann: Ann, body: dict[str, Any] = UPLOAD, key: str = KEY) -> Answer:
    resource = "/api/dicom/uploads"
    return scenarios.post("upload_create", resource, body, authorization=f"ApiKey {ann.api_key}", idempotency_key=key)()


def generate(ann: Ann, boundary: str = "boundary", key: str = KEY, **fields: str) -> Answer:
    image = ("picture.png", (build.FOLDER / "picture.png").read_bytes(), "image/png")
    form, content_type = encode_multipart_formdata({"file_name": "a", "image": image, **fields}, boundary)
    event = json.loads((build.FOLDER / "generate.json").read_text())
    headers = {"Content-Type": content_type, "Authorization": f"ApiKey {ann.api_key}"}
    headers |= {"Idempotency-Key": key} if key else {}
    event["headers"] |= headers
    event["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}
    event["body"] = base64.b64encode(form).decode()
    answer = scenarios.app("generate").handler(event, CONTEXT)
    return Answer(answer["statusCode"], answer["body"])


def refused(answer: Answer, status: int) -> bool:
    body = answer.body if isinstance(answer.body, dict) else json.loads(answer.body)
    return answer.status == status and "Idempotency-Key" in body["error"]


@pytest.mark.usefixtures("ann")
def test_an_account() -> None:
    assert register() == register() == Answer(201, {"email": "bob@example.com"})
    assert scenarios.can_log_in(**ACCOUNT)
    assert refused(register(ACCOUNT | {"email": "carl@example.com"}), 422)
    assert refused(register(ACCOUNT | {"password": "another password"}), 422)
    assert register(key="another").status == 409
    assert register(key="").status == 409


def test_a_profile(ann: Ann) -> None:
    bearer = newcomer()
    assert profile(bearer) == profile(bearer) == Answer(201, PROFILE)
    assert refused(profile(bearer, PROFILE | {"purpose": "another"}), 422)
    assert profile(bearer, key="another").status == 409
    assert profile(bearer, key="").status == 409
    assert profile(f"Bearer {ann.access}").status == 409  # the same key from another developer is a different key


def test_an_api_key(ann: Ann) -> None:
    first = api_key(ann)
    assert first.status == 201
    assert api_key(ann) == first
    assert len(api_keys.list_for(ann.user_id)) == 2
    assert re.fullmatch(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", first.body["key"])
    assert api_keys.authenticate(first.body["key"]) == ann.user_id
    assert refused(api_key(ann, "another"), 422)
    others = [api_key(ann, key="another"), api_key(ann, key=""), api_key(ann, key="")]
    assert len({answer.body["key"] for answer in (first, *others)}) == 4
    assert [answer.body["id"] for answer in (first, *others)] == [2, 3, 4, 5]


def test_an_api_key_that_was_deleted_does_not_come_back(ann: Ann) -> None:
    first = api_key(ann)
    api_keys.delete(ann.user_id, str(first.body["id"]))
    second = api_key(ann)
    assert second.body["id"] == first.body["id"] + 1
    assert second.body["key"] != first.body["key"]


def test_an_upload(ann: Ann) -> None:
    first = upload(ann)
    again = upload(ann)
    assert (first.status, again.status) == (201, 201)
    assert first.body["id"] == again.body["id"]
    assert again.body["upload"]["fields"]["key"] == f"uploads/{first.body['id']}"
    assert usage.activity(ann.user_id)["monthly_total"] == 1
    assert refused(upload(ann, UPLOAD | {"fields": "Modality"}), 422)
    assert usage.activity(ann.user_id)["monthly_total"] == 2
    others = [upload(ann, key="another"), upload(ann, key=""), upload(ann, key="")]
    assert len({answer.body["id"] for answer in (first, *others)}) == 4
    assert usage.activity(ann.user_id)["monthly_total"] == 5


def test_a_repeated_request_leaves_the_work_as_it_is(ann: Ann) -> None:
    job_id = upload(ann).body["id"]
    job = jobs.find(job_id)
    assert job
    jobs.fail(job, "It is no DICOM file.")
    assert upload(ann).body["id"] == job_id
    job = jobs.find(job_id)
    assert job
    assert job.status == jobs.FAILED


def test_an_upload_that_was_refused_counts_each_time(ann: Ann) -> None:
    for requests in (1, 2):
        assert upload(ann, {"file_name": "file.txt"}).status == 400
        assert usage.activity(ann.user_id)["monthly_total"] == requests
    assert refused(upload(ann, key="é"), 400)
    assert usage.activity(ann.user_id)["monthly_total"] == 3


def test_json_that_is_nested_deeply(ann: Ann) -> None:
    nested: list[Any] = []
    for _ in range(500):
        nested = [nested]
    assert upload(ann, UPLOAD | {"fields": nested}).status == 400


def test_a_file(ann: Ann) -> None:
    first = generate(ann, PatientName="Doe^Jane")
    assert first.status == 200
    assert generate(ann, "another-boundary", PatientName="Doe^Jane") == first
    assert refused(generate(ann, PatientName="Doe^John"), 422)
    files = [first, generate(ann, key="another", PatientName="Doe^Jane"), generate(ann, key="", PatientName="Doe^Jane")]
    read = [dcmread(DicomBytesIO(base64.b64decode(answer.body))) for answer in files]
    uids = [uid for file in read for uid in (file.SOPInstanceUID, file.SeriesInstanceUID, file.StudyInstanceUID)]
    assert len(set(uids)) == 9
    assert all(re.fullmatch(r"2\.25\.[1-9]\d{30,38}", uid) for uid in uids)


def test_new_files(ann: Ann) -> None:
    for name in jobs.REWRITE:
        first, again, another, without = (
            scenarios.request(name, f"ApiKey {ann.api_key}", key)() for key in (KEY, KEY, "another", "")
        )
        assert first.status == 200
        assert first == again
        assert len({first.body, another.body, without.body}) == 3


def test_another_endpoint_has_other_keys(ann: Ann) -> None:
    """Another endpoint or developer with the same content is a different request."""
    answers = [api_key(ann), upload(ann), generate(ann), register()]
    assert [answer.status for answer in answers] == [201, 201, 200, 201]


def test_another_developer_has_other_keys(ann: Ann) -> None:
    bearer = newcomer()
    assert profile(bearer).status == 201
    eve = ann._replace(access=bearer.removeprefix("Bearer "))
    first, second = api_key(ann), api_key(eve, "another name")
    assert (first.status, second.status) == (201, 201)
    assert first.body["key"] != second.body["key"]


def test_the_same_at_once(ann: Ann) -> None:
    api_key(ann, key="another")  # creates the AWS clients first
    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(lambda _: idempotency.claim(KEY, ("endpoint",), "content"), range(8)))
        made = list(pool.map(lambda _: api_keys.create(ann.user_id, "new", nonce=attempts[0].nonce), range(8)))
    assert len({attempt.nonce for attempt in attempts}) == 1
    assert [attempt.repeated for attempt in attempts].count(False) == 1
    assert all(key == made[0] for key in made)


@pytest.mark.parametrize("key", ["é", "a\nb", "a" * 256, "\x7f"])
@pytest.mark.usefixtures("ann")
def test_a_key_that_is_none(key: str) -> None:
    assert refused(register(key=key), 400)


@pytest.mark.parametrize("key", ["1", '"8e03978e"', "~ !", "a" * 255])
@pytest.mark.usefixtures("ann")
def test_any_printable_key(key: str) -> None:
    assert register(key=key).status == register(key=key).status == 201


@pytest.mark.usefixtures("aws")
def test_a_key_counts_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    first = idempotency.claim(KEY, ("endpoint",), "content")
    monkeypatch.setattr(time, "time", lambda: now + 24 * 60 * 60 - 1)
    assert idempotency.claim(KEY, ("endpoint",), "content") == (first.nonce, True)
    with pytest.raises(KeyReused):
        idempotency.claim(KEY, ("endpoint",), "other content")
    # DynamoDB has not deleted it yet.
    monkeypatch.setattr(time, "time", lambda: now + 24 * 60 * 60 + 1)
    later = idempotency.claim(KEY, ("endpoint",), "other content")
    assert not later.repeated
    assert later.nonce != first.nonce
    assert idempotency.claim(KEY, ("endpoint",), "other content") == (later.nonce, True)


@pytest.mark.parametrize("scope", [("another",), ("endpoint", "ann"), ("endpointann",), ()])
@pytest.mark.usefixtures("aws")
def test_a_key_counts_in_its_scope(scope: tuple[str, ...]) -> None:
    first = idempotency.claim(KEY, ("endpoint",), "content")
    other = idempotency.claim(KEY, scope, "other content")
    assert not other.repeated
    assert other.nonce != first.nonce


@pytest.mark.usefixtures("aws")
def test_what_follows_from_a_key_can_not_be_computed_without_it() -> None:
    attempt = idempotency.claim(KEY, ("endpoint",), "content")
    (stored,) = scenarios.items("IdempotencyKeysTable")
    salt = stored["salt"]["B"]
    assert attempt.nonce == hmac.digest(KEY.encode(), salt, "sha256")
    assert stored["fingerprint"]["B"] == hmac.digest(KEY.encode(), b'"content"', "sha256")
    assert idempotency.claim("another", ("endpoint",), "content").nonce != attempt.nonce


@pytest.mark.usefixtures("aws")
def test_the_order_of_members_makes_no_difference() -> None:
    first = idempotency.claim(KEY, ("endpoint",), {"a": "1", "b": "2"})
    assert idempotency.claim(KEY, ("endpoint",), {"b": "2", "a": "1"}) == (first.nonce, True)


@pytest.mark.usefixtures("aws")
def test_the_first_attempt_is_no_repetition_although_its_answer_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with injected(monkeypatch) as injector:
        injector.begin(Fault(0, LOST, for_ever=False))
        first = idempotency.claim(KEY, ("endpoint",), "content")
        assert not first.repeated
        assert idempotency.claim(KEY, ("endpoint",), "content") == (first.nonce, True)


@pytest.mark.usefixtures("aws")
def test_the_parts_of_a_scope_are_kept_apart() -> None:
    assert not idempotency.claim("c", ("a", "b"), "content").repeated
    assert not idempotency.claim("c", ("ab",), "content").repeated
    assert not idempotency.claim("bc", ("a",), "content").repeated


def test_two_keys_of_one_attempt_have_nothing_in_common(ann: Ann) -> None:
    nonce = idempotency.new_nonce()
    first = api_keys.create(ann.user_id, "new", nonce=nonce)
    api_keys.delete(ann.user_id, str(first["id"]))
    second = api_keys.create(ann.user_id, "new", nonce=nonce)
    assert first["key"][9:] != second["key"][9:]


def test_nothing_that_was_sent_is_kept(ann: Ann) -> None:
    register(key="secret-key")
    made = api_key(ann, "secret-name", key="secret-key").body
    (first, second) = scenarios.items("IdempotencyKeysTable")
    assert set(first) == {"id", "salt", "fingerprint", "expires"}
    for table in ("IdempotencyKeysTable", "ApiKeysTable", "DevelopersTable", "AccountsTable"):
        stored = str(scenarios.items(table))
        assert not [text for text in ("secret-key", ACCOUNT["password"], made["key"][9:]) if text in stored]
    assert "secret-name" not in str([first, second])
    assert first["salt"] != second["salt"]


def test_a_password_can_not_be_tried_out_on_a_fingerprint(ann: Ann) -> None:  # noqa: ARG001
    register()
    (first,) = scenarios.items("IdempotencyKeysTable")
    register(ACCOUNT | {"password": "another password"})
    assert scenarios.items("IdempotencyKeysTable") == [first]
    assert first["fingerprint"]["B"] == idempotency.fingerprint(KEY, ACCOUNT["email"])


@pytest.mark.parametrize("name", ["register", "profile", "api_keys", "upload_create", "generate", *jobs.REWRITE])
def test_browsers_may_send_it(name: str, aws: None) -> None:  # noqa: ARG001
    event = json.loads((build.FOLDER / f"{name}.json").read_text()) | {"httpMethod": "OPTIONS"}
    event["headers"]["Origin"] = "https://example.com"
    event["multiValueHeaders"]["Origin"] = ["https://example.com"]
    answer = scenarios.app(name).handler(event, CONTEXT)
    (allowed,) = answer["multiValueHeaders"]["Access-Control-Allow-Headers"]
    assert {repeated.HEADER, "Authorization", "Content-Type"} <= set(allowed.split(","))
