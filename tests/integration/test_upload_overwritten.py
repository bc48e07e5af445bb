"""A second file sent by the same form: the same file changes nothing, and two files never make one result."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from moto.s3.models import FakeKey

from imaging.answers import planning
from staging import jobs, objects
from tests.integration import functions, uploads
from tests.integration.uploads import CONTENT, Worker, assert_done, at_once

PICTURE = (Path(__file__).parents[2] / "events" / "picture.png").read_bytes()
OTHER = CONTENT + b"\0" * 20


@pytest.fixture
def worker(aws: None, monkeypatch: pytest.MonkeyPatch) -> Worker:  # noqa: ARG001
    monkeypatch.setattr(planning, "PART_BYTES", 2000)  # five frames of 400 bytes
    return Worker(functions.load("upload_worker").handler)


def test_of_two_files_the_one_counts_that_is_there_when_the_work_begins(worker: Worker) -> None:
    job_id = uploads.new_job()
    first = uploads.put(job_id, PICTURE)
    worker.do_all(first, uploads.put(job_id, CONTENT))
    assert_done(job_id)
    assert uploads.result(job_id)["content"] == at_once(CONTENT)


@pytest.mark.parametrize("told_before_the_parts", [True, False])
def test_two_files_never_make_one_result(worker: Worker, told_before_the_parts: bool) -> None:
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    waiting = [*uploads.sent()]
    waiting.insert(0 if told_before_the_parts else len(waiting), uploads.put(job_id, OTHER))
    for body in waiting:
        assert worker.do(body)
    assert list(uploads.sent()) == []
    assert uploads.job(job_id).status == jobs.FAILED
    assert "uploaded twice" in uploads.job(job_id).error
    assert uploads.stored(job_id) == []


def test_an_upload_overwritten_while_it_is_fetched(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    fetch = objects.download

    def overtaken(*about: str) -> memoryview:
        uploads.put(job_id, OTHER)
        return fetch(*about)

    monkeypatch.setattr(objects, "download", overtaken)
    assert worker.do(message)
    assert "uploaded twice" in uploads.job(job_id).error


@pytest.fixture
def other_etags(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 as under a KMS key, where an ETag says nothing of the content. The checksum does, and moto lacks it."""

    def etag(key: FakeKey) -> str:
        return str(vars(key).setdefault("etag of this upload", f'"{uuid4().hex}"'))

    head = objects.client().head_object

    def head_with_checksum(**asked: str) -> dict[str, Any]:
        answer: dict[str, Any] = head(**asked)
        if asked.get("ChecksumMode") == "ENABLED":
            # Any checksum will do that tells contents apart.
            answer["ChecksumCRC64NVME"] = str(zlib.crc32(objects.read(asked["Key"])))
        return answer

    monkeypatch.setattr(FakeKey, "etag", property(etag))
    monkeypatch.setattr(objects.client(), "head_object", head_with_checksum)


@pytest.mark.usefixtures("other_etags")
@pytest.mark.parametrize("after", range(5))
def test_the_same_file_sent_twice_under_a_key(worker: Worker, after: int) -> None:
    job_id = uploads.new_job()
    waiting = [uploads.put(job_id, CONTENT)]
    for step in range(5):
        if step == after:
            waiting.append(uploads.put(job_id, CONTENT))
        assert worker.do(waiting.pop(0))
        waiting += uploads.sent()
    worker.do_all(*waiting)
    assert_done(job_id)
    assert uploads.result(job_id)["content"] == at_once(CONTENT)


@pytest.mark.usefixtures("other_etags")
@pytest.mark.parametrize("reader", ["download", "read_ranges"])
def test_the_same_file_sent_while_it_is_read(worker: Worker, monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    job_id = uploads.new_job()
    waiting = [uploads.put(job_id, CONTENT)]
    read: Callable[..., Any] = getattr(objects, reader)
    again = [job_id]

    def overtaken(*about: Any) -> Any:
        if again:
            uploads.put(again.pop(), CONTENT)
        return read(*about)

    monkeypatch.setattr(objects, reader, overtaken)
    while waiting:
        assert worker.do(waiting.pop(0))
        waiting += uploads.sent()
    assert not again
    assert_done(job_id)


@pytest.mark.usefixtures("other_etags")
@pytest.mark.parametrize("other", [OTHER, CONTENT[:-1] + b"\1"])
def test_another_file_under_a_key(worker: Worker, other: bytes) -> None:
    job_id = uploads.new_job()
    worker.do_all(uploads.put(job_id, CONTENT))
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    uploads.put(job_id, other)
    for body in uploads.sent():
        assert worker.do(body)
    assert "uploaded twice" in uploads.job(job_id).error


def test_the_first_arrival_counts(worker: Worker) -> None:
    job_id = uploads.new_job()
    worker.do_all(uploads.put(job_id, CONTENT))
    before = uploads.job(job_id).attribute_values
    worker.do_all(uploads.put(job_id, PICTURE))
    assert uploads.job(job_id).attribute_values == before
    assert uploads.result(job_id)["content"] == at_once(CONTENT)
