"""The work on uploads: messages may come twice, late, out of order or never, and there is one result or a reason."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from imaging.answers import parts, planning
from staging import jobs, messages, objects, work
from tests.integration import functions, uploads
from tests.integration.uploads import CONTENT, FRAMES, Steps, Worker, assert_done, at_once

PICTURE = (Path(__file__).parents[2] / "events" / "picture.png").read_bytes()


@pytest.fixture
def worker(aws: None, monkeypatch: pytest.MonkeyPatch) -> Worker:  # noqa: ARG001
    monkeypatch.setattr(planning, "PART_BYTES", 2000)  # five frames of 400 bytes
    return Worker(functions.load("upload_worker").handler)


def test_several_parts_make_what_a_direct_read_answers(worker: Worker) -> None:
    job_id = uploads.new_job()
    assert worker.do(uploads.put(job_id, CONTENT))
    job = uploads.job(job_id)
    assert (job.status, job.parts_total, job.frames_done, job.frames_total) == (jobs.PROCESSING, 3, 0, FRAMES)
    done = []
    for body in uploads.sent():
        assert worker.do(body)
        done.append(uploads.job(job_id).frames_done)
    assert done == [5, 10, 15]
    assert_done(job_id)
    result = uploads.result(job_id)
    assert result["ContentType"] == "application/json"
    assert result["content"] == at_once(CONTENT)


@pytest.mark.parametrize("options", [{}, {"return_format": "jpeg", "frames": "3-7,15", "fields": "Modality"}])
def test_one_part_is_done_at_once(worker: Worker, options: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", len(CONTENT))
    job_id = uploads.new_job(**options)
    assert worker.do(uploads.put(job_id, CONTENT))
    assert list(uploads.sent()) == []
    assert_done(job_id, 6 if options else FRAMES)
    assert uploads.result(job_id)["content"] == at_once(CONTENT, **options)


def test_ranges_that_memory_would_not_hold_are_on_disk(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "IN_MEMORY_BYTES", 100)
    job_id = uploads.new_job()
    worker.do_all(uploads.put(job_id, CONTENT))
    assert_done(job_id)
    assert uploads.result(job_id)["content"] == at_once(CONTENT)


def test_an_archive_in_parts(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", len(CONTENT))
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.dcm", CONTENT)
        archive.writestr("notes.txt", "no DICOM")
    job_id = uploads.new_job("series.zip")
    worker.do_all(uploads.put(job_id, file.getvalue()), shuffle=list.reverse)
    assert uploads.job(job_id).parts_total > 1
    assert_done(job_id, 4)
    assert uploads.result(job_id)["content"] == at_once(file.getvalue(), "series.zip")


@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_everything_three_times(worker: Worker, seed: int) -> None:
    job_id = uploads.new_job()
    shuffle = random.Random(seed).shuffle  # noqa: S311
    worker.do_all(uploads.put(job_id, CONTENT), shuffle=shuffle, times=3)
    assert_done(job_id)
    assert uploads.result(job_id)["content"] == at_once(CONTENT)


@pytest.mark.parametrize(("module", "step"), [(planning, "make_plan"), (parts, "work"), (parts, "texts")])
def test_two_workers_at_once(worker: Worker, module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one worker is at a step, another gets the same message and handles it."""
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    doing = ""
    do_step: Callable[..., Any] = getattr(module, step)

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.setattr(module, step, do_step)
        for same in messages.parse(doing):
            work.do(same)
        return do_step(*arguments)

    monkeypatch.setattr(module, step, interrupted)
    waiting = [message]
    while waiting:
        doing = waiting.pop(0)
        assert worker.do(doing)
        waiting += uploads.sent()
    assert getattr(module, step) is do_step
    assert_done(job_id)
    assert uploads.result(job_id)["content"] == at_once(CONTENT)


class Crash(Exception):
    pass


def crash() -> None:
    raise Crash


@pytest.mark.parametrize(("name", "content"), [("file.dcm", CONTENT), ("file.png", PICTURE)])
def test_a_crash_at_any_point(worker: Worker, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, crash)
    worker.do_all(uploads.put(uploads.new_job(name), content))
    assert steps.taken >= 10
    for point in range(1, steps.taken + 1):
        steps.interrupt_at(point)
        job_id = uploads.new_job(name)
        worker.do_all(uploads.put(job_id, content))
        assert steps.taken >= point
        assert_done(job_id, FRAMES if content is CONTENT else 1)
        if content is CONTENT:
            assert uploads.result(job_id)["content"] == at_once(CONTENT)
        assert uploads.stored(job_id) == ["results/ID"]


