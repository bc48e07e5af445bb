"""DELETE /api/dicom/uploads/<id>/ deletes all of an upload at once, whatever is being done with it."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
import requests

from events import build
from imaging.answers import parts, planning
from staging import jobs, objects, traces
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.uploads import CONTENT, Steps, Worker

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")


PICTURE = (Path(__file__).parents[2] / "events" / "picture.png").read_bytes()
ANN, BOB = "ann@example.com", "bob@example.com"

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def apps(aws: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:  # noqa: ARG001
    monkeypatch.setattr(planning, "PART_BYTES", 2000)  # five frames of 400 bytes
    return {name: functions.load(name) for name in ("upload_create", "upload_delete", "upload_status", "upload_worker")}


@pytest.fixture
def worker(apps: dict[str, ModuleType]) -> Worker:
    return Worker(apps["upload_worker"].handler)


@pytest.fixture
def send(apps: dict[str, ModuleType]) -> Send:
    """send(function, upload, key, body) sends the function's example request with these values."""
    usual = uploads.api_key_of(ANN)
    examples = build.events(build.Caller(upload="ID"))

    def sent(name: str, job_id: str = "", key: str = usual, body: Any = None) -> dict[str, Any]:
        event = json.loads(json.dumps(examples[name]).replace("/ID/", f"/{job_id}/"))
        event |= {"body": json.dumps(body), "isBase64Encoded": False}
        event["headers"]["Authorization"] = f"ApiKey {key}"
        if job_id:
            event["pathParameters"] = {"id": job_id}
        answered: dict[str, Any] = apps[name].handler(event, CONTEXT)
        return answered

    return sent


@pytest.fixture
def create(send: Send) -> Callable[..., str]:
    def made(file_name: str = "file.dcm") -> str:
        """The id of a job of Ann's that waits for its upload."""
        return str(json.loads(send("upload_create", body={"file_name": file_name})["body"])["id"])

    return made


def assert_gone(job_id: str) -> None:
    """Neither the bucket nor the record has anything that the client sent."""
    assert uploads.stored(job_id) == []
    item = boto3.resource("dynamodb").Table("JobsTable").get_item(Key={"id": job_id})["Item"]
    assert item["status"] == "deleted"
    assert not item.keys() & {"request", "file_name", "error", "content", "created"}


def test_one_that_waits(send: Send, create: Callable[..., str]) -> None:
    job_id = create()
    answer = send("upload_delete", job_id)
    assert (answer["statusCode"], answer.get("body") or "") == (204, "")
    assert_gone(job_id)
    gone = send("upload_status", job_id)
    assert gone["statusCode"] == 404
    assert gone["body"] == send("upload_status", "7d444840-9dc0-11d1-b245-5ffdce74fad2")["body"]


def test_one_that_is_done(send: Send, create: Callable[..., str], worker: Worker) -> None:
    job_id = create()
    worker.do_all(uploads.put(job_id, CONTENT))
    url = json.loads(send("upload_status", job_id)["body"])["result_url"]
    assert requests.get(url).status_code == 200
    assert send("upload_delete", job_id)["statusCode"] == 204
    assert_gone(job_id)
    assert requests.get(url).status_code == 404


def test_one_that_failed(send: Send, create: Callable[..., str], worker: Worker) -> None:
    job_id = create()
    worker.do_all(uploads.put(job_id, b"no DICOM file"))
    assert uploads.job(job_id).status == jobs.FAILED
    assert send("upload_delete", job_id)["statusCode"] == 204
    assert_gone(job_id)


def test_one_that_is_in_parts(send: Send, create: Callable[..., str], worker: Worker) -> None:
    job_id = create()
    worker.do(uploads.put(job_id, CONTENT))
    first, second, third = uploads.sent()
    worker.do(first)
    assert len(uploads.stored(job_id)) == 4
    assert send("upload_delete", job_id)["statusCode"] == 204
    assert_gone(job_id)
    for body in (second, first, third):
        assert worker.do(body)
    assert_gone(job_id)


def test_who_got_no_answer_may_send_it_again(send: Send, create: Callable[..., str]) -> None:
    job_id = create()
    uploads.put(job_id, CONTENT)
    assert [send("upload_delete", job_id)["statusCode"] for _ in range(2)] == [204, 204]
    assert_gone(job_id)


