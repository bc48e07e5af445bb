"""Attributes that are set, removed and renamed by path, and everything else, which stays byte for byte."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.tag import Tag

from imaging.answers.json_model import json_model
from imaging.conversion import OPTIONS, ConvertOptions, convert, read_options
from imaging.conversion.targets import TARGETS
from imaging.dataset.dicom_file import parse
from imaging.dataset.writing import Rewritten
from imaging.pixels.encapsulation import open_file
from problems import Invalid, Problem
from tests.converted import difference
from tests.dicom_bytes import EXPLICIT, SEQUENCE_END, UNDEFINED, element, file_of, item
from tests.dicom_files import all_files, file_bytes, picture_file

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")

LATIN1, UTF8, GREEK, JAPANESE = "ISO_IR 100", "ISO_IR 192", "ISO_IR 126", "\\ISO 2022 IR 87"


def made(content: bytes, **texts: str) -> Rewritten:
    return convert(open_file(content, keep_places=True), read_options(texts))


def dataset(content: bytes, **texts: str) -> Dataset:
    return dcmread(BytesIO(b"".join(made(content, **texts).parts)), force=True)


def refusal(content: bytes, **texts: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        made(content, **texts)
    return refused.value


SERIES = element(0x0020000E, "UI", b"1.2.5\0")
NESTED = file_of(
    element(0x00080005, "CS", b"ISO_IR 100"),
    element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
    element(0x00080018, "UI", b"1.2.3\0"),
    element(0x00081115, "SQ", item(SERIES + element(0x00091001, "LO", b"odd")) + item(SERIES)),
    element(0x00091010, "UN", b"\1\2\3"),
    element(0x00100010, "PN", "Müller^Ä".encode("latin-1")),
    element(0x00100020, "LO", b"odd"),
    element(0x0020000D, "UI", b"1.2.4\0"),
    SERIES,
    element(0x00280103, "US", b"\1\0"),
    element(0x00400275, "SQ", item(element(0x00080005, "CS", b"ISO_IR 126") + element(0x00321060, "LO", b"\xc1\xe2"))),
)


def test_values_are_set_and_removed_by_path() -> None:
    lines = """
        PatientName=Doe^Jane
        ReferencedSeriesSequence[1].SeriesInstanceUID = 1.2.9
        (0010,0040)=F
        ReferencedSeriesSequence[0].(0008,0060)=CT
        WindowCenter=40\\50.5
        PatientComments=a=b
        StudyDate=
        """
    result = made(NESTED, set=lines, remove="(0009,1010),ReferencedSeriesSequence[0].(0009,1001), PatientID")
    seen = dcmread(BytesIO(b"".join(result.parts)))
    first, second = seen.ReferencedSeriesSequence
    assert (str(seen.PatientName), seen.PatientSex, seen.PatientComments) == ("Doe^Jane", "F", "a=b")
    assert list(seen.WindowCenter) == [40, 50.5]
    assert seen["StudyDate"].value == ""
    assert (first.Modality, first.SeriesInstanceUID, second.SeriesInstanceUID) == ("CT", "1.2.5", "1.2.9")
    assert not {Tag(0x00091010), Tag("PatientID")} & set(seen.keys())
    assert Tag(0x00091001) not in first
    actions = {line["path"]: line["action"] for line in result.report["edits"]}
    assert actions["PatientName"] == "changed"
    assert actions["PatientSex"] == "added"
    assert actions["ReferencedSeriesSequence[0].(0009,1001)"] == "removed"
    assert "Jane" not in json.dumps(result.report)


def test_json_has_what_lines_have_no_place_for() -> None:
    settings = {
        "PatientComments": "two\r\nlines",
        "ImageType": ["DERIVED", "OTHER"],
        "InstanceNumber": 7,
        "StudyID": None,
    }
    seen = dataset(NESTED, set=json.dumps(settings))
    assert (seen.PatientComments, list(seen.ImageType)) == ("two\r\nlines", ["DERIVED", "OTHER"])
    assert (seen.InstanceNumber, seen.StudyID) == (7, "")


def test_numbers_have_the_sign_of_the_pixels() -> None:
    assert dataset(NESTED, set="PixelPaddingValue=-2000").PixelPaddingValue == -2000
    unsigned = picture_file(np.zeros((2, 2), np.uint16))
    assert dataset(unsigned, set="PixelPaddingValue=40000").PixelPaddingValue == 40000
    assert "from 0 to 65535" in refusal(unsigned, set="PixelPaddingValue=-1").message


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"set": "PatientSex"}, "name=value"),
        ({"set": "PatientNam=A"}, "nearest one is PatientName"),
        ({"set": "PatientName[0]=A"}, "is an item"),
        ({"set": "PatientName PatientID=A"}, "no path to an attribute"),
        ({"set": "ReferencedSeriesSequence.SeriesInstanceUID=1.2"}, "number of an item"),
        ({"set": "ReferencedSeriesSequence[2].SeriesInstanceUID=1.2"}, "has 2 items, numbered from 0"),
        ({"set": "ReferencedStudySequence[0].StudyInstanceUID=1.2"}, "has no ReferencedStudySequence"),
        ({"set": "PatientName[0].PatientID=1.2"}, "PatientName is no sequence"),
        ({"set": "StudyDate=2020"}, "a date written YYYYMMDD"),
        ({"set": "StudyInstanceUID=abc"}, "a UID"),
        ({"set": "ReferencedSeriesSequence=abc"}, "Cannot be given as text"),
        ({"set": "Rows=3"}, "decided by the pixel data"),
        ({"set": "PixelData=3"}, "decided by the pixel data"),
        ({"set": "TransferSyntaxUID=1.2"}, "not an attribute of a data set"),
        ({"set": "(0009,1010)=3"}, "can only be removed"),
        ({"set": "PatientID=1\nPatientID=2"}, "named twice"),
        ({"set": "SpecificCharacterSet=LATIN"}, "none of the character sets"),
        ({"set": "ReferencedSeriesSequence[0].SpecificCharacterSet=ISO_IR 192"}, "converts all text"),
        ({"set": "PatientName=\u03a9"}, "set SpecificCharacterSet to ISO_IR 192 as well"),
        ({"set": "{}x"}, "no valid JSON"),
        ({"set": '{"PatientID": {"a": 1}}'}, "no text, number"),
        ({"set": '{"PatientID": true}'}, "no text, number"),
        ({"set": "{" * 100_000}, "no valid JSON"),
        ({"set": "\n".join(f"ReferencedSeriesSequence[{n}].Modality=CT" for n in range(1001))}, "at most 1000"),
        ({"remove": "PatientSex"}, "has no PatientSex"),
        ({"remove": "SOPInstanceUID"}, "every file has its own"),
        ({"set": "SOPInstanceUID="}, "every file has its own"),
        ({"set": '{"SOPClassUID": null}'}, "every file has its own"),
        ({"set": "SOPClassUID=1.2.840.10008.1.3.10"}, "no file becomes a directory"),
        ({"set": "ReferencedSeriesSequence[0].Modality=CT", "remove": "ReferencedSeriesSequence"}, "another edit"),
        ({"set": "ReferencedSeriesSequence=\nReferencedSeriesSequence[1].Modality=CT"}, "another edit"),
        ({"remove": "PatientID,PatientID"}, "named twice"),
        ({"remove": "BitsStored"}, "decided by the pixel data"),
        ({"uids": "other"}, "keep or new"),
        ({"lossy": "yes"}, "true or false"),
        ({"transfer_syntax": "j2k", "lossy": "true"}, "j2k loses nothing"),
        ({"lossy": "true"}, "nothing to compress"),
        ({"transfer_syntax": "j2k", "quality": "5"}, "needs lossy=true"),
        ({"transfer_syntax": "j2k-lossy", "lossy": "true", "quality": "5", "ratio": "3"}, "either quality or ratio"),
        ({"transfer_syntax": "j2k-lossy", "lossy": "true", "quality": "0"}, "from 1 to 100"),
        ({"transfer_syntax": "j2k-lossy", "lossy": "true", "ratio": "1"}, "above 1"),
        ({"set": "PatientID=1", "remove": "PatientID"}, "set and removed"),
        ({}, "Nothing is to be converted"),
    ],
)
def test_what_is_wrong_is_said(texts: dict[str, str], why: str) -> None:
    problem = refusal(NESTED, **texts)
    assert why in " ".join([problem.message, *problem.fields.values()])
    assert set(problem.fields) <= set(OPTIONS)
    assert not texts or problem.fields


@pytest.mark.parametrize(
    ("characters", "name", "content"),
    [
        ("\\ISO 2022 IR 149", "Kim^X=金^희중", b"Kim^X=\x1b$)C\xd1\xd1^\x1b$)C\xc8\xf1\xc1\xdf"),
        ("\\ISO 2022 IR 58", "Wang=王", b"Wang=\x1b$)A\xcd\xf5"),
        ("\\ISO 2022 IR 144", "Люк", b"\x1b-L\xbb\xee\xda"),
        ("\\ISO 2022 IR 87", "Yamada=山田", b"Yamada=\x1b$B;3ED\x1b(B"),
        ("ISO 2022 IR 6\\ISO 2022 IR 87", "山田^太郎", b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
    ],
)
def test_code_extensions_have_escape_sequences(characters: str, name: str, content: bytes) -> None:
    """PS3.5 6.1.2.5.3, and the bytes of its annexes H, I and K. We and pydicom read them."""
    text = picture_file(np.zeros((2, 2), np.uint8), SpecificCharacterSet="ISO_IR 192", PatientName=name)
    for changed in (
        made(NESTED, set=f"SpecificCharacterSet={characters}\nPatientName={name}"),
        made(text, set=f"SpecificCharacterSet={characters}"),
    ):
        file = b"".join(changed.parts)
        assert content in file
        assert json_model(parse(file), None)["00100010"]["Value"][0]["Alphabetic"] == name.partition("=")[0]
        # pydicom does not know the escape sequence of GB 2312.
        assert "58" in characters or dcmread(BytesIO(file)).PatientName == name


def test_several_wrong_fields_are_all_named() -> None:
    with pytest.raises(Invalid) as refused:
        read_options({"transfer_syntax": "x", "quality": "y", "uids": "z"})
    assert set(refused.value.fields) == {"transfer_syntax", "quality", "uids"}


def test_a_directory_is_refused() -> None:
    assert (
        "send the files that it lists"
        in refusal(file_of(element(0x00041220, "SQ", b"")), transfer_syntax="explicit").message
    )


FILES = [path for path in all_files() if path.stat().st_size < 300_000]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_everything_else_stays_byte_for_byte(path: Path) -> None:
    content = path.read_bytes()
    try:
        file = open_file(content, keep_places=True)
        before = bytes(file.body)
        places = [place for place in file.dataset.places if place.tag.group not in (0, 2, 0x0010)]
        kept = {place.tag: before[place.start : place.stop] for place in places}  # the last of several
        parts = convert(file, read_options({"set": "PatientID=new", "remove": ""})).parts
    except Problem:
        return
    after = parse(b"".join(parts), keep_places=True)
    if (file.encoding.implicit, file.little_endian) != (after.encoding.implicit, after.little_endian):
        return  # it was in another encoding than it said
    body = bytes(after.body)
    now = {place.tag: body[place.start : place.stop] for place in after.dataset.places}
    assert {tag: now.get(tag) for tag in kept} == kept
    assert str(after.dataset.PatientID) == "new"


@given(st.binary(max_size=9), st.sampled_from(["UN", "LO", "DS", "UI", "SQ", "??", "OB"]), st.sampled_from([None, 3]))
def test_odd_elements_stay_byte_for_byte(value: bytes, vr: str, length: int | None) -> None:
    odd = element(0x00090010, "LO", b"OWN ") + element(0x00091010, vr, value, length)
    content = file_of(element(0x00080018, "UI", b"1.2\0"), odd, element(0x00200010, "SH", b"1 "))
    try:
        places = [place for place in parse(content, keep_places=True).dataset.places if place.tag == 0x00091010]
        parts = b"".join(made(content, set="PatientID=1").parts)
    except Problem:
        return
    body = bytes(parse(content).body)
    assert all(body[place.start : place.stop] in parts for place in places)


def test_new_uids_are_in_all_references_of_the_file_to_itself() -> None:
    content = file_of(
        element(0x00080018, "UI", b"1.2.3\0"),
        element(0x00081115, "SQ", item(SERIES + element(0x00081155, "UI", b"1.2.3\0")), None),
        element(0x00081140, "SQ", item(element(0x00081155, "UI", b"1.2.7\0")), None),
        element(0x0020000D, "UI", b"1.2.4\0"),
        SERIES,
        element(0x00200052, "UI", b"1.2.6\0"),
        syntax=EXPLICIT,
    )
    result = made(content, uids="new")
    seen = dcmread(BytesIO(b"".join(result.parts)))
    reference = seen.ReferencedSeriesSequence[0]
    assert seen.SOPInstanceUID == reference.ReferencedSOPInstanceUID == result.sop_instance_uid
    assert seen.SeriesInstanceUID == reference.SeriesInstanceUID
    made_uids = [seen.SOPInstanceUID, seen.SeriesInstanceUID, seen.StudyInstanceUID]
    assert len(set(made_uids)) == 3
    assert all(uid.startswith("2.25.") and len(uid) <= 64 for uid in made_uids)
    assert seen.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.7"
    assert seen.FrameOfReferenceUID == "1.2.6"
    assert result.report["edits"][0]["count"] == 5


def test_one_seed_keeps_a_series_together() -> None:
    options = read_options({"uids": "new"})
    files = [file_bytes("CT_small.dcm"), NESTED.replace(b"1.2.3\0", b"1.2.8\0")]
    twice = [convert(open_file(NESTED, keep_places=True), options).sop_instance_uid for _ in range(2)]
    assert twice[0] == twice[1]
    studies = [dcmread(BytesIO(b"".join(convert(open_file(each, keep_places=True), options).parts))) for each in files]
    assert studies[0].StudyInstanceUID != studies[1].StudyInstanceUID
    assert (
        studies[1].StudyInstanceUID
        == dcmread(BytesIO(b"".join(convert(open_file(NESTED, keep_places=True), options).parts))).StudyInstanceUID
    )
    assert convert(open_file(NESTED, keep_places=True), ConvertOptions(new_uids=True)).sop_instance_uid != twice[0]


def test_a_set_uid_stays_when_others_are_new() -> None:
    seen = dataset(NESTED, uids="new", set="StudyInstanceUID=1.2.77")
    assert seen.StudyInstanceUID == "1.2.77"
    assert seen.SeriesInstanceUID.startswith("2.25.")


@pytest.mark.parametrize("target", [UTF8, "GB18030", "ISO_IR 101"])
def test_another_character_set_converts_the_text(target: str) -> None:
    seen = dataset(NESTED, set=f"SpecificCharacterSet={target}\nPatientComments=Ö")
    assert (str(seen.PatientName), seen.PatientComments) == ("Müller^Ä", "Ö")
    assert seen.RequestAttributesSequence[0].RequestedProcedureDescription == "Αβ"  # which has its own
    assert seen.RequestAttributesSequence[0].SpecificCharacterSet == GREEK


def test_nested_text_is_converted_with_the_data_set() -> None:
    nested = element(0x00400275, "SQ", item(element(0x00321060, "LO", "Knöchel".encode("latin-1"))), None)
    content = file_of(element(0x00080005, "CS", LATIN1.encode()), nested)
    result = made(content, set=f"SpecificCharacterSet={UTF8}")
    assert "Knöchel".encode() in b"".join(result.parts)
    assert (
        dcmread(BytesIO(b"".join(result.parts)), force=True).RequestAttributesSequence[0][0x00321060].value == "Knöchel"
    )


@pytest.mark.parametrize(
    "name", [path.name for path in all_files() if path.name.startswith("chr") and "SQ" not in path.name]
)
def test_real_names_are_the_same_in_utf_8_and_back(name: str) -> None:
    content = file_bytes(name)
    own = str(dcmread(BytesIO(content)).SpecificCharacterSet or "")
    there = made(content, set=f"SpecificCharacterSet={UTF8}")
    was, now = (dcmread(BytesIO(each)) for each in (content, b"".join(there.parts)))
    assert str(now.PatientName) == str(was.PatientName)
    assert difference(content, b"".join(there.parts)) == ""
    assert own


def test_text_that_the_new_character_set_lacks_is_named() -> None:
    problem = refusal(NESTED, set=f"SpecificCharacterSet={GREEK}")
    assert "no way to write PatientName: choose ISO_IR 192" in problem.message
    assert "no way to write PatientName" in refusal(NESTED, remove="SpecificCharacterSet").message
    assert "Müller" not in problem.message
    seen = dataset(NESTED, remove="SpecificCharacterSet,PatientName")
    assert "SpecificCharacterSet" not in seen


def test_text_that_the_old_character_set_lacks_is_read_as_what_it_is() -> None:
    content = file_of(element(0x00100010, "PN", "Müller".encode("latin-1")))
    result = made(content, set=f"SpecificCharacterSet={UTF8}")
    assert str(dcmread(BytesIO(b"".join(result.parts)), force=True).PatientName) == "Müller"
    assert any("PatientName had bytes" in warning for warning in result.report["warnings"])
    broken = file_of(element(0x00080005, "CS", UTF8.encode()), element(0x00100010, "PN", b"M\xfcller"))
    assert "the present character set lacks" in refusal(broken, set=f"SpecificCharacterSet={LATIN1}").message
    assert str(dataset(broken, set=f"SpecificCharacterSet={LATIN1}\nPatientName=Müller").PatientName) == "Müller"


def test_edits_go_with_a_new_transfer_syntax() -> None:
    content = file_bytes("MR_small_bigendian.dcm")
    seen = dataset(content, transfer_syntax="htj2k", set="PatientID=7\nPixelSpacing=0.5\\0.25", uids="new")
    assert seen.file_meta.TransferSyntaxUID == TARGETS["htj2k"]
    assert (seen.PatientID, list(seen.PixelSpacing)) == ("7", [0.5, 0.25])


def test_a_sequence_with_broken_items_stays_as_it_is() -> None:
    broken = element(0x00081140, "SQ", item(element(0x00081155, "UI", b"1.2\0"), UNDEFINED) + SEQUENCE_END, UNDEFINED)
    content = file_of(broken, element(0x00100020, "LO", b"1 "))
    assert broken in b"".join(made(content, set="PatientID=2").parts)


paths = st.from_regex(r"[A-Za-z(),0-9\[\].= ]{0,40}", fullmatch=True) | st.text(max_size=30)
values: st.SearchStrategy[Any] = st.text(max_size=20)


@given(st.dictionaries(st.sampled_from(list(OPTIONS)), paths | values, max_size=4))
def test_any_text_is_an_option_or_refused(texts: dict[str, str]) -> None:
    try:
        made(NESTED, **texts)
    except Problem as problem:
        assert set(problem.fields) <= set(OPTIONS)  # noqa: PT017