def test_progress_never_runs_backwards(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = uploads.new_job()
    seen: list[int] = []
    steps = Steps(monkeypatch, crash, lambda: seen.append(int(uploads.job(job_id).frames_done)))
    steps.interrupt_at(20)
    shuffle = random.Random(1).shuffle  # noqa: S311
    worker.do_all(uploads.put(job_id, CONTENT), times=2, shuffle=shuffle)
    assert seen == sorted(seen)
    assert set(seen) == {0, 5, 10, 15}


def test_the_work_began_with_the_first_arrival(worker: Worker) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    worker.do(message)
    began = uploads.job(job_id).started
    worker.do(message)
    assert uploads.job(job_id).started == began


def test_an_event_before_its_record(worker: Worker) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    record = uploads.job(job_id)
    record.delete()
    assert not worker.do(message)
    record.save()
    worker.do_all(message)
    assert_done(job_id)


def test_an_event_whose_record_never_comes(worker: Worker) -> None:
    job_id = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
    at = datetime.fromtimestamp(time.time() - work.RECORD_SECONDS - 1, UTC).isoformat()
    assert worker.do(uploads.arrival(f"uploads/{job_id}", at=at))
    assert jobs.find(job_id) is None


def test_an_event_long_after(worker: Worker) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    uploads.job(job_id).update([jobs.Job.expires.set(int(time.time()) - 1)])
    message = message.replace(uploads.NOW, "2020-01-01T00:00:00.000Z")
    assert worker.do(message)
    assert uploads.job(job_id).status == jobs.WAITING
    assert list(uploads.sent()) == []


@pytest.mark.parametrize(
    "key",
    [
        "uploads/",
        "uploads/7d444840-9dc0-11d1-b245-5ffdce74fad2/1",
        "uploads/7D444840-9DC0-11D1-B245-5FFDCE74FAD2",
        "results/7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "uploads/caf%C3%A9+1.dcm",
    ],
)
def test_a_foreign_object_is_ignored(worker: Worker, key: str) -> None:
    assert worker.do(uploads.arrival(key))


def test_the_test_event_is_ignored(worker: Worker) -> None:
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": uploads.NOW, "Bucket": uploads.BUCKET}
    assert worker.do(orjson.dumps(event).decode())


def test_an_encoded_key_is_decoded(worker: Worker) -> None:
    job_id = uploads.new_job()
    worker.do_all(uploads.put(job_id, CONTENT).replace("uploads/", "uploads%2F"))
    assert_done(job_id)


@pytest.mark.parametrize(
    ("content", "options", "error"),
    [
        (CONTENT, {"frames": "16"}, "The file has 15 frames: ask for 1 to 15."),
        (b"no DICOM", {}, ""),
    ],
)
def test_what_a_client_can_mend_fails_at_once(
    worker: Worker, content: bytes, options: dict[str, str], error: str
) -> None:
    job_id = uploads.new_job(**options)
    assert worker.do(uploads.put(job_id, content))
    job = uploads.job(job_id)
    assert job.status == jobs.FAILED
    assert error.lower() in job.error.lower()
    assert job.error
    assert job.ended >= job.started


def test_a_broken_picture_fails_at_once(worker: Worker) -> None:
    job_id = uploads.new_job("file.png")
    assert worker.do(uploads.put(job_id, b"\x89PNG\r\n\x1a\n broken"))
    assert uploads.job(job_id).status == jobs.FAILED


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"job": 1}', '{"Records": [{}]}'])
def test_a_message_that_is_none_is_not_done(worker: Worker, body: str) -> None:
    assert not worker.do(body)


def test_a_picture_becomes_a_dicom_file(worker: Worker) -> None:
    job_id = uploads.new_job("scan.of.café.PNG", attributes={"PatientName": "Doe^John"}, compression="RLE")
    message = uploads.put(job_id, PICTURE)
    worker.do_all(message)
    assert_done(job_id, 1)
    result = uploads.result(job_id)
    assert result["ContentType"] == "application/dicom"
    assert result["ContentDisposition"].startswith('attachment; filename="scan.of.caf_.dcm"; filename*=')
    made = dcmread(DicomBytesIO(result["content"]))
    assert (made.PatientName, made.file_meta.TransferSyntaxUID.name) == ("Doe^John", "RLE Lossless")


