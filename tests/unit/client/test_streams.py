"""Uploads and answers of any size take little memory, and arrive complete."""

import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_api import Client, WorkFailed
from dicom_api.answer import Answer, Parser, Picture
from dicom_api.errors import ForeignAnswer
from dicom_api.files import Sending
from dicom_api.folder import frame_numbers
from imaging.answers.options import read_options
from imaging.budget import Budget

MEGABYTE = 1 << 20

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(texts | st.lists(texts), lambda inner: st.lists(st.dictionaries(texts, inner)), max_leaves=5)
files = st.dictionaries(texts.filter(lambda name: name not in ("Files", "Images")), values).flatmap(
    lambda described: st.lists(texts).map(lambda pictures: {**described, "Images": pictures})
)


def parse(chunks: Iterable[bytes], picture: Picture) -> Answer:
    parser = Parser(picture)
    for chunk in chunks:
        parser.feed(chunk)
    return parser.close()


def peak(work: Callable[[], object]) -> int:
    """The peak of Python's memory, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@given(files | st.fixed_dictionaries({"Files": st.lists(files)}), st.integers(1, 50))
@example({"Images.item": "no picture", "a": {"Images": ["neither"]}, "Images": ["one"]}, 50)
@example({"Files.item.Images": ["no picture"], "Files.item": {"Images": ["no"]}, "Images": []}, 50)
def test_an_answer_is_the_same_however_it_arrives(answer: dict[str, Any], size: int) -> None:
    content = json.dumps(answer).encode()
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    pictures = []

    def picture(file: dict[str, Any], text: str) -> str:
        pictures.append((len(file["Images"]), text))
        return text

    assert parse(chunks, picture) == answer
    in_order = [pair for file in answer.get("Files", [answer]) for pair in enumerate(file.get("Images", []))]
    assert pictures == in_order


@given(st.binary())
def test_anything_else_is_refused(content: bytes) -> None:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        with pytest.raises(ForeignAnswer):
            parse([content], lambda _, text: text)


def test_a_large_answer_takes_the_memory_of_a_picture() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"PatientName":"Doe^Jane","Images":['
        for number in range(64):
            yield b',"' if number else b'"'
            yield b"A" * MEGABYTE
            yield b'"'
        yield b"]}"

    saved = []
    assert peak(lambda: parse(chunks(), lambda _, text: saved.append(len(text)) or "path")) < 16 * MEGABYTE
    assert saved == [MEGABYTE] * 64


def test_a_large_upload_takes_the_memory_of_a_chunk(tmp_path: Path) -> None:
    file = tmp_path / "sparse.dcm"
    with file.open("wb") as sparse:
        sparse.truncate(256 * MEGABYTE)
    sent: list[int] = []
    sizes: list[int] = []

    def s3(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/dicom/uploads/":
            return httpx.Response(201, json={"id": "1", "upload": {"url": "http://s3/bucket", "fields": {}}})
        if request.url.path == "/bucket":
            assert isinstance(request.stream, httpx.SyncByteStream)
            sizes.append(sum(map(len, request.stream)))
            assert request.headers["Content-Length"] == str(sizes[-1])
            return httpx.Response(204)
        return httpx.Response(200, json={"status": "failed", "error": "It is empty."})

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return s3(request)

    client = Client("prefix.secret", "http://api", transport=Transport())

    def upload() -> None:
        with pytest.raises(WorkFailed, match="It is empty"):
            client.read(file, progress=lambda progress: sent.append(progress.done))

    assert peak(upload) < 8 * MEGABYTE
    assert sizes[0] > 256 * MEGABYTE
    assert sent == sorted(sent)
    assert sent[-1] == 256 * MEGABYTE


def test_a_file_that_becomes_shorter(tmp_path: Path) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(b"l")
    with file.open("rb") as content:
        sending = Sending(content, 4, lambda _: None)
        assert sending.read(65536) == b"l"
        with pytest.raises(OSError, match="became shorter"):
            sending.read(65536)


def test_a_file_that_becomes_longer_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(b"short no more")
    with file.open("rb") as content:
        sending = Sending(content, 5, lambda _: None)
        assert [sending.read(65536), sending.read(65536)] == [b"short", b""]


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5)), min_size=1, max_size=5))
def test_pictures_have_the_numbers_of_the_frames_that_the_api_gives(ranges: list[tuple[int, int]]) -> None:
    text = ", ".join(f"{first}-{first + more}" if more else str(first) for first, more in ranges)
    assert [*frame_numbers(text)] == read_options({"frames": text}).frame_numbers(25, Budget())
