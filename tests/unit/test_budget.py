"""What a request may cost: each limit is checked before the work takes time or memory."""

import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from imaging import parallel
from imaging.answers import parts, planning
from imaging.answers.options import ReadOptions, read_options
from imaging.answers.read import read_model, tail
from imaging.budget import LOOK, PART, REQUEST, Budget, Spent
from imaging.dataset.archive import Refused
from imaging.dataset.dicom_file import parse
from imaging.display.rendering import Shot, picture
from imaging.pixels.fragments import split_frames
from imaging.pixels.image_pixel import image_pixel
from problems import TooLarge
from tests.attacks import PICTURES, deflated, fragments, image, zipped
from tests.dicom_bytes import IMPLICIT, element, file_of, implicit, item
from tests.dicom_files import file_bytes, picture_file
from tests.read_answer import read

CT = file_bytes("CT_small.dcm")
FILM = picture_file(np.zeros((2, 2), np.uint8), NumberOfFrames=9, PixelData=bytes(36))
PRIVATE = 0x00091010


def few(**limits: int) -> Budget:
    return Budget(None, replace(REQUEST, **limits))


@pytest.mark.parametrize("what", ["items", "values", "bytes", "characters"])
def test_all_may_be_spent_and_no_more(what: str) -> None:
    for amount in (1, LOOK, 3 * LOOK + 1):
        budget = few(**{what: amount})
        spend: Callable[[int], None] = getattr(budget, f"spend_{what}")
        spend(amount - 1)
        spend(1)
        with pytest.raises(Spent):
            spend(1)


def test_items_one_by_one_are_noticed_soon() -> None:
    budget = few(items=10)
    for _ in range(10):
        budget.spend_item()
    with pytest.raises(Spent):
        budget.spend_item()


def past() -> Budget:
    return Budget(time.monotonic() - 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a film", FILM),
        ("elements", file_of(element(PRIVATE, "SQ", item(b"") * (2 * LOOK)))),
        ("values", file_of(element(PRIVATE, "UC", b"\\" * (2 * LOOK)))),
        ("fragments", file_of(*image(frames=3), fragments(*[b""] * (2 * LOOK)))),
        ("an archive", zipped([("a.dcm", CT), ("b.dcm", CT)])),
    ],
)
def test_after_the_deadline_nothing_is_done(name: str, content: bytes) -> None:
    file_name = "a.zip" if name == "an archive" else "a.dcm"
    with pytest.raises(Spent, match="takes longer"):
        read(file_name, content, ReadOptions(), past())
    plan = planning.make_plan(file_name, memoryview(content), ReadOptions())
    ranges = [memoryview(content)[start:end] for start, end in plan.parts[0].spans]
    with pytest.raises(Spent, match="takes longer"):
        parts.work(plan, 0, ranges, ReadOptions(), bytearray().extend, time.monotonic() - 1)
    with pytest.raises(Spent, match="takes longer"):
        planning.make_plan(file_name, memoryview(content), ReadOptions(), time.monotonic() - 1)


@pytest.mark.parametrize(("what", "amount"), [("items", 1), ("values", LOOK + 1), ("bytes", 1)])
def test_whoever_spends_looks_at_the_clock(what: str, amount: int) -> None:
    with pytest.raises(Spent, match="takes longer"):
        getattr(past(), f"spend_{what}")(amount)


def test_whoever_spends_little_looks_at_it_some_time() -> None:
    budget = past()
    with pytest.raises(Spent, match="takes longer"):
        all(budget.spend_item() is None for _ in range(2 * LOOK))


def test_a_model_ends_at_the_deadline_too() -> None:
    content = file_of(element(PRIVATE, "UC", b"\\" * (2 * LOOK)))
    with pytest.raises(Spent):
        read_model("a.dcm", content, None, past())
    assert read_model("a.dcm", content, None, Budget(time.monotonic() + 60))


@pytest.mark.parametrize(
    ("limits", "content", "options"),
    [
        ({"items": 20}, FILM, {"frames": "1-9"}),
        ({"items": 20}, FILM, {}),
        ({"bytes": 100}, CT, {}),
        ({"characters": 2000}, CT, {}),
        ({"characters": 500}, FILM, {}),
        ({"values": 100}, file_of(element(PRIVATE, "UC", b"\\" * 200)), {}),
        ({"values": 100}, file_of(element(PRIVATE, "FD", bytes(8 * 200))), {}),
        ({"characters": 1000}, file_of(element(PRIVATE, "OB", bytes(300))), {"fields": "(0009,1010)"}),
        ({"characters": 10_000}, FILM, {"return_format": "gif", "animation": "true", "viewport": "50,50"}),
    ],
)
def test_each_limit_ends_a_read(limits: dict[str, int], content: bytes, options: dict[str, str]) -> None:
    with pytest.raises(Spent):
        read("a.dcm", content, read_options(options), few(**limits))


def test_limits_are_of_all_members_together() -> None:
    one = zipped([("a.dcm", CT)])
    ten = zipped((f"{number}.dcm", CT) for number in range(10))
    for limits in ({"items": 1500}, {"bytes": 3 * len(CT)}, {"characters": 60_000}):
        assert read("a.zip", one, ReadOptions(), few(**limits))
        with pytest.raises(Spent):
            read("a.zip", ten, ReadOptions(), few(**limits))


