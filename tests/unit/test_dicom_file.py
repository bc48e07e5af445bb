"""Files that are broken in one place: everything else in them can still be read."""

import struct
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.answers.json_model import json_model
from imaging.answers.metadata import describe
from imaging.answers.options import ReadOptions
from imaging.budget import REQUEST, Budget, Spent
from imaging.dataset.dicom_file import parse
from problems import Invalid, Problem
from tests.dicom_bytes import (
    EXPLICIT,
    IMPLICIT,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    element,
    file_of,
    implicit,
    item,
)
from tests.read_answer import read

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")  # warns about files that are broken on purpose

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
        implicit(IMAGES, item(implicit(0x00081155, b"1.2\0"))),  # an element in implicit form among explicit ones
        sequence(item(implicit(0x00081155, b"1.2\0"))),
    ],
)
def test_sequences_of_every_form(content: bytes) -> None:
    assert seen(file_of(CT, content, ID)) == (WHOLE, [])


@pytest.mark.parametrize(
    "content",
    [
        sequence(item(UID), UNDEFINED),  # no sequence delimiter
        sequence(item(UID, 40) + SEQUENCE_END, UNDEFINED),  # an item whose length is too large
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
    private = implicit(0x00190010, b"GEMS_ACQU_01 \0"), implicit(0x00191002, struct.pack("<l", 7))
    described, _ = seen(file_of(implicit(0x00080060, b"CT"), *private, syntax=IMPLICIT))
    assert (described["(0019,0010)"], described["(0019,1002)"]) == ("GEMS_ACQU_01", "7")


def test_what_is_written_as_unknown_has_the_vr_of_the_dictionary() -> None:
    number = implicit(0x00080000, struct.pack("<L", 7))
    assert seen(file_of(number, implicit(0x00080060, b"CT"), syntax=IMPLICIT))[0] == {
        "(0008,0000)": "7",
        "Modality": "CT",
    }
    assert seen(file_of(element(0x00100010, "UN", b"A^B=")))[0] == {"PatientName": "A^B"}


@pytest.mark.parametrize(("representation", "shown"), [(b"\0\0", "65535"), (b"\1\0", "-1")])
def test_the_sign_of_values_is_that_of_the_pixels(representation: bytes, shown: str) -> None:
    # Pixel Representation decides the VR of elements before it and of elements in items, too (PS3.5 A.1).
    before, pixels = implicit(0x00189810, b"\xff\xff"), implicit(0x00280103, representation)
    nested = implicit(0x00400275, item(implicit(0x00280106, b"\xff\xff")))
    described, _ = seen(file_of(implicit(0x00080060, b"CT"), before, pixels, nested, syntax=IMPLICIT))
    assert described["ZeroVelocityPixelValue"] == shown
    assert described["RequestAttributesSequence"] == [{"SmallestImagePixelValue": shown}]


@pytest.mark.parametrize("vr", ["ZZ", "OX"])
def test_a_vr_that_does_not_exist(vr: str) -> None:
    # Unknown VRs have the long form (PS3.5 7.1.2). The short form suggests a VR that was mistyped.
    for strange in (
        struct.pack("<HH2sHL", 0x0010, 0x0010, vr.encode(), 0, 6) + b"A^B\\C ",
        struct.pack("<HH2sH", 0x0010, 0x0010, vr.encode(), 6) + b"A^B\\C ",
    ):
        described, warnings = seen(file_of(CT, strange, ID))
        assert described == {"Modality": "CT", "PatientName": "A^B\\C", "PatientID": "ID"}
        assert warnings == ["PatientName is not valid for its VR; it is given as it stands in the file."]


DASHES = struct.pack("<HH2sH", 0x0010, 0x21B0, b"--", 8) + b"G0000000"
HISTORY = "(0010,21B0) has a VR that does not exist; it was read as the dictionary has it."
SEX = element(0x00400254, "LO", b"after")


@pytest.mark.parametrize("vr", [b"--", b"??", b"  ", b"\0\0", b"lt", b"L1", b"\xff\xff"])
@pytest.mark.parametrize(
    "after", [SEX, b"", bytes(6), element(0x00290010, "LO", b"AC"), implicit(0x00400254, b"after")]
)
def test_a_vr_that_is_no_letters_is_read_in_the_form_that_leads_on(vr: bytes, after: bytes) -> None:
    head = struct.pack("<HH2s", 0x0010, 0x21B0, vr)
    value = b"G0000000"
    for strange in (head + b"\x08\0" + value, head + b"\0\0\x08\0\0\0" + value):
        described, warnings = seen(file_of(CT, strange, after))
        assert described.pop("AdditionalPatientHistory") == "G0000000"
        assert set(described) <= {"Modality", "PerformedProcedureStepDescription", "(0029,0010)"}
        assert len(described) == 1 + bool(after.strip(b"\0"))
        assert warnings == [HISTORY]


def test_a_vr_that_is_no_letters_where_nothing_leads_on() -> None:
    # In a file that is cut short, letters are taken for a VR, as in DCMTK, and zeros for the implicit form.
    cut = element(0x00400254, "LO", b"after", 99)
    assert seen(file_of(CT, DASHES + cut))[0]["AdditionalPatientHistory"] == "G0000000"
    described, warnings = seen(file_of(CT, implicit(0x001021B0, b"G0000000" + b"?" * 20, 99)))
    assert described["AdditionalPatientHistory"].startswith("G0000000?")
    assert warnings == ["The file ends within the value of (0010,21B0)."]


@pytest.mark.parametrize("before", [b"", CT])
@pytest.mark.parametrize("length", [None, UNDEFINED])
def test_a_vr_that_is_no_letters_in_an_item(before: bytes, length: int | None) -> None:
    end = ITEM_END if length == UNDEFINED else b""
    described, warnings = seen(file_of(CT, sequence(item(before + DASHES + SEX + end, length)), ID))
    (inner,) = described["ReferencedImageSequence"]
    assert inner["AdditionalPatientHistory"] == "G0000000"
    assert inner["PerformedProcedureStepDescription"] == "after"
    assert (described["PatientID"], warnings) == ("ID", [HISTORY])


def test_a_vr_that_is_no_letters_at_the_beginning() -> None:
    first = struct.pack("<HH2sH", 0x0008, 0x0060, b"--", 2) + b"CT"
    assert seen(file_of(first, ID)) == (
        {"Modality": "CT", "PatientID": "ID"},
        ["(0008,0060) has a VR that does not exist; it was read as the dictionary has it."],
    )


def test_a_vr_that_is_no_letters_where_the_implicit_form_leads_nowhere() -> None:
    # As implicit VR it has a value of eight bytes and no element after it. As explicit VR it is empty.
    strange = struct.pack("<HH2sH", 0x0010, 0x21B0, b"\x08\0", 0) + element(0x00104000, "LT")
    for after in (CT, struct.pack("<HH2sH", 0x0040, 0x0254, b"--", 6) + b"after "):
        described, _ = seen(file_of(strange, after))
        assert len(described) == 3
        assert (described["AdditionalPatientHistory"], described["PatientComments"]) == ("", "")


def test_a_vr_that_does_not_exist_in_a_file_cut_short() -> None:
    described, _ = seen(file_of(CT, struct.pack("<HH2sHL", 0x0010, 0x0010, b"ZZ", 0, 60) + b"A^B"))
    assert described == {"Modality": "CT", "PatientName": "A^B"}
    described, warnings = seen(file_of(CT, struct.pack("<HH2sH", 0x0010, 0x21B0, b"--", 60) + b"G0000000"))
    assert described == {"Modality": "CT", "AdditionalPatientHistory": "G0000000"}
    assert HISTORY in warnings


def test_an_implicit_data_set_has_no_vrs_however_its_lengths_look() -> None:
    described, warnings = seen(file_of(implicit(0x00080060, b"CT", 0x2D2D), syntax=IMPLICIT))
    assert (described, warnings) == ({"Modality": "CT"}, ["The file ends within the value of (0008,0060)."])
    like_cs = b"x" * int.from_bytes(b"CS", "little")
    content = file_of(sequence(item(implicit(0x00080060, b"CT") + implicit(0x00104000, like_cs))), ID)
    (inner,) = seen(content)[0]["ReferencedImageSequence"]
    assert (inner["Modality"], len(inner["PatientComments"])) == ("CT", len(like_cs))


def test_an_empty_element_of_a_vr_that_does_not_exist() -> None:
    # Both forms are possible. The one with an element after it is chosen.
    for empty in (struct.pack("<HH2sH", 0x0010, 0x0010, b"ZZ", 0), struct.pack("<HH2sHL", 0x0010, 0x0010, b"ZZ", 0, 0)):
        assert seen(file_of(CT, empty, ID))[0] == {"Modality": "CT", "PatientName": "", "PatientID": "ID"}


SOP_CLASS = 0x00000002
COMMANDS = [(SOP_CLASS, "UI", b"1.2\0"), (0x00000100, "US", b"\1\0"), (0x00000800, "US", b"\1\0")]
TOLD = "The file begins with commands, which belong to messages (PS3.7 6.3); they are given with its data set."


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("group_length", [True, False])
def test_commands_before_the_data_set(syntax: str, explicit: bool, group_length: bool) -> None:
    commands = [(0x00000000, "UL", b"\x20\0\0\0")] * group_length + COMMANDS
    group = [element(*command) if explicit else implicit(command[0], command[2]) for command in commands]
    data_set = [CT, ID] if syntax == EXPLICIT else [implicit(0x00080060, b"CT"), implicit(0x00100020, b"ID")]
    for content in (file_of(*group, *data_set, syntax=syntax), b"".join(group + data_set)):
        described, warnings = seen(content)
        described.pop("CommandGroupLength", None)
        assert described == {
            "AffectedSOPClassUID": "1.2",
            "CommandField": "1",
            "CommandDataSetType": "1",
            "Modality": "CT",
            "PatientID": "ID",
        }
        assert TOLD in warnings


def test_commands_alone() -> None:
    assert seen(file_of(element(*COMMANDS[0]))) == ({"AffectedSOPClassUID": "1.2"}, [TOLD])


@pytest.mark.parametrize(
    "no_commands",
    [
        bytes(800),
        element(SOP_CLASS, "UI", b"1.2\0") * 2 + CT,  # out of order
        element(0x00000003, "UI", b"1.2\0") + element(SOP_CLASS, "UI", b"1.2\0") + CT,
        element(0x00000004, "UI", b"1.2\0") + CT,  # no command element
        element(SOP_CLASS, "UI", b"1.2\0", 100),  # beyond the end
    ],
)
def test_what_is_no_group_of_commands(no_commands: bytes) -> None:
    described, warnings = seen(file_of(no_commands))
    assert described == {}
    assert TOLD not in warnings


def test_group_0000_behind_the_data_set_ends_it() -> None:
    described, warnings = seen(file_of(CT, element(*COMMANDS[0])))
    assert (described, warnings) == ({"Modality": "CT"}, ["The file can't be read beyond byte 10 of its data set."])


DELIMITERS = {"item": item(b""), "item end": ITEM_END, "sequence end": SEQUENCE_END}


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("stray", DELIMITERS.values(), ids=DELIMITERS)
def test_delimiters_without_a_sequence_are_left_out_and_told_once(stray: bytes, syntax: str) -> None:
    data_set = [CT, ID] if syntax == EXPLICIT else [implicit(0x00080060, b"CT"), implicit(0x00100020, b"ID")]
    for place in range(3):
        elements = list(data_set)
        elements.insert(place, stray * 2)
        described, warnings = seen(file_of(*elements, syntax=syntax))
        assert described == {"Modality": "CT", "PatientID": "ID"}
        byte = sum(map(len, data_set[:place]))
        assert warnings == [f"A delimiter without a sequence, at byte {byte} of the data set, is left out."]
    assert seen(file_of(*data_set, stray, syntax=syntax))[0] == {"Modality": "CT", "PatientID": "ID"}


def test_a_data_set_within_an_item_is_read() -> None:
    described, warnings = seen(file_of(item(CT + ID + ITEM_END, UNDEFINED) + SEQUENCE_END))
    assert described == {"Modality": "CT", "PatientID": "ID"}
    assert len(warnings) == 1


def test_a_delimiter_after_the_pixel_data_is_no_element() -> None:
    for stray in DELIMITERS.values():
        file = parse(file_of(CT, element(0x7FE00010, "OB", b"\1\2"), stray))
        assert list(describe(file, None)) == ["Modality", "PixelData"]


PIXEL_DATA = element(0x7FE00010, "OB", b"", UNDEFINED)
TRAILING = element(0xFFFCFFFC, "OB", b"\0\0")


@pytest.mark.parametrize(
    ("fragments", "value", "warnings"),
    [
        (item(b"") + item(b"ab") + SEQUENCE_END, 18, []),
        (item(b"") + item(b"abc") + b"\0" + SEQUENCE_END, 20, []),
        (item(b"") + item(b"abc") + SEQUENCE_END, 19, []),
        (item(b"") + item(b"ab"), 18, ["The fragments of the pixel data have no end marker."]),
        (
            item(b"") + item(b"ab") + SEQUENCE_END + item(b"cd") + SEQUENCE_END,
            36,
            ["The fragments of the pixel data go on after their end marker."],
        ),
        (
            item(b"") + item(b"ab") + b"\0\0\0\0 and more" + SEQUENCE_END,
            18,
            ["The fragments of the pixel data have no end marker."],
        ),
    ],
)
def test_fragments_and_the_element_after_them(fragments: bytes, value: int, warnings: list[str]) -> None:
    file = parse(file_of(CT, PIXEL_DATA + fragments, TRAILING, syntax="1.2.840.10008.1.2.4.50"))
    assert file.pixels is not None
    assert len(file.pixels.value) == value
    assert list(describe(file, None)) == ["Modality", "PixelData", "DataSetTrailingPadding"]
    assert file.warnings == warnings


@pytest.mark.parametrize("group", [0x0009, 0x0012])
def test_bare_files_begin_with_a_low_and_even_group(group: int) -> None:
    with pytest.raises(Invalid):
        parse(element(group << 16 | 0x10, "LO", b"AC") + ID)


def test_a_broken_sequence_in_implicit_vr_before_zeros() -> None:
    # Zeros where a sequence breaks off are no element. The next one follows the sequence's end marker.
    nested = implicit(IMAGES, item(implicit(0x00081155, b"1.2\0")) + bytes(24) + SEQUENCE_END, UNDEFINED)
    content = file_of(implicit(0x00080060, b"CT"), nested, implicit(0x00100020, b"ID"), syntax=IMPLICIT)
    described, warnings = seen(content)
    assert described == WHOLE
    assert warnings == ["The items of (0008,1140) do not end as they should; those before are given."]


def test_an_implicit_sequence_without_an_end_marker_costs_no_element_after_it() -> None:
    broken = implicit(IMAGES, item(implicit(0x00081155, b"1.2\0")), UNDEFINED)
    whole = implicit(0x00400275, item(implicit(0x00100020, b"ID")) + SEQUENCE_END, UNDEFINED)
    content = file_of(implicit(0x00080060, b"CT"), broken, implicit(0x00100020, b"ID"), whole, syntax=IMPLICIT)
    described, _ = seen(content)
    assert described == {**WHOLE, "RequestAttributesSequence": [{"PatientID": "ID"}]}


def test_what_is_after_the_end_marker_of_a_sequence_of_given_length() -> None:
    assert seen(file_of(CT, sequence(item(UID) + SEQUENCE_END + bytes(12)), ID)) == (WHOLE, [])


def test_zeros_in_an_item_cost_no_item_after_it() -> None:
    described, _ = seen(file_of(CT, sequence(item(UID + bytes(8)) + item(UID)), ID))
    assert [inner["ReferencedSOPInstanceUID"] for inner in described["ReferencedImageSequence"]] == ["1.2", "1.2"]


def test_fragments_of_another_element_than_the_pixel_data() -> None:
    # Only elements with another VR in the dictionary are known to have no items (PS3.5 6.2.2).
    document = implicit(0x00420011, item(b"") + item(b"ab") + SEQUENCE_END, UNDEFINED)
    described, warnings = seen(file_of(implicit(0x00080060, b"CT"), document, syntax=IMPLICIT))
    assert described["EncapsulatedDocument"].startswith("b'\\xfe\\xff\\x00\\xe0")
    assert warnings == []


def test_an_element_of_undefined_length_without_fragments_costs_none_after_it() -> None:
    later = element(0x00400275, "SQ", item(UID) + SEQUENCE_END, UNDEFINED)
    described, warnings = seen(file_of(element(0x00091010, "OB", b"", UNDEFINED), ID, later))
    assert list(described) == ["(0009,1010)", "PatientID", "RequestAttributesSequence"]
    assert warnings == ["The fragments of the element (0009,1010) have no end marker."]


def test_a_transfer_syntax_padded_with_a_space() -> None:
    assert seen(file_of(CT, ID).replace(EXPLICIT.encode() + b"\0", EXPLICIT.encode() + b" "))[1] == []


def test_a_bare_data_set_may_begin_with_a_sequence_of_undefined_length() -> None:
    content = implicit(IMAGES, item(implicit(0x00081155, b"1.2\0")) + SEQUENCE_END, UNDEFINED)
    assert seen(content)[0] == {"ReferencedImageSequence": [{"ReferencedSOPInstanceUID": "1.2"}]}


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
        (bytes(128) + CT + ID, 2),  # a preamble without DICM and file meta
        (file_of(CT, ID)[132:], 1),  # neither
        (CT + ID, 2),
        (bytes(128) + b"DICM" + CT + ID, 1),  # no file meta
        (file_of(element(0x00020000, "UL", b"\xff\xff\0\0"), CT, ID), 0),  # a group length that is too large
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
    assert orjson.dumps(described).count(b"ReferencedImageSequence") == 64  # orjson refuses deeper ones
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


STRANGE = (
    file_of(*(element(*command) for command in COMMANDS), CT, DASHES, sequence(item(UID), UNDEFINED), ID),
    file_of(CT, sequence(item(DASHES + UID)), SEQUENCE_END, ID, PIXEL_DATA, item(b""), item(b"\xff\xd8\xff\xd9")),
    file_of(
        implicit(0x00080060, b"CT"), implicit(0x00280010, b"\2\0"), implicit(0x7FE00010, bytes(8)), syntax=IMPLICIT
    ),
    element(*COMMANDS[0]) + implicit(IMAGES, item(implicit(0x00081155, b"1.2\0"))) + PIXEL_DATA + item(b"") * 3,
)


@settings(derandomize=True, max_examples=400)
@given(st.sampled_from(STRANGE), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), pieces), max_size=4))
def test_no_mutation_is_a_defect(content: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    for place, length, piece in changes:
        content = content[:place] + piece + content[place + length :]
    try:
        file = parse(content)
    except Problem:
        return
    assert orjson.loads(orjson.dumps([describe(file, None), json_model(file, None)]))
