"""Zip archives, honest and hostile."""

import io
import struct
import zipfile
from contextlib import suppress

import pytest

from imaging.answers.options import ReadOptions, read_options
from imaging.answers.planning import make_plan
from imaging.dataset import archive
from imaging.dataset.ranges import Ranges
from problems import Invalid, Problem, TooLarge
from tests.attacks import claiming, mutated
from tests.dicom_files import file_bytes
from tests.read_answer import read

CT, SR = file_bytes("CT_small.dcm"), file_bytes("reportsi.dcm")


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return file.getvalue()


def test_one_file_answers_as_that_file_would() -> None:
    alone = read("ct.dcm", CT, ReadOptions())
    assert read("a.zip", zipped(("folder/", b""), ("folder/ct.dcm", CT), (".DS_Store", b"x")), ReadOptions()) == alone
    beside = read("a.ZIP", zipped(("notes.txt", b"hello"), ("ct", CT)), ReadOptions())
    assert beside.pop("Warnings") == ["The archive's member 'notes.txt' is not a DICOM file."]
    assert beside == alone


def test_several_files_are_listed() -> None:
    answer = read(
        "a.zip", zipped(("ct.dcm", CT), ("notes.txt", b"hello"), ("sr", SR)), read_options({"fields": "Modality"})
    )
    assert list(answer) == ["Files"]
    assert [file["FileName"] for file in answer["Files"]] == ["ct.dcm", "notes.txt", "sr"]
    assert [file.get("Modality") for file in answer["Files"]] == ["CT", None, "SR"]
    assert list(answer["Files"][1]) == ["FileName", "Error"]


def test_a_member_that_is_too_large_is_listed_alone() -> None:
    # An element of 20 MB of zeros comes before the others.
    large = (
        bytes(128) + b"DICM" + b"\x08\x00\x01\x00OB\x00\x00" + (20_000_000).to_bytes(4, "little") + bytes(20_000_000)
    )
    answer = read("a.zip", zipped(("ct", CT), ("large", large), ("sr", SR)), read_options({"fields": "Modality"}))
    assert [file.get("Modality") for file in answer["Files"]] == ["CT", None, "SR"]
    assert "bytes besides its pixel data" in answer["Files"][1]["Error"]
    with pytest.raises(TooLarge):
        read("a.zip", zipped(("large", large)), ReadOptions())


@pytest.mark.parametrize("name", ["viewer.zip", "VIEWER.ZIP", "viewer.jar", "viewer.dcm", "viewer"])
def test_an_archive_in_an_archive_is_named_with_what_to_do(name: str) -> None:
    # The whole archive is refused, even with files that could be read: an answer without the files of the
    # inner archive would look complete (docs/usage-guide.md).
    content = zipped(("ct.dcm", CT), (f"folder/{name}", zipped(("sr.dcm", SR))))
    message = f"another one in it, 'folder/{name}': take it out, and send it by itself"
    with pytest.raises(Invalid, match=message):
        read("a.zip", content, ReadOptions())
    with pytest.raises(Invalid, match=message):
        make_plan("a.zip", memoryview(content), ReadOptions())


def encrypted() -> bytes:
    content = bytearray(zipped(("ct.dcm", CT)))
    content[6] |= 1  # the local header's flags, and the central directory's
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying() -> bytes:
    """An archive whose directory gives its member a size of ten bytes."""
    content = bytearray(zipped(("ct.dcm", CT)))
    place = content.index(b"PK\x01\x02")
    struct.pack_into("<L", content, place + 24, 10)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 and then nothing",
        CT,
        zipped(),
        zipped(("notes.txt", b"hello")),
        zipped(("/etc/ct.dcm", CT)),
        zipped(("../ct.dcm", CT)),
        zipped(("a/../../ct.dcm", CT)),
        zipped(("..\\ct.dcm", CT)),
        zipped(("C:\\ct.dcm", CT)),
        zipped(("inner.zip", zipped(("ct.dcm", CT)))),
        zipped(("inner.dcm", zipped(("ct.dcm", CT)))),
        zipped(("bomb.dcm", bytes(100_000_000))),
        encrypted(),
        lying(),
        zipped(("ct.dcm", CT))[:-30],
    ],
)
def test_what_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read("a.zip", content, ReadOptions())


def with_byte(content: bytes, place: int, value: int) -> bytes:
    return content[:place] + bytes([value]) + content[place + 1 :]