def test_what_s3_did_not_delete_is_deleted_the_next_time(
    send: Send, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = create()
    uploads.put(job_id, CONTENT)
    with monkeypatch.context() as broken:
        broken.setattr(objects.client(), "delete_objects", lambda **_: {"Errors": [{"Code": "InternalError"}]})
        assert send("upload_delete", job_id)["statusCode"] == 500
    assert send("upload_status", job_id)["statusCode"] == 404
    assert send("upload_delete", job_id)["statusCode"] == 204
    assert_gone(job_id)


@pytest.mark.parametrize("job_id", ["7d444840-9dc0-11d1-b245-5ffdce74fad2", "1", "x" * 3000, "%00", "é"])
def test_an_unknown_one(send: Send, job_id: str) -> None:
    assert send("upload_delete", job_id)["statusCode"] == 404


def test_another_developers_is_none(send: Send, create: Callable[..., str], worker: Worker) -> None:
    job_id = create()
    worker.do_all(uploads.put(job_id, CONTENT))
    before = uploads.job(job_id).attribute_values
    stranger = uploads.api_key_of(BOB)
    assert send("upload_delete", job_id, stranger)["statusCode"] == 404
    assert send("upload_delete", job_id, "no key")["statusCode"] == 401
    assert uploads.job(job_id).attribute_values == before
    assert uploads.stored(job_id) == ["results/ID"]
    send("upload_delete", job_id)
    assert send("upload_delete", job_id, stranger)["statusCode"] == 404


def test_an_expired_one_is_unknown_and_nothing_revives_it(send: Send, create: Callable[..., str]) -> None:
    job_id = create()
    job = uploads.job(job_id)
    job.update([jobs.Job.expires.set(1)])
    assert send("upload_delete", job_id)["statusCode"] == 404
    job.delete()
    jobs.delete(job)
    assert jobs.find(job_id) is None
    assert boto3.resource("dynamodb").Table("JobsTable").scan()["Items"] == []


def test_what_is_uploaded_by_the_form_later_goes_as_well(
    send: Send, create: Callable[..., str], worker: Worker
) -> None:
    job_id = create()
    send("upload_delete", job_id)
    assert worker.do(uploads.put(job_id, CONTENT))
    assert_gone(job_id)


@pytest.mark.parametrize(
    ("name", "content", "parts_of"),
    [("file.dcm", CONTENT, 2000), ("file.dcm", CONTENT, len(CONTENT)), ("file.png", PICTURE, 2000)],
)
def test_a_worker_is_at_any_point_of_its_work(
    send: Send,
    create: Callable[..., str],
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    parts_of: int,
) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", parts_of)
    deleting: list[str] = []

    def delete() -> None:
        assert send("upload_delete", deleting[0])["statusCode"] == 204

    steps = Steps(monkeypatch, delete)
    worker.do_all(uploads.put(create(name), content))
    assert steps.taken >= 10
    for point in range(1, steps.taken + 1):
        deleting[:] = [create(name)]
        steps.interrupt_at(point)
        waiting = [uploads.put(deleting[0], content)]
        while waiting:
            assert worker.do(waiting.pop(0))  # no failure, and nothing to try again
            waiting += uploads.sent()
        assert steps.taken >= point
        assert_gone(deleting[0])


@pytest.mark.parametrize(
    ("module", "step"), [(planning, "make_plan"), (objects, "read_ranges"), (parts, "work"), (objects, "read_all")]
)
def test_a_worker_misses_what_was_deleted_under_its_hands(
    send: Send,
    create: Callable[..., str],
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    step: str,
) -> None:
    job_id = create()
    do_step: Callable[..., Any] = getattr(module, step)

    def interrupted(*arguments: Any) -> Any:
        send("upload_delete", job_id)
        return do_step(*arguments)

    monkeypatch.setattr(module, step, interrupted)
    waiting = [uploads.put(job_id, CONTENT)]
    while waiting:
        assert worker.do(waiting.pop(0))
        waiting += uploads.sent()
    assert_gone(job_id)


def test_more_parts_than_s3_deletes_at_once(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    job = jobs.Job(uploads.new_job(), parts_total=600)
    names = [f"work/{job.id}/599.json", f"results/{job.id}", f"uploads/{job.id}", f"work/{job.id}/plan.json"]
    for name in names:
        objects.write(name, b"x")
    asked = []
    delete = objects.client().delete_objects

    def counted(**arguments: Any) -> Any:
        asked.append(len(arguments["Delete"]["Objects"]))
        return delete(**arguments)

    monkeypatch.setattr(objects.client(), "delete_objects", counted)
    traces.erase(job)
    assert asked == [1000, 204]
    assert uploads.stored(job.id) == []
