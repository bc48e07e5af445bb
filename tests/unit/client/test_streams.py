"""Uploads and answers of any size pass through little memory, and come through whole."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from client.answer import parse
from client.api import ApiError
from client.folder import frame_numbers
from client.upload_form import UploadForm
from imaging.answers.options import read_options
from imaging.budget import Budget

MEGABYTE = 1 << 20

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(texts | st.lists(texts), lambda inner: st.lists(st.dictionaries(texts, inner)), max_leaves=5)
files = st.dictionaries(texts.filter(lambda name: name not in ("Files", "Images")), values).flatmap(
    lambda described: st.lists(texts).map(lambda pictures: {**described, "Images": pictures})
)


def peak(work: Callable[[], object]) -> int:
    """The most bytes that Python had in use at once."""
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
        with pytest.raises(ApiError):
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
    form = UploadForm({"key": "uploads/1"}, file, sent.append)
    sizes = []
    assert peak(lambda: sizes.append(sum(map(len, form)))) < 4 * MEGABYTE
    assert sizes == [len(form)]
    assert sent == sorted(sent)
    assert sent[-1] == 256 * MEGABYTE


@given(
    fields=st.dictionaries(
        st.from_regex("[A-Za-z-]{1,20}", fullmatch=True), st.from_regex("[!-~]{0,50}", fullmatch=True)
    )
)
def test_a_form_can_be_read_as_mime(fields: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "form.dcm"
    file.write_bytes(b"\r\n--content--\r\n")
    form = UploadForm(fields, file, lambda _: None)
    message = BytesParser().parsebytes(f"Content-Type: {form.media_type}\r\n\r\n".encode() + b"".join(form))
    parts = [(part.get_param("name", header="Content-Disposition"), part.get_payload()) for part in message.walk()][1:]
    assert parts == [*fields.items(), ("file", "\r\n--content--\r\n")]


def test_a_file_that_becomes_shorter(tmp_path: Path) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(b"long")
    form = UploadForm({}, file, lambda _: None)
    file.write_bytes(b"l")
    with pytest.raises(ApiError, match="became shorter"):
        list(form)


def test_a_file_that_becomes_longer_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(b"short")
    form = UploadForm({}, file, lambda _: None)
    file.write_bytes(b"short no more")
    content = b"".join(form)
    assert len(content) == len(form)
    assert b"\r\n\r\nshort\r\n--" in content


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5)), min_size=1, max_size=5))
def test_pictures_have_the_numbers_of_the_frames_that_the_api_gives(ranges: list[tuple[int, int]]) -> None:
    text = ", ".join(f"{first}-{first + more}" if more else str(first) for first, more in ranges)
    assert [*frame_numbers(text)] == read_options({"frames": text}).frame_numbers(25, Budget())
