"""Answers made in parts are, byte for byte, the same as those made at once."""

import base64
import io
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.uid import ExplicitVRBigEndian

from imaging.answers import parts, planning
from imaging.answers.options import read_options
from imaging.answers.read import write_answer
from problems import Problem
from tests.dicom_files import all_files, file_bytes, picture_file
from tests.unit.test_archive import zipped

REFERENCE = Path(__file__).parents[1] / "reference/files"
FILES = [path for path in (*all_files(), *sorted(REFERENCE.iterdir())) if path.stat().st_size < 2_000_000]


def at_once(name: str, content: bytes, **options: str) -> bytes | tuple[type[Problem], str]:
    answer = bytearray()
    try:
        write_answer(name, content, read_options(options), answer.extend)
    except Problem as problem:
        return type(problem), problem.message
    return bytes(answer)


def in_parts(name: str, content: bytes, **options: str) -> bytes | tuple[type[Problem], str]:
    """The answer made in parts: each from its own ranges, in any order, by a worker that has only the plan's text."""
    asked = read_options(options)
    try:
        plan = parts.Plan.from_json(planning.make_plan(name, memoryview(content), asked).to_json())
        made: dict[int, bytes] = {}
        warnings: dict[int, list[str]] = {}
        for number in reversed(range(len(plan.parts))):
            ranges = [memoryview(content[start:end]) for start, end in plan.parts[number].spans]
            fragment = bytearray()
            warnings[number] = parts.work(plan, number, ranges, asked, fragment.extend)
            made[number] = bytes(fragment)
    except Problem as problem:
        return type(problem), problem.message
    texts = parts.texts(plan, [warnings[number] for number in range(len(plan.parts))])
    return b"".join(made[text] if isinstance(text, int) else text for text in texts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = path.read_bytes()
    monkeypatch.setattr(planning, "PART_BYTES", 20_000)
    assert in_parts("a.dcm", content, overlays="true") == at_once("a.dcm", content, overlays="true")


@given(
    frames=st.integers(1, 40),
    rows=st.integers(1, 9),
    columns=st.integers(1, 9),
    bits=st.sampled_from((1, 8, 12, 16)),
    part_bytes=st.integers(1, 200),
    data=st.data(),
)
def test_frames_that_fill_no_bytes_and_some_of_the_frames(
    frames: int, rows: int, columns: int, bits: int, part_bytes: int, data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(1, frames), min_size=1))
    missing = data.draw(st.integers(0, 3))
    pixel_data = np.random.default_rng(2).bytes((frames * rows * columns * bits + 7) // 8)[: -missing or None]
    attributes: dict[str, Any] = {"BitsAllocated": bits, "BitsStored": bits, "HighBit": bits - 1}
    content = picture_file(
        np.zeros((rows, columns), np.uint8),
        NumberOfFrames=frames,
        PixelData=pixel_data + bytes(len(pixel_data) % 2),
        **attributes,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "PART_BYTES", part_bytes)
        asked = ",".join(map(str, numbers))
        assert in_parts("a.dcm", content, frames=asked) == at_once("a.dcm", content, frames=asked)


@pytest.mark.parametrize("side", [1, 3, 4, 5])
@pytest.mark.parametrize("part_bytes", [1, 30, 60])
def test_big_endian_words_of_frames_that_may_end_within_one(
    side: int, part_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", part_bytes)
    samples = np.arange(7 * side * side, dtype=np.uint8)
    padded = np.append(samples, [0] * (samples.size % 2)).astype(np.uint8)
    content = picture_file(
        samples.reshape(7, side, side)[0],
        transfer_syntax=ExplicitVRBigEndian,
        NumberOfFrames=7,
        elements=[DataElement(0x7FE00010, "OW", padded.view("<u2").astype(">u2").tobytes())],
    )
    assert in_parts("a.dcm", content, window="128,256") == at_once("a.dcm", content, window="128,256")
    pictures = orjson.loads(at_once("a.dcm", content, window="128,256"))["Images"]  # type: ignore[arg-type]
    shown = [np.asarray(Image.open(io.BytesIO(base64.b64decode(picture)))) for picture in pictures]
    assert np.concatenate(shown).tobytes() == samples.tobytes()


def test_parts_hold_a_share_of_the_frames_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", 2000)
    content = file_bytes("rtdose.dcm")  # 15 frames of 400 bytes
    plan = planning.make_plan("a.dcm", memoryview(content), read_options({}))
    assert [part.frames for part in plan.parts] == [5, 5, 5]
    assert all(sum(end - start for start, end in part.spans) < len(content) / 2 for part in plan.parts)


def test_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [(path.name, path.read_bytes()) for path in FILES if path.stat().st_size < 40_000]
    strange = ("notes.txt", b"hello"), ("empty", b"")
    broken = ("broken.dcm", file_bytes("CT_small.dcm")[:3000])
    monkeypatch.setattr(planning, "PART_BYTES", 50_000)
    for content in (
        zipped(*members, *strange, broken),
        zipped(*reversed(members), compression=0),
        zipped(strange[0], members[0], strange[1]),
        zipped(members[0]),
        zipped(*strange),
        zipped(),
        b"no archive",
    ):
        assert in_parts("a.zip", content) == at_once("a.zip", content)
    plan = planning.make_plan("a.zip", memoryview(zipped(*members)), read_options({}))
    assert len(plan.parts) > 2
    assert plan.frames == len(members)


def test_an_archive_with_a_comment() -> None:
    file = io.BytesIO(zipped(("notes.txt", b"no DICOM file"), ("a.dcm", picture_file(np.zeros((8, 8), np.uint8)))))
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"which is looked for from further ahead, where nothing is at hand"
    content = file.getvalue()
    assert in_parts("a.zip", content) == at_once("a.zip", content)


def test_a_member_that_memory_would_not_hold_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imaging.dataset.archive.IN_MEMORY_BYTES", 1000)
    content = zipped(("rtdose.dcm", file_bytes("rtdose.dcm")), ("ct.dcm", file_bytes("CT_small.dcm")))
    assert in_parts("a.zip", content) == at_once("a.zip", content)
    assert len(orjson.loads(at_once("a.zip", content))["Files"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options", [{"return_format": "gif", "animation": "true"}, {"fields": "PatientName"}, {"frames": "3"}]
)
def test_options(options: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", 2000)
    content = file_bytes("rtdose.dcm")
    assert in_parts("a.dcm", content, **options) == at_once("a.dcm", content, **options)


def test_what_is_refused_at_once_is_refused_by_the_plan() -> None:
    assert in_parts("a.dcm", b"no DICOM") == at_once("a.dcm", b"no DICOM")


@given(st.data())
def test_broken_files(data: st.DataObject) -> None:
    """A file with bytes overwritten anywhere gives the same answer both ways, and no defect."""
    content = bytearray(data.draw(st.sampled_from([file_bytes("emri_small_RLE.dcm"), file_bytes("rtdose.dcm")])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "PART_BYTES", 4000)
        assert in_parts("a.dcm", bytes(content)) == at_once("a.dcm", bytes(content))


@pytest.mark.parametrize("seed", range(60))
def test_broken_archives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)  # noqa: S311
    monkeypatch.setattr(planning, "PART_BYTES", 10_000)
    content = bytearray(zipped(*((f"{n}.dcm", file_bytes("CT_small.dcm")) for n in range(3)), ("notes.txt", b"hello")))
    structure = [place for place in range(len(content) - 4) if content[place : place + 2] == b"PK"]
    for _ in range(random.randint(1, 3)):
        content[min(random.choice(structure) + random.randint(0, 60), len(content) - 1)] = random.randrange(256)
    assert in_parts("a.zip", bytes(content)) == at_once("a.zip", bytes(content))
