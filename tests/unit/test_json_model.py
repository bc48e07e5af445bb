"""The DICOM JSON Model (PS3.18 F.2), compared with what pydicom reads from it."""

import base64
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging.answers.json_model import json_model
from imaging.answers.options import read_options
from imaging.answers.read import read_model
from imaging.dataset.dicom_file import parse
from imaging.dataset.elements import PIXEL_DATA_TAGS
from problems import Invalid
from tests.dicom_bytes import element, file_of, item
from tests.dicom_files import all_files, file_bytes, picture_file

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")  # warns about files that are broken on purpose

# No DICOM file; Number of Frames "1A"; a missing end marker, without which pydicom gives nothing.
NOT_FOR_PYDICOM = {"no_meta.dcm", "badVR.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm"}


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def attribute(vr: str, value: bytes) -> dict[str, Any]:
    """An element's attribute in the model, after a round trip through JSON."""
    model = json_model(parse(file_of(element(0x00091010, vr, value))), None)
    seen: dict[str, Any] = orjson.loads(orjson.dumps(model))
    assert list(seen) == ["00091010"]
    return dict(seen["00091010"])


@pytest.mark.parametrize("path", all_files(), ids=lambda path: path.name)
def test_pydicom_reads_the_same_data_set_from_it(path: Path) -> None:
    if path.name in NOT_FOR_PYDICOM:
        return
    model = orjson.loads(orjson.dumps(json_model(parse(path.read_bytes()), None)))
    dataset = pydicom.dcmread(path, force=True)
    little_endian = dataset.original_encoding[1]
    assert_alike(dataset, Dataset.from_json(model), bool(little_endian), PIXEL_DATA_TAGS)


def assert_alike(expected: Dataset, seen: Dataset, little_endian: bool, left_out: tuple[int, ...] = ()) -> None:
    tags = [tag for tag in list(expected.keys()) if tag.element != 0 and tag not in left_out]
    assert sorted(tags) == list(seen.keys())
    for tag in tags:
        assert expected[tag].VR == seen[tag].VR
        one, other = expected[tag].value, seen[tag].value
        if seen[tag].VR == "SQ":
            assert len(one) == len(other)
            for first, second in zip(one, other, strict=True):
                assert_alike(first, second, little_endian)
        elif seen[tag].VR == "OW" and not little_endian:
            assert one == np.frombuffer(other, "<u2").astype(">u2").tobytes()
        else:
            assert (stripped(one) or None) == (other or None)


def stripped(value: Any) -> Any:
    """pydicom keeps spaces around values that have no meaning (PS3.5 6.2)."""
    if isinstance(value, MultiValue):
        return [stripped(one) for one in value]
    return value.strip(" ") if type(value) is str else value


def test_the_examples_of_the_standard() -> None:
    # A short version of the example in PS3.18 F.4.
    dataset = Dataset()
    dataset.PatientName = "Wang^XiaoDong=王^小東="
    dataset.StudyInstanceUID = "1.2.392.200036.9116"
    dataset.ReferencedPatientSequence = []
    model = json_model(parse(picture_file(np.zeros((1, 1), np.uint8), elements=list(dataset))), None)
    assert model["00100010"]["vr"] == "PN"
    assert model["0020000D"] == {"vr": "UI", "Value": ["1.2.392.200036.9116"]}
    assert model["00081120"] == {"vr": "SQ"}
    assert list(model) == sorted(model)
    assert not [key for key in model if key.startswith("0002")]


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("PN", b"A^B=C=D", [{"Alphabetic": "A^B", "Ideographic": "C", "Phonetic": "D"}]),
        ("PN", b"==D\\", [{"Phonetic": "D"}, None]),
        ("PN", b"A=B=C=D", [{"Alphabetic": "A", "Ideographic": "B", "Phonetic": "C=D"}]),
        ("LO", b"A\\\\B", ["A", None, "B"]),
        ("LT", b"A\\B", ["A\\B"]),
        ("AT", b"\x18\0\x63\x10", ["00181063"]),
        ("IS", b"12\\-7 ", [12, -7]),
        ("IS", b"007", [7]),
        ("IS", b"1.0 ", [1]),
        ("DS", b"999999999999999 ", [999999999999999]),
        ("DS", b"12345678901234567 ", ["12345678901234567"]),
        ("DS", b"0.1\\1e3\\\\+5.", [0.1, 1000.0, None, 5.0]),
        ("DS", b"0.12345678901234567890", ["0.12345678901234567890"]),
        ("DS", b"1e999 ", ["1e999"]),
        ("US", b"\1\0\2\0", [1, 2]),
        ("UV", struct.pack("<2Q", 2**53, 2**64 - 1), [2**53, str(2**64 - 1)]),
        ("SV", struct.pack("<q", -(2**63)), [str(-(2**63))]),
        ("FL", struct.pack("<f", 0.1), [float(np.float32(0.1))]),
        ("FD", struct.pack("<4d", float("nan"), float("inf"), float("-inf"), 1), ["NaN", "Infinity", "-Infinity", 1]),
    ],
)
def test_values(vr: str, value: bytes, expected: list[Any]) -> None:
    assert attribute(vr, value) == {"vr": vr, "Value": expected}


