"""Files as hospitals have them: broken in one place, and wanted for all others."""

import struct
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.budget import REQUEST, Budget, Spent
from imaging.dicom_file import parse
from imaging.metadata import describe
from imaging.options import ReadOptions
from problems import Invalid, Problem
from tests.answers import read
from tests.dicom_bytes import (
    IMPLICIT,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    element,
    file_of,
    implicit,
    item,
)

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")  # of its own about what is broken on purpose

CT = element(0x00080060, "CS", b"CT")
ID = element(0x00100020, "LO", b"ID")
IMAGES = 0x00081140
UID = element(0x00081155, "UI", b"1.2\0")


def seen(content: bytes) -> tuple[dict[str, Any], list[str]]:
    file = parse(content)
    return describe(file, None), file.warnings


def sequence(content: bytes, length: int | None = None) -> bytes:
    return element(IMAGES, "SQ", content, length)


WHOLE = {"Modality": "CT", "ReferencedImageSequence": [{"ReferencedSOPInstanceUID": "1.2"}], "PatientID": "ID"}


@pytest.mark.parametrize(
    "content",
    [
        sequence(item(UID)),
        sequence(item(UID) + SEQUENCE_END),
        sequence(item(UID + ITEM_END)),
        sequence(item(UID) + SEQUENCE_END, UNDEFINED),
        sequence(item(UID + ITEM_END, UNDEFINED) + SEQUENCE_END, UNDEFINED),
        sequence(item(UID) + ITEM_END + SEQUENCE_END, UNDEFINED),
        sequence(item(UID, UNDEFINED) + SEQUENCE_END, UNDEFINED),  # no item delimiter
        element(IMAGES, "UN", item(implicit(0x00081155, b"1.2\0"))),
        element(IMAGES, "UN", item(implicit(0x00081155, b"1.2\0") + ITEM_END, UNDEFINED) + SEQUENCE_END, UNDEFINED),
        element(IMAGES, "UN", item(UID) + SEQUENCE_END, UNDEFINED),
        implicit(IMAGES, item(implicit(0x00081155, b"1.2\0"))),  # an implicit element among explicit ones
        sequence(item(implicit(0x00081155, b"1.2\0"))),
    ],
)
def test_sequences_of_every_form(content: bytes) -> None:
    assert seen(file_of(CT, content, ID)) == (WHOLE, [])


@pytest.mark.parametrize(
    "content",
    [
        sequence(item(UID), UNDEFINED),  # no sequence delimiter
        sequence(item(UID, 40) + SEQUENCE_END, UNDEFINED),  # an item too long
        sequence(item(UID) + b"junk and more of it"),
        sequence(item(UID) + b"\0\0\0\0junk" + SEQUENCE_END, UNDEFINED),
        sequence(item(UID, 100)),
    ],
)
def test_sequences_that_end_wrongly_are_told_and_cost_nothing_else(content: bytes) -> None:
    described, warnings = seen(file_of(CT, content, ID))
    assert described["Modality"] == "CT"
    assert described["ReferencedImageSequence"][0]["ReferencedSOPInstanceUID"] == "1.2"
    assert "ID" in orjson.dumps(described).decode()
    assert warnings or described == WHOLE


def test_a_value_longer_than_its_item_ends_with_it() -> None:
    described, warnings = seen(file_of(CT, sequence(item(element(0x00081155, "UI", b"1.2\0", 60))), ID))
    assert described == WHOLE
    assert warnings == ["The value of (0008,1155) is longer than the item that holds it."]


def test_a_sequence_in_implicit_vr() -> None:
    nested = implicit(IMAGES, item(implicit(0x00081155, b"1.2\0") + ITEM_END, UNDEFINED) + SEQUENCE_END, UNDEFINED)
    content = file_of(implicit(0x00080060, b"CT"), nested, implicit(0x00100020, b"ID"), syntax=IMPLICIT)
    assert seen(content) == (WHOLE, [])


def test_nested_private_sequences() -> None:
    inner = element(0x00290010, "LO", b"ACME") + element(0x00291002, "SQ", item(ID + ITEM_END, UNDEFINED))
    described, warnings = seen(file_of(element(0x00291001, "UN", item(inner) + SEQUENCE_END, UNDEFINED)))
    assert described == {"(0029,1001)": [{"(0029,0010)": "ACME", "(0029,1002)": [{"PatientID": "ID"}]}]}
    assert warnings == []


def test_a_private_element_has_the_vr_of_its_creators_dictionary() -> None:
    private = implicit(0x00190010, b"GEMS_ACQU_01"), implicit(0x00191002, struct.pack("<l", 7))
    described, _ = seen(file_of(implicit(0x00080060, b"CT"), *private, syntax=IMPLICIT))
    assert described["(0019,1002)"] == "7"


@pytest.mark.parametrize("vr", ["ZZ", "OX"])
def test_a_vr_that_does_not_exist(vr: str) -> None:
    # VRs yet to come have the long form (PS3.5 7.1.2); the short one is what a typing error looks like.
    for strange in (
        struct.pack("<HH2sHL", 0x0010, 0x0010, vr.encode(), 0, 6) + b"A^B\\C ",
        struct.pack("<HH2sH", 0x0010, 0x0010, vr.encode(), 6) + b"A^B\\C ",
    ):
        described, warnings = seen(file_of(CT, strange, ID))
        assert described == {"Modality": "CT", "PatientName": "A^B\\C", "PatientID": "ID"}
        assert warnings == ["PatientName is not valid for its VR; it is given as it stands in the file."]


