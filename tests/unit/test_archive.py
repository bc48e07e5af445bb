"""Zip archives, honest and hostile."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.options import ReadOptions, read_options
from imaging.planning import make_plan
from problems import Invalid, TooLarge
from tests.answers import read
from tests.dicom_files import file_bytes

CT, SR = file_bytes("CT_small.dcm"), file_bytes("reportsi.dcm")


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
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
    # An element of 20 MB, of zeros, before the others.
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
    # All is refused, as the API promises, also beside files that could be read: an answer without what is in the
    # inner archive would look complete.
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
    """The directory says that the member has ten bytes."""
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


@given(st.data())
def test_no_broken_archive_is_a_defect(data: st.DataObject) -> None:
    content = bytearray(zipped(("a.dcm", SR[:2000]), ("b", b"xyz")))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read("a.zip", bytes(content), ReadOptions())
    except Invalid:
        return
