"""Metadata in the form of docs/usage-guide.md: keyword to string."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from imaging.answers.metadata import describe
from imaging.answers.options import ReadOptions, read_options
from imaging.dataset.dicom_file import parse
from problems import Invalid, Problem
from tests.dicom_bytes import element, file_of
from tests.dicom_files import all_files, file_bytes, picture_file
from tests.read_answer import read

PIXELS = np.zeros((4, 8), np.uint8)


def described(**attributes: object) -> dict[str, object]:
    return describe(parse(picture_file(PIXELS, **attributes)), None)


def test_values_look_as_in_the_guide() -> None:
    seen = described(
        NumberOfFrames="1",
        FrameTime="33",
        RWavePointer=[20, 53, 77],
        FrameIncrementPointer=0x00181063,
        PatientName="Rubo DEMO",
        PositionerPrimaryAngle="-32",
        ImageType=["DERIVED", "PRIMARY"],
        PatientID=None,
    )
    assert seen["NumberOfFrames"] == "1"
    assert seen["FrameTime"] == "33"
    assert seen["RWavePointer"] == "[20, 53, 77]"
    assert seen["FrameIncrementPointer"] == "(0018,1063)"
    assert seen["PatientName"] == "Rubo DEMO"
    assert seen["PositionerPrimaryAngle"] == "-32"
    assert seen["ImageType"] == "['DERIVED', 'PRIMARY']"
    assert seen["PatientID"] == ""
    assert seen["PixelData"] == "b'" + "\\x00" * 16 + "....."
    assert "TransferSyntaxUID" not in seen


def test_numbers_of_every_binary_vr() -> None:
    seen = described(
        ReferencePixelX0=-5,
        RecommendedDisplayFrameRateInFloat=1.5,
        ImagePlanePixelSpacing=[0.5, 2.0],
        SelectorUVValue=2**60,
    )
    assert seen["ReferencePixelX0"] == "-5"
    assert seen["RecommendedDisplayFrameRateInFloat"] == "1.5"
    assert seen["ImagePlanePixelSpacing"] == "[0.5, 2.0]"
    assert seen["SelectorUVValue"] == str(2**60)


def test_sequences_are_lists_of_objects() -> None:
    inner, outer = Dataset(), Dataset()
    inner.CodeValue = "T-04000"
    outer.ViewModifierCodeSequence = [inner]
    outer.CodeMeaning = "cranio-caudal"
    seen = described(ViewCodeSequence=[outer], ProcedureCodeSequence=[])
    assert seen["ViewCodeSequence"] == [
        {"CodeMeaning": "cranio-caudal", "ViewModifierCodeSequence": [{"CodeValue": "T-04000"}]}
    ]
    assert seen["ProcedureCodeSequence"] == []


@pytest.mark.parametrize(
    ("name", "patient"),
    [  # the names in pydicom's character set files (PS3.5 H, I, J, K)
        ("chrGerm.dcm", "Äneas^Rüdiger"),
        ("chrRuss.dcm", "Люкceмбypг"),
        ("chrGreek.dcm", "Διονυσιος"),
        ("chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("chrH32.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("chrI2.dcm", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrX1.dcm", "Wang^XiaoDong=王^小東"),
        ("chrX2.dcm", "Wang^XiaoDong=王^小东"),
    ],
)
def test_names_in_their_character_sets(name: str, patient: str) -> None:
    assert describe(parse(file_bytes(name)), None)["PatientName"] == patient


def test_the_character_set_reaches_into_sequences() -> None:
    seen = describe(parse(file_bytes("chrSQEncoding.dcm")), None)
    item = seen["RequestedProcedureCodeSequence"][0]
    assert item["PatientName"] == "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"


def test_private_and_repeated_elements_are_keyed_by_their_tag() -> None:
    seen = describe(parse(file_bytes("CT_small.dcm")), None)
    assert seen["(0009,0010)"] == "GEMS_IDEN_01"
    assert seen["(0009,10E7)"] == "973283917"
    dataset = Dataset()
    dataset.add_new(0x60000010, "US", 5)
    dataset.add_new(0x60020010, "US", 6)
    seen = describe(parse(_with(dataset)), None)
    assert (seen["OverlayRows"], seen["(6002,0010)"]) == ("5", "6")


def _with(dataset: Dataset) -> bytes:
    """A bare data set in Explicit VR Little Endian, as PS3.5 7.1.2 writes it."""
    content = b""
    for found in dataset:
        content += struct.pack("<HH2sHH", found.tag.group, found.tag.element, b"US", 2, found.value)
    return b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + content


def test_fields_limit_and_give_whole_values() -> None:
    content = picture_file(PIXELS, PatientName="A", PatientID="B")
    options = read_options({"fields": "PixelData, PatientID ,StudyDate"})
    answer = read("a.dcm", content, options)
    assert list(answer) == ["PatientID", "PixelData", "ImageFormat", "Images"]
    assert answer["PixelData"] == repr(PIXELS.tobytes())


def test_fields_take_tags() -> None:
    answer = read("a.dcm", file_bytes("CT_small.dcm"), read_options({"fields": "(0009,10e7),Modality"}))
    assert answer["(0009,10E7)"] == "973283917"
    assert answer["Modality"] == "CT"
    assert len(answer) == 4
    assert describe(parse(file_bytes("CT_small.dcm")), frozenset({"(0008,0060)"})) == {"Modality": "CT"}


@pytest.mark.parametrize("fields", ["Patientname", "Foo", "PatientName;StudyDate", "(0009)"])
def test_unknown_fields_are_named(fields: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_options({"fields": fields})
    assert fields in caught.value.fields["fields"]  # type: ignore[index]


def test_a_bad_element_is_named_and_the_others_stay() -> None:
    content = picture_file(PIXELS, PatientID="P", InstanceNumber="1", StudyID="S").replace(
        b"\x20\x00\x13\x00IS\x02\x001 ", b"\x20\x00\x13\x00IS\x02\x00x "
    )
    answer = read("a.dcm", content, ReadOptions())
    assert (answer["PatientID"], answer["InstanceNumber"], answer["StudyID"]) == ("P", "x", "S")
    assert answer["Warnings"] == ["InstanceNumber is not valid for its VR; it is given as it stands in the file."]
    assert len(answer["Images"]) == 1


@pytest.mark.parametrize(
    ("tag", "vr", "value", "text"),
    [
        (0x00280010, "US", b"\1\2\3", "b'\\x01\\x02\\x03'"),
        (0x00280010, "US", b"12 ", "12"),
        (0x00186020, "SL", b"\1\2\3\4\5\6", "b'\\x01\\x02\\x03\\x04\\x05\\x06'"),
        (0x00280009, "AT", b"\x18\0\x63", "b'\\x18\\x00c'"),
        (0x00281052, "DS", b"1\\2,5\\3 ", "1\\2,5\\3"),
        (0x00281052, "DS", b"nan ", "nan"),
        (0x00281052, "DS", b"1_0 ", "1_0"),
        (0x00200013, "IS", b"1.5 ", "1.5"),
    ],
)
def test_values_that_their_vr_forbids_are_given_as_they_stand(tag: int, vr: str, value: bytes, text: str) -> None:
    file = parse(file_of(element(tag, vr, value), element(0x00400001, "AE", b"AE")))
    assert list(describe(file, None).values()) == [text, "AE"]
    assert len(file.warnings) == 1


@pytest.mark.parametrize(
    ("vr", "value", "text"),
    [
        ("AE", b" STORE \\ B ", "['STORE', 'B']"),
        ("AS", b"042Y", "042Y"),
        ("CS", b"A\\\\B ", "['A', '', 'B']"),
        ("DA", b"2004.01.19", "2004.01.19"),
        ("TM", b"9:30 ", "9:30"),
        ("DT", b"20040119072730.5&ZZXX ", "20040119072730.5&ZZXX"),
        ("DS", b" 1.50\\-2e3 ", "[1.50, -2e3]"),
        ("IS", b"+7\\", "[+7, ]"),
        ("IS", b"1.0 ", "1.0"),
        # The VR decides which spaces have no meaning (PS3.5 6.2).
        ("CS", b" A \\B \\ C ", "['A', 'B', 'C']"),
        ("LO", b" a \\ b ", "['a', 'b']"),
        ("SH", b" a\0\\ b ", "['a', 'b']"),
        ("DS", b" 1 \\ 2\r\n", "[1, 2]"),
        ("DA", b" 20040119\\20040120 ", "[' 20040119', '20040120']"),
        ("TM", b"0930 \\10 ", "['0930', '10']"),
        ("UC", b" a \\ b ", "[' a', ' b']"),
        ("PN", b" A^B \\C= D \\ ", "[ A^B, C= D, ]"),
        ("ST", b" a \\ b \r\n ", " a \\ b \r\n"),
        ("UT", b" a\0 ", " a"),
        ("LT", b" a\\b\r\n", " a\\b\r\n"),
        ("UI", b"1.2\\1.3\0", "['1.2', '1.3']"),
        ("UR", b"http://a\\b ", "http://a\\b"),
        ("UC", b"", ""),
        ("PN", b"A^B==", "A^B"),
        ("SV", struct.pack("<q", -(2**63)), str(-(2**63))),
        ("UV", struct.pack("<2Q", 2**64 - 1, 0), f"[{2**64 - 1}, 0]"),
        ("FD", struct.pack("<3d", float("nan"), float("-inf"), 0.1), "[nan, -inf, 0.1]"),
        ("AT", b"\x18\0\x63\x10\xe0\x7f\x10\0", "[(0018,1063), (7FE0,0010)]"),
        ("OB", b"\1\2", "b'\\x01\\x02'"),
        ("OB", b"0123456789abcdef", "b'0123456789abcdef'"),
        ("OB", b"0123456789abcdefg", "b'0123456789abcdef....."),
        ("OV", b"", ""),
        ("UN", bytes(20), "b'" + "\\x00" * 16 + "....."),
    ],
)
def test_every_vr(vr: str, value: bytes, text: str) -> None:
    file = parse(file_of(element(0x00091010, vr, value)))
    assert describe(file, None) == {"(0009,1010)": text}
    assert file.warnings == []


def test_large_values_are_given_whole() -> None:
    table = np.arange(65536, dtype=np.uint16)
    content = file_of(
        element(0x00283006, "OW", table.tobytes()),
        element(0x00283010, "UT", b"x" * 1_000_000),
        element(0x00283110, "UC", b"1\\" * 100_000),
    )
    seen = describe(parse(content), None)
    assert seen["LUTData"] == repr(table.tobytes()[:16])[:-1] + "....."
    assert len(seen["VOILUTSequence"]) == 1_000_000
    assert seen["SoftcopyVOILUTSequence"].count("'1'") == 100_000


def test_a_structured_report_has_no_pictures() -> None:
    answer = read("a.dcm", file_bytes("reportsi.dcm"), ReadOptions())
    assert answer["Images"] == []
    assert answer["Modality"] == "SR"
    assert answer["ContentSequence"][0]["RelationshipType"]


SMALL = [path.read_bytes() for path in all_files() if path.stat().st_size < 10_000]


@given(data=st.data())
def test_no_broken_file_is_a_defect(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
    try:
        answer = read("a.dcm", bytes(content), ReadOptions())
    except Problem:
        return
    assert "Images" in answer


@given(st.binary(max_size=400))
def test_no_bytes_are_a_defect(content: bytes) -> None:
    for prefix in (b"", bytes(128) + b"DICM"):
        try:
            read("a.dcm", prefix + content, ReadOptions())
        except Problem:
            continue