def of_method(method: int) -> bytes:
    """An archive whose first member is packed by another method than its second."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("broken.dcm", CT, method)
        opened.writestr("sr.dcm", SR, zipfile.ZIP_DEFLATED)
    return file.getvalue()


GOOD = zipped(("broken.dcm", CT), ("sr.dcm", SR), compression=zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    "content",
    [
        of_method(zipfile.ZIP_LZMA),
        of_method(zipfile.ZIP_BZIP2),
        claiming(of_method(zipfile.ZIP_LZMA), 0xFFFFFFFF),
        with_byte(GOOD, GOOD.index(CT[1000:1100]), 0xFF),  # the checksum is another one
        with_byte(GOOD, 0, 0),  # no local header
        with_byte(zipped(("broken.dcm", CT), ("sr.dcm", SR)), 60, 0xFF),  # no deflated stream
        with_byte(GOOD, GOOD.index(b"PK\x01\x02") + 10, 9),  # deflate64
    ],
)
def test_a_broken_member_does_not_lose_the_others(content: bytes) -> None:
    broken, good = read("a.zip", content, read_options({"fields": "Modality"}))["Files"]
    assert list(broken) == ["FileName", "Error"]
    assert "pack the files again" in broken["Error"]
    assert good["Modality"] == "SR"


def test_a_broken_member_alone_is_refused() -> None:
    with pytest.raises(Invalid, match="pack the files again"):
        read("a.zip", with_byte(zipped(("ct.dcm", CT), compression=zipfile.ZIP_STORED), 5000, 0xAA), ReadOptions())


def test_another_archive_inside_costs_the_whole() -> None:
    with pytest.raises(Invalid, match="another one in it"):
        read("a.zip", zipped(("ct.dcm", CT), ("inner.dcm", zipped(("ct.dcm", CT)))), ReadOptions())


def test_more_files_than_may_be() -> None:
    for members in (5001, 100_000):
        with pytest.raises(Invalid, match="more than 5000 files"):
            read("a.zip", zipped(*((f"{number:060}", b"") for number in range(members))), ReadOptions())


def test_members_are_not_larger_together_than_they_may_be() -> None:
    size = len(CT) + len(SR)
    with archive.opened(Ranges(len(GOOD), [(0, GOOD)]), size) as (_, infos):
        assert len(infos) == 2
    smaller = archive.opened(Ranges(len(GOOD), [(0, GOOD)]), size - 1)
    with pytest.raises(Invalid, match="too large when it is unpacked"), smaller:
        pass


def test_names_that_no_system_has() -> None:
    content = zipped(("a\0b.dcm", CT), ("\r\n.dcm", SR), ("é" * 10_000, SR))
    assert len(read("a.zip", content, read_options({"fields": "Modality"}))["Files"]) == 3
    nameless = GOOD.replace(b"sr.dcm", b"\xff\xfe.dcm"[:6])
    assert len(read("a.zip", nameless, read_options({"fields": "Modality"}))["Files"]) == 2


def test_two_members_of_one_name_and_place() -> None:
    """Directories that list the same bytes more than once."""
    content = zipped(("ct.dcm", CT), ("xt.dcm", b"no DICOM")).replace(b"xt.dcm", b"ct.dcm")
    assert read("a.zip", content, read_options({"fields": "Modality"}))["Modality"] == "CT"
    start, end = GOOD.index(b"PK\x01\x02"), GOOD.index(b"PK\x05\x06")
    entry = GOOD[start : GOOD.index(b"PK\x01\x02", start + 1)]
    tail = bytearray(GOOD[end:])
    struct.pack_into("<HHL", tail, 8, 100, 100, len(entry) * 100)
    overlapping = GOOD[:start] + entry * 100 + bytes(tail)
    assert len(read("a.zip", overlapping, read_options({"fields": "Modality"}))["Files"]) == 100


MUTATED = [
    zipped(("a.dcm", SR[:2000]), ("b.dcm", CT), compression=method)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
]


@pytest.mark.parametrize("seed", range(75))
@pytest.mark.parametrize("content", MUTATED, ids=("stored", "deflated", "LZMA", "bzip2"))
def test_no_broken_archive_is_a_defect(content: bytes, seed: int) -> None:
    with suppress(Problem):
        assert read("a.zip", mutated(content, seed), read_options({"fields": "Modality"}))
