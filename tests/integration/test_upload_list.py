"""GET /api/dicom/uploads/: a developer's own uploads, the newest first, in pages."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from events import build
from identity import accounts
from staging import jobs
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(aws: None) -> Send:  # noqa: ARG001
    handler = functions.load("upload_list").handler
    example = build.events()["upload_list"]
    key = uploads.api_key_of("ann@example.com")

    def sent(expected: int = 200, key: str = key, **query: str | list[str]) -> dict[str, Any]:
        values = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
        event = json.loads(json.dumps(example))
        event["headers"]["Authorization"] = f"ApiKey {key}"
        event["multiValueQueryStringParameters"] = values or None
        event["queryStringParameters"] = {name: value[-1] for name, value in values.items()} or None
        answer = handler(event, CONTEXT)
        assert answer["statusCode"] == expected, answer["body"]
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    return sent


@pytest.fixture
def ann(send: Send) -> str:  # noqa: ARG001
    """Her id."""
    return user_id_of("ann@example.com")


def user_id_of(email: str) -> str:
    return accounts.authenticate(email, "securepassword123", "192.0.2.1").user_id


NOW = time.time()


def make(user_id: str, number: int, age: float = 0) -> list[str]:
    """Creates jobs a second apart, and returns their ids, the newest first. `age` of the newest is in seconds."""
    made = []
    for older in range(number):
        job = jobs.create(user_id, jobs.READ, {"file_name": f"{older}.dcm", "options": {}})
        job.update([jobs.Job.created.set(NOW - age - older)])
        made.append(str(job.id))
    return made


def ids(answer: dict[str, Any]) -> list[str]:
    return [upload["id"] for upload in answer["uploads"]]


def test_who_has_none(send: Send) -> None:
    assert send() == {"uploads": []}


def test_what_is_told_of_each(send: Send, ann: str) -> None:
    done, waiting = (jobs.create(ann, jobs.READ, {"file_name": name}) for name in ("é.dcm", "b.zip"))
    done.update([jobs.Job.created.set(time.time() - 1), jobs.Job.status.set(jobs.DONE)])
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(waiting.created))
    first, second = send()["uploads"]
    assert first == {"id": waiting.id, "status": "waiting", "file_name": "b.zip", "created": created}
    assert (second["status"], second["file_name"]) == ("done", "é.dcm")


@pytest.mark.parametrize(("number", "limit"), [(1, 1), (5, 1), (5, 2), (6, 3), (5, 5), (5, 100)])
def test_pages_are_all_of_them_once_in_order(send: Send, ann: str, number: int, limit: int) -> None:
    made = make(ann, number)
    pages = [send(limit=str(limit))]
    while "next" in pages[-1]:
        pages.append(send(limit=str(limit), next=pages[-1]["next"]))
    assert [upload for page in pages for upload in ids(page)] == made
    assert [len(page["uploads"]) for page in pages] == [limit] * (number // limit) + [number % limit] * (
        number % limit > 0
    )


def test_a_page_has_twenty_unless_asked_for_more(send: Send, ann: str) -> None:
    made = make(ann, 101)
    assert ids(send()) == made[:20]
    largest = send(limit="100")
    assert ids(largest) == made[:100]
    assert ids(send(next=largest["next"])) == made[100:]


def test_a_list_is_its_developers(send: Send, ann: str) -> None:
    bobs_key = uploads.api_key_of("bob@example.com")
    of_ann, of_bob = make(ann, 3), make(user_id_of("bob@example.com"), 3, age=0.5)
    assert ids(send()) == of_ann
    page = send(key=bobs_key, limit="1")
    assert ids(page) == of_bob[:1]
    assert ids(send(next=page["next"])) == of_ann[1:]  # another developer's place leads to one's own uploads
    send(401, key="no key")


def test_what_was_deleted_or_has_expired_is_not_listed(send: Send, ann: str) -> None:
    first, second, third = make(ann, 3)
    jobs.delete(uploads.job(second))
    uploads.job(third).update([jobs.Job.created.set(time.time() - jobs.KEPT_SECONDS - 1)])
    assert ids(send()) == [first]


def token(*content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


SOME_ID = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


def test_what_no_page_gave_is_refused(send: Send, ann: str) -> None:
    make(ann, 2)
    for query in (
        *({"limit": limit} for limit in ("0", "101", "-1", "", "x", "1.5", "1e1", "٣", "9" * 5000, "1\n")),
        *({"next": place} for place in ("", "x", "é", "=", "bnVsbA", "e30", "A" * 5000, "[" * 5000)),
        *(
            {"next": token(*content)}
            for content in (
                [],
                [1],
                [1, SOME_ID, 1],
                ["1", SOME_ID],
                [None, SOME_ID],
                [-1, SOME_ID],
                [[1], SOME_ID],
                [1e300, SOME_ID],
                [10**40, SOME_ID],
                [4e9, SOME_ID],
                [1, "x"],
                [1, 1],
                [1, None],
                [1, SOME_ID + "\n"],
            )
        ),
        {"limit": ["1", "2"]},
        {"page": "2"},
    ):
        assert send(400, **query)["fields"].keys() == query.keys()


@pytest.mark.parametrize("created", [0, 1e-300, True, 1_000_000_000])
def test_a_place_of_long_ago_is_the_end(send: Send, ann: str, created: float, monkeypatch: pytest.MonkeyPatch) -> None:
    make(ann, 2)
    # DynamoDB refuses a start outside of the query's range, and moto does not.
    monkeypatch.setattr(jobs.ByDeveloper, "query", lambda *_, **__: pytest.fail("DynamoDB was asked."))
    assert send(next=token(created, SOME_ID)) == {"uploads": []}


def test_functions_clocks_may_differ(send: Send, ann: str) -> None:
    made = make(ann, 2, age=NOW - time.time() - 5)  # by a clock that is ahead
    page = send(limit="1")
    assert ids(send(next=page["next"])) == made[1:]
