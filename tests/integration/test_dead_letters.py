"""Messages that no worker could handle: the job fails, so that its developer is told."""

from typing import Any

import orjson
import pytest

from imaging.answers import planning
from staging import jobs, messages
from tests.integration import functions, uploads
from tests.integration.lambda_context import CONTEXT
from tests.integration.uploads import CONTENT, Worker, assert_done

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def worker(aws: None, monkeypatch: pytest.MonkeyPatch) -> Worker:  # noqa: ARG001
    monkeypatch.setattr(planning, "PART_BYTES", 2000)  # five frames of 400 bytes
    return Worker(functions.load("upload_worker").handler)


def lay_aside(body: str) -> dict[str, Any]:
    """Hands this message to the dead-letter queue's function."""
    answer: dict[str, Any] = functions.load("dead_letters").handler(
        uploads.sqs_event(body, messages.TRIES + 1), CONTEXT
    )
    return answer


def test_a_part_that_nobody_could_do(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    first, second, third = uploads.sent()
    assert worker.do(first)
    with monkeypatch.context() as broken:
        broken.setattr("imaging.answers.parts.work", lambda *_: 1 / 0)
        for attempt in range(1, messages.TRIES + 1):
            assert not worker.do(second, attempt)
            assert uploads.job(job_id).status == jobs.PROCESSING
    assert lay_aside(second) == DONE
    job = uploads.job(job_id)
    assert (job.status, job.frames_done) == (jobs.FAILED, 5)
    assert "tried 5 times" in job.error
    assert worker.do(third)
    assert uploads.job(job_id).attribute_values == job.attribute_values


def test_an_arrival_that_nobody_could_do(worker: Worker) -> None:  # noqa: ARG001
    job_id = uploads.new_job()
    assert lay_aside(uploads.put(job_id, CONTENT)) == DONE
    assert uploads.job(job_id).status == jobs.FAILED


def test_a_job_that_is_over_stays_as_it_is(worker: Worker) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    worker.do_all(message)
    assert lay_aside(message) == DONE
    assert_done(job_id)
    jobs.delete(uploads.job(job_id))
    assert lay_aside(message) == DONE
    assert uploads.job(job_id).status == jobs.DELETED


UNREADABLE = [
    "",
    "no JSON",
    "[]",
    "5",
    "null",
    '"job"',
    '{"job": 1}',
    '{"job": 1, "part": 1}',
    '{"job": "no id", "part": 1}',
    '{"job": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "part": "1"}',
    '{"job": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "part": 1, "other": 1}',
    '{"Records": 5}',
    '{"Records": [{}]}',
    '{"Records": [{"s3": {"object": {"key": 1}}}]}',
    '{"Records": [{"eventTime": "then", "s3": {"object": {"key": "uploads/7d444840-9dc0-11d1-b245-5ffdce74fad2"}}}]}',
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_message_that_is_none_does_not_come_again(worker: Worker, body: str) -> None:
    assert not worker.do(body)
    assert lay_aside(body) == DONE


@pytest.mark.parametrize(
    "body",
    [
        '{"job": "7d444840-9dc0-11d1-b245-5ffdce74fad2", "part": 1}',
        uploads.arrival("uploads/7d444840-9dc0-11d1-b245-5ffdce74fad2"),
        uploads.arrival("elsewhere"),
    ],
)
def test_a_message_of_no_job_does_not_come_again(aws: None, body: str) -> None:  # noqa: ARG001
    assert lay_aside(body) == DONE


def test_a_job_that_can_not_be_told_is_told_later(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "fail", lambda *_: 1 / 0)
        assert lay_aside(message) != DONE
    assert lay_aside(message) == DONE
    assert uploads.job(job_id).status == jobs.FAILED


def test_the_log_says_which_job_it_was_and_how_often_it_was_tried(
    worker: Worker,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    job_id = uploads.new_job()
    lay_aside(f'{{"job":"{job_id}","part":3}}')
    lay_aside("no JSON")
    told, of_nothing = map(orjson.loads, capsys.readouterr().out.splitlines())
    assert {"job": job_id, "part": 3, "developer": "ann", "attempt": 6, "DeadLetters": 1}.items() <= told.items()
    assert of_nothing["DeadLetters"] == 1
    assert of_nothing["message_id"] == uploads.sqs_event("")["Records"][0]["messageId"]
