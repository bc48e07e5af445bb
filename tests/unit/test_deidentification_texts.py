"""Words that no text may keep, and rules that only some files meet."""

import base64
import io

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from imaging.budget import Budget
from imaging.dataset.writing import Rewritten
from imaging.deidentification import deidentify, read_options
from imaging.deidentification.pseudonyms import MAX_DAYS, Pseudonyms
from imaging.deidentification.words import CHUNK, MAX_MASKED, Words
from imaging.pixels.encapsulation import open_file
from tests.dicom_bytes import IMPLICIT, file_of, implicit, item
from tests.dicom_bytes import element as encoded
from tests.dicom_files import picture_file

PIXELS = np.zeros((4, 4), np.uint8)
CLEAN = "clean-descriptors"


def result(content: bytes, options: str = "") -> Rewritten:
    file = open_file(content, Budget(), keep_places=True)
    return deidentify(file, read_options({"key": "k" * 16, "options": options}))


def read(made: Rewritten) -> Dataset:
    return pydicom.dcmread(io.BytesIO(b"".join(made.parts)))


@pytest.mark.parametrize("text", ["smith", "MR SMITH'S", "xSmithx"])
def test_long_words_are_found_anywhere(text: str) -> None:
    assert Words(["Smith"]).are_in(text)


@pytest.mark.parametrize(("text", "found"), [("Ada", True), ("for ADA, 1", True), ("Adam", False), ("canada", False)])
def test_short_words_have_to_stand_alone(text: str, found: bool) -> None:
    assert Words(["Ada"]).are_in(text) is found


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Müller", "MULLER"),
        ("Müller", "mueller"),
        ("Muller", "Müller"),
        ("Weiß", "WEISS"),
        ("Yıldız", "YILDIZ"),
        ("Łukasz", "lukasz"),
        ("Jørgen", "Joergen"),
        ("Mu\u0308ller", "Müller"),
        ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλος"),
    ],
)
def test_words_are_found_without_their_accents(word: str, text: str) -> None:
    assert Words([word]).are_in(f"of {text}.")
    assert Words([word]).masked(f"of {text}.") in ("of ***.", None)


def test_a_word_that_leaves_no_place_takes_the_text_with_it() -> None:
    assert Words(["Muller"]).masked("Müller") is None


@pytest.mark.parametrize("start", range(CHUNK - 8, CHUNK + 3))
def test_words_are_found_where_a_long_text_is_divided(start: int) -> None:
    words = Words(["Featherstone", "Ada"])
    for word in ("featherstone", "ada"):
        text = "." * start + word + "." * 100
        assert words.are_in(text)
        assert words.masked(text) == "." * start + "***" + "." * 100
    assert words.are_in_bytes(b"." * start + b"FEATHERSTONE" + b"." * 100)


@pytest.mark.parametrize("number", [0, 7, 99])
def test_words_that_begin_alike_are_told_apart(number: int) -> None:
    words = Words([*(f"Featherstone{n:02}x" for n in range(100)), "Feather"])
    assert words.masked(f"of featherstone{number:02}X, 1") == "of ***, 1"
    assert Words([f"Featherstone{n:02}x" for n in range(100)]).are_in(f"featherstone{number}00") is False


def test_a_very_long_text_goes_as_a_whole() -> None:
    assert Words(["Smith"]).masked("Smith" + "." * MAX_MASKED) is None


def test_each_kind_of_pseudonym_has_its_own_domain() -> None:
    made = Pseudonyms(b"k" * 16)
    digest = int(made.uid("4711").removeprefix("2.25.")).to_bytes(16)
    assert base64.b32decode(made.code("4711")) != digest[:10]
    assert made.days("4711") != -1 - int.from_bytes(digest[:8]) % MAX_DAYS


def test_names_of_the_patient_come_first() -> None:
    others = [encoded(0x00081050, "PN", "\\".join(f"Phys{n:04}" for n in range(1100)).encode() + b"  ")]
    content = file_of(*others, encoded(0x00080070, "LO", b"for Vandenberg"), encoded(0x00100010, "PN", b"Vandenberg"))
    assert read(result(content)).Manufacturer == "REMOVED"