def test_a_deflated_member_takes_what_it_inflates_to() -> None:
    film = deflated([element(0x00080060, "CS", b"CT"), element(0x7FE00010, "OB", bytes(100_000))])
    archive = zipped([("a.dcm", film), ("b.dcm", film)], zipfile.ZIP_STORED)
    with pytest.raises(Spent, match="when it is unpacked"):
        read("a.zip", archive, ReadOptions(), few(bytes=150_000))


def test_the_values_of_a_file_have_a_limit_of_their_own() -> None:
    large = file_of(element(PRIVATE, "OB", bytes(101)))
    with pytest.raises(TooLarge, match="besides its pixel data"):
        parse(large, few(file_bytes=100))
    listed = read("a.zip", zipped([("large.dcm", large), ("ct.dcm", file_of())]), ReadOptions(), few(file_bytes=100))
    assert "Error" in listed["Files"][0]


def test_an_element_of_too_many_values_is_shown_as_its_bytes() -> None:
    answer = read(
        "a.dcm", file_of(element(PRIVATE, "UC", b"\\" * 500_000), element(0x00100020, "LO", b"ID")), ReadOptions()
    )
    assert answer["PatientID"] == "ID"
    (warning,) = answer["Warnings"]
    assert "more than 500000 values" in warning


def test_how_pixels_are_to_be_understood_is_not_said_in_very_many_values() -> None:
    size = [implicit(0x00280010, b"\1\0" * 65_537), implicit(0x00280011, b"\1\0")]
    content = file_of(*size, implicit(0x7FE00010, bytes(2)), syntax=IMPLICIT)
    assert read("a.dcm", content, ReadOptions())["Images"] == []


def test_a_staged_file_may_be_larger() -> None:
    assert all(getattr(PART, name) >= getattr(REQUEST, name) for name in vars(REQUEST))
    assert image_pixel(parse(CT, Budget(None, PART)).dataset).rows == 128


def test_no_more_is_made_ahead_than_a_result_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CORES", 2)
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return number

    for made in parallel.in_order(work, range(50), "tests"):
        assert len(begun) <= made + 1 + 2


def test_the_deadline_is_looked_at_after_each_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(shot: Shot, options: ReadOptions) -> tuple[str, list[str]]:
        shot.file.budget.deadline = 0.0
        return picture(shot, options)

    monkeypatch.setattr("imaging.answers.read.picture", late)
    monkeypatch.setattr("imaging.answers.parts.picture", late)
    with pytest.raises(Spent, match="takes longer"):
        read("a.dcm", FILM, ReadOptions(), Budget())
    plan = planning.make_plan("a.dcm", memoryview(FILM), ReadOptions())
    ranges = [memoryview(FILM)[start:end] for start, end in plan.parts[0].spans]
    with pytest.raises(Spent, match="takes longer"):
        parts.work(plan, 0, ranges, ReadOptions(), bytearray().extend)


def test_a_part_that_is_a_whole_file_has_the_limits_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    content = file_of(element(PRIVATE, "SQ", item(b"") * 100))
    plan = planning.make_plan("a.dcm", memoryview(content), ReadOptions())
    assert plan.parts[0].pixels is None
    monkeypatch.setattr(parts, "PART", replace(PART, items=50))
    with pytest.raises(Spent, match="more than 50 elements"):
        parts.work(plan, 0, [memoryview(content)], ReadOptions(), bytearray().extend)


def test_a_hundred_warnings_are_shown() -> None:
    said = [f"Warning {number}." for number in range(150)]
    answer = orjson.loads(b'{"Images":[' + tail(said))
    assert answer["Warnings"] == [*said[:100], "And 50 more."]


def test_large_members_are_split_into_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_BYTES", 3 * len(CT))
    archive = zipped(((f"{number}.dcm", CT) for number in range(10)), zipfile.ZIP_DEFLATED)
    plan = planning.make_plan("a.zip", memoryview(archive), ReadOptions())
    assert [part.members for part in plan.parts] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]


def test_small_frames_of_many_pixels_are_split_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PART_PIXELS", 4 * 4)
    plan = planning.make_plan("a.dcm", memoryview(FILM), ReadOptions())
    assert [part.frames for part in plan.parts] == [4, 4, 1]


def test_what_was_not_read_behind_the_pixels_is_not_fetched() -> None:
    content: Any = memoryview(bytearray(FILM + bytes(300 << 20)))
    (part,) = planning.make_plan("a.dcm", content, ReadOptions()).parts
    assert part.spans[1][1] < len(content)


def test_fragments_and_streams_are_spent_where_frames_are_split() -> None:
    for value in (item(b"") * 20, item(b"") + item(b"\xff\xd8\xff\xff\xd9" * 20)):
        split_frames(memoryview(value), 20, None, few(items=100))
        with pytest.raises(Spent):
            split_frames(memoryview(value), 20, None, few(items=10))


def test_a_long_directory_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped((f"{number:060}", b"") for number in range(50_000))
    monkeypatch.setattr("imaging.dataset.archive.zipfile.ZipFile", None)
    with pytest.raises(Refused, match="more than 5000 files"):
        read("a.zip", archive, ReadOptions())


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("scans of nothing", "more scans than can be decoded"),
        ("spacing", ""),
        ("a window", ""),
        ("fill bytes", "its header"),
    ],
)
def test_a_hostile_picture_is_shown_or_its_reason_told(name: str, warning: str) -> None:
    (attack,) = (attack for attack in PICTURES if attack.name == name)
    answer = read("a.dcm", attack.make(), read_options(attack.options))
    assert bool(answer["Images"][0]) == (not warning)
    assert warning in "".join(answer.get("Warnings", []))