def test_elements_out_of_order_are_put_in_order() -> None:
    assert list(seen(file_of(ID, CT))[0]) == ["Modality", "PatientID"]


def test_of_an_element_that_occurs_twice_the_last_is_given() -> None:
    described, warnings = seen(file_of(CT, element(0x00080060, "CS", b"MR")))
    assert described == {"Modality": "MR"}
    assert warnings == ["(0008,0060) occurs twice; the last one is given."]


def test_group_lengths_may_be_wrong() -> None:
    length = element(0x00080000, "UL", struct.pack("<L", 99999))
    assert seen(file_of(length, CT, ID)) == ({"(0008,0000)": "99999", "Modality": "CT", "PatientID": "ID"}, [])


@pytest.mark.parametrize("padding", [b"\r\n", b"\0", b"\0" * 1000, b" \r\n\x1a"])
def test_what_transfers_append_is_no_matter(padding: bytes) -> None:
    assert seen(file_of(CT, ID, padding)) == ({"Modality": "CT", "PatientID": "ID"}, [])


def test_a_file_cut_within_a_header_says_so() -> None:
    described, warnings = seen(file_of(CT, ID)[:-7])
    assert described == {"Modality": "CT"}
    assert warnings == ["The file can't be read beyond byte 10 of its data set."]


def test_a_file_cut_within_a_value_gives_what_there_is() -> None:
    described, warnings = seen(file_of(CT, element(0x00100020, "LO", b"IDEN", 40)))
    assert described["PatientID"] == "IDEN"
    assert warnings == ["The file ends within the value of (0010,0020)."]


def test_a_file_cut_within_a_sequence_says_so_once() -> None:
    described, warnings = seen(file_of(CT, sequence(item(element(0x00081155, "UI", b"1.2\0", 60), 100), 200)))
    assert described["ReferencedImageSequence"] == [{"ReferencedSOPInstanceUID": "1.2"}]
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("content", "warnings"),
    [
        (b"DICM" + file_of(CT, ID)[132:], 1),  # no preamble
        (bytes(128) + CT + ID, 2),  # a preamble, but no DICM, and no file meta
        (file_of(CT, ID)[132:], 1),  # neither
        (CT + ID, 2),
        (bytes(128) + b"DICM" + CT + ID, 1),  # no file meta
        (file_of(element(0x00020000, "UL", b"\xff\xff\0\0"), CT, ID), 0),  # a group length that goes too far
    ],
)
def test_files_that_begin_wrongly(content: bytes, warnings: int) -> None:
    described, told = seen(content)
    assert (described, len(told)) == ({"Modality": "CT", "PatientID": "ID"}, warnings)


def nested(depth: int, *, defined: bool) -> bytes:
    content = b""
    for _ in range(depth):
        inner = item(content) if defined else item(content + ITEM_END, UNDEFINED) + SEQUENCE_END
        content = sequence(inner, None if defined else UNDEFINED)
    return content


@pytest.mark.parametrize("defined", [True, False])
def test_sequences_nest_deeply_but_not_without_end(defined: bool) -> None:
    described = read("a.dcm", file_of(CT, nested(64, defined=defined), ID), ReadOptions())
    assert orjson.dumps(described).count(b"ReferencedImageSequence") == 64  # which orjson refuses of deeper ones
    assert described["PatientID"] == "ID"
    with pytest.raises(Invalid, match="64 levels"):
        parse(file_of(CT, nested(65, defined=defined), ID))


@pytest.mark.parametrize("vr", ["SQ", "UN"])
def test_a_nesting_bomb_is_refused(vr: str) -> None:
    with pytest.raises(Invalid, match="64 levels"):
        parse(file_of((element(IMAGES, vr, b"", UNDEFINED) + item(b"", UNDEFINED)) * 200_000))


def test_a_bomb_of_elements_is_refused() -> None:
    few = replace(REQUEST, items=100)
    assert parse(file_of(sequence(item(b"") * 99)), Budget(None, few)).warnings == []
    for content in (sequence(item(b"") * 100), CT * 101):
        with pytest.raises(Spent, match="more than 100 elements"):
            parse(file_of(content), Budget(None, few))


def test_very_many_elements_are_all_given() -> None:
    many = b"".join(element(0x00110000 + number, "US", b"\1\0") for number in range(0x10, 0xFF10))
    assert len(seen(file_of(many))[0]) == 0xFF00


pieces = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([CT, ID, UID, ITEM_END, SEQUENCE_END, sequence(b"", UNDEFINED), item(b"", UNDEFINED)]),
    st.builds(element, st.sampled_from([IMAGES, 0x00100010, 0x7FE00010]), st.sampled_from(["SQ", "UN", "OB", "PN"])),
    st.builds(item, st.binary(max_size=20), st.integers(0, 60)),
    st.builds(sequence, st.binary(max_size=20), st.integers(0, 60)),
)


@given(st.lists(pieces, max_size=30), st.booleans())
def test_no_arrangement_is_a_defect(arrangement: list[bytes], explicit: bool) -> None:
    content = file_of(CT, *arrangement) if explicit else file_of(implicit(IMAGES), *arrangement, syntax=IMPLICIT)
    try:
        answer = read("a.dcm", content, ReadOptions())
    except Problem:
        return
    assert orjson.loads(orjson.dumps(answer))
