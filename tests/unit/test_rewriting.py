"""Uploads to new DICOM files, at once and in parts."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from imaging.budget import Budget, Spent
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.writing import Rewritten, write_file, written_uid
from imaging.rewriting import direct, parts, result_zip
from imaging.rewriting.operation import DICOM, JSON, ZIP, Operation
from problems import Invalid, Problem
from tests.dicom_files import file_bytes
from tests.unit.test_archive import zipped

CT, SR, MR = (file_bytes(name) for name in ("CT_small.dcm", "reportsi.dcm", "MR_small.dcm"))
STRANGER = ("notes.txt", b"hello")
BROKEN = ("broken.dcm", SR)


def copied(file: DicomFile) -> Rewritten:
    """The file as it was; a structured report is refused."""
    if file.dataset["Modality"].value == "SR":
        raise Invalid("Structured reports are refused.")
    uid = written_uid(file.dataset, 0x00080018)
    return Rewritten(write_file(file), uid, {"length": len(file.body), "warnings": ["one", "two"]})


NAMED = Operation(copied, "copied", keeps_names=True)
NAMELESS = replace(NAMED, keeps_names=False)


class Pieces:
    """A result that is joined in memory."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.content = bytearray()

    @property
    def size(self) -> int:
        return len(self.content)

    def write(self, content: bytes) -> None:
        self.content += content

    def piece(self, number: int, length: int) -> None:
        self.content += self.pieces[number][:length]

    def rest(self, number: int, start: int) -> Iterator[bytes]:
        yield self.pieces[number][start:]


def at_once(name: str, content: bytes, operation: Operation, media_type: str) -> tuple[bytes, str]:
    answer = direct.rewrite(name, content, operation, media_type, Budget())
    return bytes(answer.content), answer.name


def in_parts(name: str, content: bytes, operation: Operation, media_type: str) -> tuple[bytes, str]:
    """The result of pieces that are made in any order, by workers that have only the plan's text."""
    plan = parts.Plan.from_json(parts.make_plan(name, memoryview(content), media_type).to_json())
    pieces, notes = {}, {}
    for number in reversed(range(len(plan.parts))):
        piece = bytearray()
        ranges = [memoryview(content[start:end]) for start, end in plan.parts[number].spans]
        note = parts.work(plan, number, ranges, operation, piece.extend)
        pieces[number], notes[number] = bytes(piece), parts.Note.from_json(orjson.loads(orjson.dumps(note)))
    listed = [notes[number] for number in range(len(plan.parts))]
    result = Pieces([pieces[number] for number in range(len(plan.parts))])
    parts.join(plan, listed, result)
    return bytes(result.content), parts.download_name(plan, listed, operation)


WAYS = pytest.mark.parametrize("way", [at_once, in_parts])


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@WAYS
def test_one_file_is_answered_with_one_file(way: Any) -> None:
    made, name = way("CT of Jane.DCM", CT, NAMED, DICOM)
    assert made[128:132] == b"DICM"
    assert made.endswith(CT[-1000:])
    assert name == "CT of Jane"
    assert way("CT of Jane.DCM", CT, NAMELESS, DICOM) == (made, "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322")
    report, _ = way("", CT, NAMED, JSON)
    assert orjson.loads(report)["warnings"] == ["one", "two"]
    files = opened(way("folder/ct.dcm", CT, NAMED, ZIP)[0])
    assert list(files) == ["ct.dcm", "report.json"]
    assert files["ct.dcm"] == made
    assert list(opened(way("Jane.dcm", CT, NAMELESS, ZIP)[0])) == ["0001.dcm", "report.json"]