def test_made_twice_at_once_the_first_dicom_file_stays(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = uploads.new_job("file.png")
    message = uploads.put(job_id, PICTURE)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "finish", lambda _: 1 / 0)
        assert not worker.do(message)
    made = uploads.result(job_id)["content"]
    assert worker.do(message, 2)
    assert_done(job_id, 1)
    assert uploads.result(job_id)["content"] == made


def test_logs_hold_nothing_of_the_file(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("Doe^John")

    monkeypatch.setattr(planning, "make_plan", fail)
    job_id = uploads.new_job("Doe^John.dcm")
    assert not worker.do(uploads.put(job_id, CONTENT))
    log = capsys.readouterr().out
    assert "ValueError" in log
    assert job_id in log
    assert "Doe" not in log


def test_nothing_is_in_messages_but_ids_and_numbers(worker: Worker) -> None:
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    assert [orjson.loads(body) for body in uploads.sent()] == [{"job": job_id, "part": part} for part in range(3)]


@pytest.mark.parametrize(("parts", "requests"), [(10, [10]), (11, [10, 1]), (21, [10, 10, 1])])
def test_every_part_has_its_message(
    aws: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    parts: int,
    requests: list[int],
) -> None:
    asked = []
    send = messages.client().send_message_batch

    def counted(**arguments: Any) -> Any:
        asked.append(len(arguments["Entries"]))
        return send(**arguments)

    monkeypatch.setattr(messages.client(), "send_message_batch", counted)
    messages.send("ID", range(parts))
    assert asked == requests
    assert sorted(orjson.loads(body)["part"] for body in uploads.sent()) == list(range(parts))


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 30), (2, 60), (4, 240)])
def test_what_failed_comes_again_soon_and_each_time_later(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, attempt: int, seconds: int
) -> None:
    changes: list[dict[str, Any]] = []
    monkeypatch.setattr(messages.client(), "change_message_visibility", lambda **change: changes.append(change))
    message = uploads.put(uploads.new_job(), CONTENT)
    assert worker.do(message)
    assert changes == []
    assert not worker.do("no JSON", attempt)
    receipt = uploads.sqs_event("")["Records"][0]["receiptHandle"]
    assert changes == [{"QueueUrl": uploads.QUEUE, "ReceiptHandle": receipt, "VisibilityTimeout": seconds}]


def test_a_queue_that_does_not_answer_hides_no_defect(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(messages.client(), "change_message_visibility", lambda **_: 1 / 0)
    assert not worker.do("no JSON")
    told, _ = map(orjson.loads, capsys.readouterr().out.splitlines())
    assert told["error"] == "Unreadable"


def test_a_job_is_up_to_date_after_each_change_also_one_that_was_made_before(worker: Worker) -> None:
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    late = uploads.job(job_id)
    for number in range(3):
        jobs.finish_part(uploads.job(job_id), number, 5)
    jobs.finish_part(late, 1, 5)
    assert late.all_finished
    assert late.frames_done == uploads.job(job_id).frames_done == FRAMES


def test_what_sqs_does_not_take_is_sent_again(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = uploads.new_job()
    message = uploads.put(job_id, CONTENT)
    with monkeypatch.context() as broken:
        broken.setattr(messages.client(), "send_message_batch", lambda **_: {"Failed": [{"Id": "0"}]})
        assert not worker.do(message)
    worker.do_all(message)
    assert_done(job_id)


def test_fragments_and_the_upload_are_under_their_job_and_go_once_it_is_done(worker: Worker) -> None:
    job_id = uploads.new_job()
    worker.do(uploads.put(job_id, CONTENT))
    first, second, third = uploads.sent()
    worker.do(first)
    worker.do(second)
    assert uploads.stored(job_id) == sorted(
        ["uploads/ID", "work/ID/plan.json", *(f"work/ID/{part}{end}" for part in range(2) for end in ("", ".json"))]
    )
    worker.do(third)
    assert uploads.stored(job_id) == ["results/ID"]


@pytest.mark.parametrize("number", [0, 2])
def test_a_part_that_comes_late_leaves_nothing(worker: Worker, number: int) -> None:
    job_id = uploads.new_job()
    arrival = uploads.put(job_id, CONTENT)
    worker.do(arrival)
    parts = list(uploads.sent())
    for body in parts:
        worker.do(body)
    done = uploads.job(job_id).attribute_values
    uploads.put(job_id, CONTENT)
    for body in (arrival, parts[number]):
        assert worker.do(body)
        assert uploads.stored(job_id) == ["results/ID"]
    assert uploads.job(job_id).attribute_values == done