@pytest.mark.parametrize("vr", ["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
def test_binary_is_inline(vr: str) -> None:
    assert attribute(vr, b"\1\2\3\4") == {"vr": vr, "InlineBinary": base64.b64encode(b"\1\2\3\4").decode()}


@pytest.mark.parametrize("vr", ["CS", "DS", "FD", "OB", "PN", "SQ", "UN", "US", "UT"])
def test_what_is_empty_has_no_value(vr: str) -> None:
    assert attribute(vr, b"") == {"vr": vr}


@pytest.mark.parametrize(("vr", "value"), [("LO", b"  "), ("DS", b" "), ("UI", b"\0"), ("PN", b"==")])
def test_an_empty_value_alone_is_none(vr: str, value: bytes) -> None:
    assert attribute(vr, value) == {"vr": vr}


@pytest.mark.parametrize("vr", ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UC", "UI"])
def test_empty_values_among_several_are_null(vr: str) -> None:
    # PS3.18 F.2.5: an empty value is null, also if all of them are.
    assert attribute(vr, b"\\ ") == {"vr": vr, "Value": [None, None]}
    assert attribute(vr, b" \\\\") == {"vr": vr, "Value": [None, None, None]}
    assert attribute(vr, b"1\\ ")["Value"][1] is None


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("DS", b"12@ ", ["12@"]),
        ("DS", b"1\\2,5\\\\3 ", [1, "2,5", None, 3]),
        ("DS", b"1\\NaN ", [1, "NaN"]),
        ("DS", b"1_0 ", ["1_0"]),
        ("DS", "12µ".encode("latin-1"), ["12µ"]),
        ("IS", b"x ", ["x"]),
        ("IS", b"1.5 ", ["1.5"]),
        ("IS", b"1\\0x2", [1, "0x2"]),
    ],
)
def test_numbers_that_are_none_are_given_as_texts_and_told(vr: str, value: bytes, expected: list[Any]) -> None:
    file = parse(file_of(element(0x00091010, vr, value)))
    assert json_model(file, None) == {"00091010": {"vr": vr, "Value": expected}}
    assert file.warnings == ["(0009,1010) is not valid for its VR; it is given as it stands in the file."]


@pytest.mark.parametrize(
    ("vr", "value"),
    [("DA", b"2004.1.1"), ("TM", b"9:30"), ("DT", b"now"), ("UI", b"1.2.x"), ("AS", b"1Y"), ("CS", b"a-b")],
)
def test_other_texts_are_given_as_they_stand(vr: str, value: bytes) -> None:
    assert attribute(vr, value) == {"vr": vr, "Value": [value.decode()]}


@pytest.mark.parametrize(("vr", "value"), [("US", b"\1"), ("AT", b"\1\0\2"), ("ZZ", b"abcd"), ("FD", b"1.5 ")])
def test_what_can_not_be_read_is_unknown_and_told(vr: str, value: bytes) -> None:
    file = parse(file_of(element(0x00091010, vr, value)))
    assert json_model(file, None) == {
        "00091010": {"vr": "UN", "InlineBinary": base64.b64encode(value).decode()},
    }
    assert file.warnings == ["(0009,1010) is not valid for its VR; it is given as it stands in the file."]


def test_the_character_set_is_the_files_and_reaches_into_items() -> None:
    name = element(0x00100010, "PN", "Дюк".encode("iso8859_5"))
    own = element(0x00080005, "CS", b"ISO_IR 192") + element(0x00100010, "PN", "Дюк".encode())
    content = file_of(element(0x00080005, "CS", b"ISO_IR 144"), element(0x00081140, "SQ", item(name) + item(own)))
    model = json_model(parse(content), None)
    assert model["00080005"] == {"vr": "CS", "Value": ["ISO_IR 144"]}  # F.2.2 Note 3
    expected = {"vr": "PN", "Value": [{"Alphabetic": "Дюк"}]}
    assert [item["00100010"] for item in model["00081140"]["Value"]] == [expected, expected]


def test_group_lengths_are_left_out() -> None:
    length = element(0x00080000, "UL", bytes(4))
    nested = element(0x00081140, "SQ", item(length))
    assert json_model(parse(file_of(length, nested)), None) == {"00081140": {"vr": "SQ", "Value": [{}]}}


def test_fields_limit_it_and_pixel_data_comes_only_then() -> None:
    pixels = np.arange(6, dtype=np.uint16).reshape(2, 3)
    file = parse(picture_file(pixels))
    assert "7FE00010" not in json_model(file, None)
    model = json_model(file, read_options({"fields": "PixelData,(0028,0010)"}).fields)
    assert list(model) == ["00280010", "7FE00010"]
    assert base64.b64decode(model["7FE00010"]["InlineBinary"]) == pixels.tobytes()


def test_words_are_little_endian_as_all_else_here() -> None:
    fields = frozenset({"PixelData"})
    big, little = (parse(file_bytes(name)) for name in ("MR_small_bigendian.dcm", "MR_small.dcm"))
    assert json_model(big, fields) == json_model(little, fields)


@pytest.mark.parametrize(("vr", "size"), [("OB", 1), ("OW", 2), ("OF", 4), ("OL", 4), ("OD", 8), ("OV", 8), ("UN", 1)])
def test_words_of_big_endian_values_are_turned_whole(vr: str, size: int) -> None:
    value = bytes(range(17))  # its last byte does not fill a word
    header = struct.pack(">HH2sxxL", 0x0009, 0x1010, vr.encode(), len(value))
    modality = struct.pack(">HH2sH", 0x0008, 0x0060, b"CS", 2) + b"CT"
    model = json_model(parse(file_of(modality, header + value, syntax="1.2.840.10008.1.2.2")), None)
    turned = b"".join(value[start : start + size][::-1] for start in range(0, 16, size)) + value[16:]
    assert base64.b64decode(model["00091010"]["InlineBinary"]) == turned


def test_an_archive_is_an_array_of_its_dicom_files() -> None:
    ct, report = file_bytes("CT_small.dcm"), file_bytes("reportsi.dcm")
    models, warned = read_model("a.zip", zipped(ct=ct, notes=b"hello", sr=report), None)
    assert [model["00080060"]["Value"] for model in models] == [["CT"], ["SR"]]
    assert warned == 1
    assert read_model("ct.dcm", ct, None) == ([models[0]], 0)
    with pytest.raises(Invalid):
        read_model("a.zip", zipped(notes=b"hello"), None)
    with pytest.raises(Invalid):
        read_model("a.txt", ct, None)


VRS = ["AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "OB", "OD", "OF", "OL", "OV", "OW"]
VRS += ["PN", "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV", "??"]


@given(st.lists(st.tuples(st.sampled_from(VRS), st.binary(max_size=24)), max_size=8))
def test_any_values_make_a_valid_model(pairs: list[tuple[str, bytes]]) -> None:
    content = file_of(*(element(0x00091010 + number, *pair) for number, pair in enumerate(pairs)))
    assert_valid(orjson.loads(orjson.dumps(json_model(parse(content), None))))


def assert_valid(model: dict[str, Any]) -> None:
    """Checks the form of an attribute by PS3.18 F.2.2 and Table F.2.3-1."""
    assert list(model) == sorted(model)
    for key, seen in model.items():
        assert key == f"{int(key, 16):08X}"
        vr = seen.pop("vr")
        assert vr in VRS[:-1]
        assert list(seen) in ([], ["Value"], ["InlineBinary"])
        if "InlineBinary" in seen:
            assert vr in ("OB", "OD", "OF", "OL", "OV", "OW", "UN")
            assert base64.b64decode(seen["InlineBinary"], validate=True)
        for value in seen.get("Value", []):
            if vr == "SQ":
                assert_valid(value)
            elif vr == "PN":
                assert value is None or (value and set(value) <= {"Alphabetic", "Ideographic", "Phonetic"})
            elif vr in ("SL", "SS", "UL", "US"):
                assert isinstance(value, int)
            elif vr in ("DS", "IS", "SV", "UV", "FL", "FD"):
                assert value is None or isinstance(value, int | float | str)
            else:
                assert value is None or (isinstance(value, str) and value)