@WAYS
@pytest.mark.parametrize("part_bytes", [1, 60_000, 1 << 25])
def test_an_archive_is_answered_with_one(way: Any, part_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", part_bytes)
    content = zipped(("Jane/ct.dcm", CT), STRANGER, ("ü/mr", MR), BROKEN, ("again.dcm", CT))
    archive, name = way("Doe.zip", content, NAMED, ZIP)
    files = opened(archive)
    assert name == "Doe"
    assert list(files) == ["Jane/ct.dcm", "ü/mr", "again.dcm", "report.json"]
    assert files["again.dcm"] == files["Jane/ct.dcm"] == at_once("", CT, NAMED, DICOM)[0]
    assert files["ü/mr"] == at_once("", MR, NAMED, DICOM)[0]
    lines = orjson.loads(files["report.json"])["files"]
    assert [line["member"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["file"] for line in lines] == ["Jane/ct.dcm", "notes.txt", "ü/mr", "broken.dcm", "again.dcm"]
    assert [line.get("length", 0) > 0 for line in lines] == [True, False, True, False, True]
    assert lines[3]["error"] == "Structured reports are refused."
    assert "not a DICOM file" in lines[1]["error"]
    assert way("Doe.zip", content, NAMED, JSON) == (files["report.json"], "Doe")


@WAYS
def test_names_of_what_was_sent_are_nowhere_unless_they_are_kept(way: Any) -> None:
    content = zipped(("Jane/Jane.dcm", CT), ("Jane.txt", b"hello"), ("Jane2.dcm", SR), ("Jane3.dcm", MR))
    archive, name = way("Jane.zip", content, NAMELESS, ZIP)
    files = opened(archive)
    assert list(files) == ["0001.dcm", "0004.dcm", "report.json"]
    assert b"Jane" not in archive + files["report.json"]
    assert name == "copied"
    lines = orjson.loads(files["report.json"])["files"]
    assert [(line["member"], line.get("file")) for line in lines] == [
        (1, "0001.dcm"),
        (2, None),
        (3, None),
        (4, "0004.dcm"),
    ]


@WAYS
def test_one_member_makes_an_archive_too(way: Any) -> None:
    assert list(opened(way("a.zip", zipped(("ct", CT)), NAMED, ZIP)[0])) == ["ct", "report.json"]


@WAYS
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.dcm", SR, "Structured reports"),
        ("a.dcm", b"hello", "not a DICOM file"),
        ("a.zip", zipped(STRANGER, BROKEN, ("notes", b"hello")), "Structured reports"),
        ("a.zip", zipped(STRANGER), "holds no DICOM file"),
        ("a.zip", b"hello", "not a readable zip"),
        ("a.pdf", CT, "no DICOM file"),
    ],
)
def test_what_gives_no_file_is_refused(way: Any, name: str, content: bytes, why: str) -> None:
    with pytest.raises(Problem) as refusal:
        way(name, content, NAMED, ZIP)
    assert why in refusal.value.message


@WAYS
def test_without_time_the_whole_request_ends(way: Any) -> None:
    def late(file: DicomFile) -> Rewritten:
        file.budget.deadline = 0.0
        return copied(file)

    with pytest.raises(Spent):
        way("a.zip", zipped(("a", CT), ("b", CT)), Operation(late, "late", keeps_names=True), ZIP)


def test_what_an_upload_can_be_answered_with() -> None:
    assert direct.media_types("a.dcm", CT) == (DICOM, JSON, ZIP)
    assert direct.media_types("", zipped(("ct", CT))) == (ZIP, JSON)
    with pytest.raises(Invalid) as refusal:
        parts.make_plan("a.zip", memoryview(zipped(("ct", CT))), DICOM)
    assert set(refusal.value.fields) == {"accept"}


@pytest.mark.parametrize("sent", ["..", "a/..", ".dcm", "", "\n.dcm", 'a"b.dcm', "a" * 200, "C:\\x\\..dcm"])
def test_a_name_that_is_none_is_replaced(sent: str) -> None:
    assert NAMED.download_name(sent, "1.2.3") == "1.2.3"


def test_a_member_of_more_than_four_gigabytes_has_long_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    archive, _ = at_once("a.zip", zipped(("a", CT), ("b", MR)), NAMED, ZIP)
    monkeypatch.undo()
    assert set(opened(archive)) == {"a", "b", "report.json"}


def test_a_long_name_that_grows_in_unicode_is_replaced() -> None:
    assert NAMED.member_name("é" * 40_000, 7) == "0007.dcm"
    assert result_zip.REPORT == "report.json"