def test_particles_are_words_of_their_own() -> None:
    made = result(picture_file(PIXELS, PatientName="van der Vandenberg^The", SoftwareVersions="the van"))
    assert read(made).SoftwareVersions == "the van"


def test_the_name_tells_patients_apart_that_have_no_identifier() -> None:
    dates = [
        read(result(picture_file(PIXELS, PatientName=name, StudyDate="20240301"), "retain-modified-dates")).StudyDate
        for name in ("Doe^Jane", "Roe^Jane", "Doe^Jane")
    ]
    assert dates[0] == dates[2] != dates[1]


def test_the_uids_of_the_data_set_are_found_in_texts() -> None:
    uid = "1.2.826.0.1.3680043.8.498.1"
    content = picture_file(PIXELS, StudyInstanceUID=uid, ProtocolName=f"from {uid}", SoftwareVersions=uid)
    assert read(result(content, CLEAN)).ProtocolName == "from ***"
    assert read(result(content, "retain-uids")).SoftwareVersions == uid


def test_uids_of_kinds_stay() -> None:
    loinc, own = "2.16.840.1.113883.6.1", "1.2.840.113619.4.26"
    code = Dataset()
    code.CodingSchemeUID, code.CodeValue = loinc, "1234-5"
    made = read(result(picture_file(PIXELS, SOPClassUID=own, ViewCodeSequence=[code])))
    assert (made.SOPClassUID, made.ViewCodeSequence[0].CodingSchemeUID) == (own, loinc)


def test_time_zones_are_no_texts() -> None:
    content = file_of(encoded(0x00080060, "CS", b"MR"), encoded(0x00080201, "SH", b"Jane's"))
    assert read(result(content, "retain-full-dates")).TimezoneOffsetFromUTC == ""


def test_where_one_option_keeps_what_another_cleans_it_is_cleaned() -> None:
    content = picture_file(PIXELS, DateOfInstallation="20200301")
    options = "retain-device-identity,retain-modified-dates"
    assert read(result(content, "retain-device-identity")).DateOfInstallation == "20200301"
    assert read(result(content, options)).DateOfInstallation not in ("20200301", "")


def test_a_sequence_that_is_newer_than_the_dictionary() -> None:
    """Without a VR nobody can tell that it is one, so that it is removed where it could stay (PS3.5 7.1.3)."""
    inner = implicit(0x00080104, b"cough of Jane ")
    content = file_of(implicit(0x00080060, b"MR"), implicit(0x00081301, item(inner)), syntax=IMPLICIT)
    made = result(content, CLEAN)
    assert [finding["kind"] for finding in made.report["findings"]] == ["unreadable"]
    assert b"cough" not in b"".join(made.parts)


def test_lengths_of_groups_go_without_a_line() -> None:
    made = result(file_of(encoded(0x00080000, "UL", b"\x0a\0\0\0"), encoded(0x00080060, "CS", b"MR")))
    assert 0x00080000 not in read(made)
    assert [line["keyword"] for line in made.report["attributes"]] == ["SOPInstanceUID"]


def test_a_data_set_without_pixels_has_nothing_burned_in() -> None:
    made = result(file_of(encoded(0x00080060, "CS", b"US")))
    assert made.report["findings"] == []


def test_each_attribute_has_one_line() -> None:
    content = picture_file(PIXELS, PatientName="Doe^Jane", StudyDescription="of Jane", PatientID="4711")
    file = open_file(content, Budget(), keep_places=True)
    made = deidentify(file, read_options({"options": CLEAN, "replace": "PatientID=1\nPatientComments=none"}))
    paths = [line["path"] for line in made.report["attributes"]]
    assert len(paths) == len(set(paths))
    assert {"PatientID", "PatientComments", "StudyDescription"} <= set(paths)
