"""What de-identification does with the attributes of one data set (PS3.15 E)."""

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from imaging.budget import Budget
from imaging.dataset.writing import Rewritten
from imaging.deidentification import deidentify, read_options
from imaging.pixels.encapsulation import open_file
from problems import Invalid
from tests.dicom_bytes import ITEM_END, SEQUENCE_END, UNDEFINED, file_of, implicit, item
from tests.dicom_bytes import element as encoded
from tests.dicom_files import file_bytes, picture_file

KEY = "a key that nobody can guess"
PIXELS = np.arange(64, dtype=np.uint8).reshape(8, 8)
DATES = {"options": "retain-modified-dates"}


def result(content: bytes, **fields: str) -> Rewritten:
    file = open_file(content, Budget(), keep_places=True)
    return deidentify(file, read_options({"key": KEY, **fields}))


def read(made: Rewritten) -> Dataset:
    return pydicom.dcmread(io.BytesIO(b"".join(made.parts)))


def cleaned(content: bytes, **fields: str) -> Dataset:
    return read(result(content, **fields))


def of(*, fields: dict[str, str] | None = None, **attributes: Any) -> Dataset:
    """What becomes of a file with these attributes."""
    return cleaned(picture_file(PIXELS, **attributes), **(fields or {}))


def items(**attributes: Any) -> list[Dataset]:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return [dataset]


def kinds(made: Rewritten) -> list[str]:
    return [finding["kind"] for finding in made.report["findings"]]


def actions(made: Rewritten) -> dict[str, str]:
    return {line["path"]: line["action"] for line in made.report["attributes"]}


# The profile: an attribute of each action of the table.


def test_removed() -> None:
    assert "PatientAddress" not in of(PatientAddress="1 Main Street")


def test_emptied() -> None:
    assert of(PatientBirthDate="19600101").PatientBirthDate == ""


def test_identifiers_become_codes() -> None:
    made = of(PatientID="4711-0815", AccessionNumber="4711-0815", StudyID="", PatientName="Doe^Jane")
    assert made.PatientID == made.AccessionNumber
    assert made.PatientName == f"{made.PatientID}^"
    assert len(made.PatientID) == 16
    assert made.PatientID != "4711-0815"
    assert made.StudyID == ""


def test_dummies_fit_their_vr() -> None:
    made = of(SeriesDate="20240229", SeriesTime="101112", AcquisitionDateTime="20240229101112.5+0100")
    assert (made.SeriesDate, made.SeriesTime, made.AcquisitionDateTime) == ("19000101", "000000", "19000101000000")


def test_several_values_stay_several() -> None:
    made = of(OperatorsName=["Doe^John", "Roe^Richard", "Doe^John"])
    first, second, third = made.OperatorsName
    assert first == third != second


def test_uids() -> None:
    made = of(StudyInstanceUID="1.2.3.4.5.6.7.8.9", FrameOfReferenceUID="1.2.840.10008.1.4.1.1")
    assert made.StudyInstanceUID.startswith("2.25.")
    assert made.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"  # well-known: the Talairach brain atlas (PS3.6 A)
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID != "1.2.3"


def test_references_stay_together() -> None:
    reference = items(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.3")
    made = of(SourceImageSequence=reference, ReferencedStudySequence=reference, ReferencedInstanceSequence=reference)
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == made.SOPInstanceUID
    assert made.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == made.SOPInstanceUID
    assert len(made.ReferencedStudySequence) == 0


def test_the_new_uid_names_the_file() -> None:
    made = result(picture_file(PIXELS))
    assert made.sop_instance_uid == read(made).SOPInstanceUID


@pytest.mark.parametrize("uids", [b"", b"1.2.3\\4.5.6\0", b"Jane"])
@pytest.mark.parametrize("options", ["", "retain-uids"])
def test_a_file_without_a_name_gets_one(uids: bytes, options: str) -> None:
    content = file_of(encoded(0x00080018, "UI", uids), encoded(0x00080060, "CS", b"MR"))
    made, again = (result(content, options=options) for _ in range(2))
    assert re.fullmatch(r"2\.25\.[0-9]+", made.sop_instance_uid)
    assert read(made).SOPInstanceUID == made.sop_instance_uid == again.sop_instance_uid


def test_attributes_that_are_not_in_the_table_stay() -> None:
    made = of(Manufacturer="ACME", SliceThickness="2.5", BodyPartExamined="CHEST", WindowCenter=["40", "400"])
    assert (made.Manufacturer, made.SliceThickness, made.BodyPartExamined) == ("ACME", 2.5, "CHEST")
    assert made.WindowCenter == [40, 400]
    assert made.PixelData == PIXELS.tobytes()


def test_what_no_table_lists() -> None:
    """Dates, names, addresses and UIDs that the standard forgot, and attributes that it does not have."""
    content = file_of(
        encoded(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
        encoded(0x00100033, "LO", b"57 Shevat 5720"),
        encoded(0x00140102, "DA", b"19991231"),
        encoded(0x00140104, "PN", b"Roe^Richard "),
        encoded(0x00181009, "UT", b"a serial number "),
        encoded(0x0018991E, "UI", b"1.2.3.4.5.6\0"),
        encoded(0x00081190, "UR", b"https://pacs.example/1.2.3"),
        encoded(0x00090010, "LO", b"PRIVATE "),
        encoded(0x00091001, "LO", b"a secret"),
        encoded(0x000A0010, "LO", b"no group"),
    )
    made = cleaned(content)
    assert (made.get("SecondaryReviewDate"), made.get("SecondaryReviewerName")) == ("", "")
    assert made.TargetFrameOfReferenceUID.startswith("2.25.")
    assert {element.tag.group for element in made} == {0x0008, 0x0012, 0x0014, 0x0018, 0x0028}
    assert "RetrieveURL" not in made


def test_sequences() -> None:
    code = items(CodeValue="12345", CodingSchemeDesignator="99HOSPITAL", CodeMeaning="Dr. Roe")
    made = of(
        InstitutionCodeSequence=code,
        OperatorIdentificationSequence=items(PersonIdentificationCodeSequence=code),
        VerifyingObserverSequence=items(VerifyingObserverName="Roe^Richard", VerificationDateTime="20240229"),
        ViewCodeSequence=items(CodeValue="R-10206", CodingSchemeDesignator="SRT", CodeMeaning="antero-posterior"),
    )
    assert made.InstitutionCodeSequence[0].CodeMeaning not in ("Dr. Roe", "")
    assert made.InstitutionCodeSequence[0].CodeValue != "12345"
    assert "OperatorIdentificationSequence" not in made
    assert made.VerifyingObserverSequence[0].VerificationDateTime == "19000101000000"
    assert made.ViewCodeSequence[0].CodeMeaning == "antero-posterior"


def report_of(text: str) -> list[Dataset]:
    name = items(CodeValue="121071", CodingSchemeDesignator="DCM", CodeMeaning="Finding")
    return items(RelationshipType="CONTAINS", ValueType="TEXT", ConceptNameCodeSequence=name, TextValue=text)


def test_free_text_of_reports() -> None:
    hidden = of(ContentSequence=report_of("A mass in the left lung of Mrs Doe"))
    assert hidden.ContentSequence[0].TextValue == "REMOVED"
    assert hidden.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning == "Finding"
    shown = of(
        PatientName="Doe^Jane",
        ContentSequence=report_of("A mass in the left lung of Mrs Doe"),
        fields={"options": "clean-structured-content"},
    )
    assert shown.ContentSequence[0].TextValue == "A mass in the left lung of Mrs ***"


def test_graphics() -> None:
    points = items(GraphicData=[1.0, 2.0], GraphicType="POINT")
    text = items(UnformattedTextValue="Jane")
    annotation = items(GraphicObjectSequence=points, TextObjectSequence=text)
    content = picture_file(PIXELS, GraphicAnnotationSequence=annotation)
    made = cleaned(content).GraphicAnnotationSequence[0]
    assert made.GraphicObjectSequence[0].GraphicData == [0, 0]
    assert made.TextObjectSequence[0].UnformattedTextValue == "REMOVED"
    made = cleaned(content, options="clean-graphics").GraphicAnnotationSequence[0]
    assert made.GraphicObjectSequence[0].GraphicData == [1, 2]
    assert made.TextObjectSequence[0].UnformattedTextValue == "REMOVED"


@pytest.mark.parametrize("options", ["", "clean-graphics"])
def test_overlays_and_curves_go(options: str) -> None:
    content = file_of(
        encoded(0x00080060, "CS", b"MR"),
        encoded(0x50000030, "SH", b"cm"),
        encoded(0x50003000, "OW", b"Jane"),
        encoded(0x60020010, "US", b"\1\0"),
        encoded(0x60023000, "OW", b"Jane"),
        encoded(0x60021500, "LO", b"label "),
    )
    made = cleaned(content, options=options)
    assert not [element for element in made if element.tag.group >> 8 in (0x50, 0x60)]


def test_what_has_no_place_in_a_result() -> None:
    """Lengths of groups, icons, signatures, padding, original values, the file meta and the preamble of the file."""
    changed = items(ModifiedAttributesSequence=items(PatientName="Doe^Jane"), ModifyingSystem="RIS")
    content = picture_file(
        PIXELS,
        IconImageSequence=items(PhotometricInterpretation="RGB", Rows=2),
        OriginalAttributesSequence=changed,
        DigitalSignaturesSequence=items(MACIDNumber=1),
        MACParametersSequence=items(MACIDNumber=1),
        EncryptedAttributesSequence=items(EncryptedContent=b"1234"),
        DataSetTrailingPadding=b"1234",
    )
    content = b"A preamble of Jane Doe".ljust(128, b"\0") + content[128:]
    made = result(content)
    assert b"Jane" not in b"".join(made.parts)
    names = {line["keyword"] for line in made.report["attributes"] if line["action"] == "removed"}
    assert names >= {"IconImageSequence", "OriginalAttributesSequence", "DataSetTrailingPadding"}
    assert {element.tag.group for element in read(made)} == {0x0008, 0x0012, 0x0028, 0x7FE0}


def test_an_encapsulated_document_is_replaced() -> None:
    content = file_of(
        encoded(0x00420010, "ST", b"Letter about Jane Doe "),
        encoded(0x00420011, "OB", b"%PDF-1.4 Jane Doe "),
        encoded(0x00420012, "LO", b"application/pdf "),
        encoded(0x00420015, "UL", b"\x12\0\0\0"),
    )
    made = result(content)
    assert kinds(made) == ["encapsulated_document"]
    dataset = read(made)
    assert (dataset.EncapsulatedDocument, dataset.EncapsulatedDocumentLength) == (b"\0\0", 2)
    assert (dataset.DocumentTitle, dataset.MIMETypeOfEncapsulatedDocument) == ("", "application/pdf")


def test_un_that_hides_a_sequence() -> None:
    """The items of UN of undefined length, and of known attributes, are looked through (PS3.5 6.2.2)."""
    inner = implicit(0x00100010, b"Doe^Jane") + implicit(0x00080060, b"MR")
    undefined = encoded(0x00082218, "UN", item(inner) + SEQUENCE_END, UNDEFINED)
    defined = encoded(0x00082228, "UN", item(inner))
    made = cleaned(file_of(undefined, defined))
    for keyword in ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence"):
        assert made[keyword].value[0].Modality == "MR"
        assert made[keyword].value[0].PatientName != "Doe^Jane"


def test_a_sequence_that_says_it_is_something_else() -> None:
    made = result(file_of(encoded(0x00082218, "OB", item(implicit(0x00100010, b"Doe^Jane")))))
    assert kinds(made) == ["unreadable"]
    assert b"Jane" not in b"".join(made.parts)


def test_of_repeated_elements_none_stays() -> None:
    made = result(file_of(*[encoded(0x00080060, "CS", text) for text in (b"JANE", b"MR")]))
    assert b"JANE" not in b"".join(made.parts)
    assert read(made).Modality == "MR"


def test_pictures_within_items_go() -> None:
    inner = encoded(0x00280010, "US", b"\2\0") + encoded(0x7FE00010, "OB", b"Jane")
    made = result(file_of(encoded(0x00081115, "SQ", item(inner))))
    assert b"Jane" not in b"".join(made.parts)


def test_commands_go() -> None:
    made = result(file_of(implicit(0x00000002, b"1.2.840.1000"), encoded(0x00080060, "CS", b"MR")))
    assert b"1.2.840.1000\0" not in b"".join(made.parts)[300:]
    assert 0x00000002 not in read(made)


@pytest.mark.parametrize("path", ["DICOMDIR", "DICOMDIR-nopatient"])
def test_a_directory_is_refused(path: str) -> None:
    content = Path(str(get_testdata_file(path))).read_bytes()
    with pytest.raises(Invalid, match="A DICOMDIR can't be de-identified: send the files"):
        result(content)


# Private attributes.

PRIVATE = file_of(
    encoded(0x00080060, "CS", b"MR"),
    encoded(0x00190010, "LO", b"SIEMENS MR HEADER "),
    encoded(0x00190011, "LO", b"Jane's own"),
    encoded(0x0019100C, "IS", b"1000"),
    encoded(0x00191008, "CS", b"IMAGE NUM "),
    encoded(0x0019110C, "IS", b"2000"),
    encoded(0x00990010, "LO", b"NQHeader"),
    encoded(0x00991002, "UI", b"1.2.3.4.5.6\0"),
    encoded(0x00991005, "LT", b"no signal of Jane Doe "),
    encoded(0x00100010, "PN", b"Doe^Jane"),
)


def test_private_attributes_go() -> None:
    assert not [element for element in cleaned(PRIVATE) if element.tag.is_private]


def test_safe_private_attributes_stay() -> None:
    made = result(PRIVATE, options="retain-safe-private,clean-descriptors")
    dataset = read(made)
    private = {int(element.tag) for element in dataset if element.tag.is_private}
    assert private == {0x00190010, 0x0019100C, 0x00990010, 0x00991002, 0x00991005}
    assert dataset[0x00991002].value.startswith("2.25.")
    assert dataset[0x00991005].value == "no signal of *** ***"
    assert "private_data_kept" in kinds(made)
    assert "Jane" not in json.dumps(made.report)


def test_private_attributes_that_are_kept_by_name() -> None:
    dataset = cleaned(PRIVATE, keep="(0019,1008)")
    assert {int(element.tag) for element in dataset if element.tag.is_private} == {0x00190010, 0x00191008}


# Dates.


@pytest.mark.parametrize(
    ("days", "before", "after"),
    [
        ("-1", "20240301", "20240229"),
        ("-1", "20230301", "20230228"),
        ("1", "20231231", "20240101"),
        ("-366", "20241231", "20231231"),
        ("7", "1999.12.28", "2000.01.04"),
        ("-5", "20240230", ""),
        ("-36525", "00500101", ""),
        ("1", "yesterday", ""),
    ],
)
def test_dates_move(days: str, before: str, after: str) -> None:
    content = file_of(encoded(0x00080020, "DA", before.encode() + b" " * (len(before) % 2)))
    assert cleaned(content, date_shift=days)["StudyDate"].value == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("20240301235959.123456+0100", "20240229235959.123456+0100"),
        ("2024030100", "2024022900"),
        ("202403", "202402"),
        ("2024", "2023"),
        ("20241399", ""),
    ],
)
def test_dates_with_times_move(before: str, after: str) -> None:
    content = file_of(encoded(0x0008002A, "DT", before.encode() + b" " * (len(before) % 2)))
    assert cleaned(content, date_shift="-1")["AcquisitionDateTime"].value == after


def test_all_dates_of_a_patient_move_by_the_same_days() -> None:
    first = of(fields=DATES, PatientID="4711", StudyDate="20240301", AcquisitionDateTime="20240302101112")
    second = of(fields=DATES, PatientID="4711", StudyDate="20240305", PatientName="Doe")
    other = of(fields=DATES, PatientID="4712", StudyDate="20240301")
    days = np.datetime64("2024-03-01") - _day(first.StudyDate)
    assert np.datetime64("2024-03-02") - _day(first.AcquisitionDateTime[:8]) == days
    assert np.datetime64("2024-03-05") - _day(second.StudyDate) == days
    assert first.AcquisitionDateTime[8:] == "101112"
    assert other.StudyDate != first.StudyDate
    assert 1 <= days.astype(int) <= 3650


def _day(text: str) -> np.datetime64:
    return np.datetime64(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def test_times_of_day_stay_with_moved_dates() -> None:
    made = of(fields=DATES, StudyTime="235959.5", SeriesTime="nine", TimezoneOffsetFromUTC="+0100")
    assert (made.StudyTime, made["SeriesTime"].value, made.TimezoneOffsetFromUTC) == ("235959.5", "", "+0100")
    assert made.LongitudinalTemporalInformationModified == "MODIFIED"


def test_full_dates_stay_if_they_are_dates() -> None:
    content = file_of(encoded(0x00080020, "DA", b"20240301"), encoded(0x00080021, "DA", b"Jane Doe"))
    made = cleaned(content, options="retain-full-dates")
    assert (made.StudyDate, made["SeriesDate"].value) == ("20240301", "")
    assert made.LongitudinalTemporalInformationModified == "UNMODIFIED"


# The key.


def test_the_same_key_gives_the_same_result() -> None:
    content = file_bytes("CT_small.dcm")
    assert b"".join(result(content).parts) == b"".join(result(content).parts)


def test_another_key_gives_another_result() -> None:
    content = picture_file(PIXELS, PatientID="4711", StudyDate="20240301")
    first, second = (cleaned(content, key=key * 16, **DATES) for key in "ab")
    for keyword in ("PatientID", "SOPInstanceUID", "StudyDate"):
        assert first[keyword].value != second[keyword].value


def test_without_a_key_each_request_has_its_own() -> None:
    first, second = (read_options({}).key for _ in range(2))
    assert first != second
    assert len(first) >= 16


def test_the_key_is_never_shown() -> None:
    assert KEY not in repr(read_options({"key": KEY}))


def test_a_result_can_be_de_identified_again() -> None:
    once = b"".join(result(file_bytes("CT_small.dcm")).parts)
    twice = cleaned(once)
    assert twice.PatientIdentityRemoved == "YES"
    assert len(twice.DeidentificationMethodCodeSequence) == 1


# Options.

RETAINED = [
    ("Retain UIDs", {"StudyInstanceUID": "1.2.3.4.5"}),
    ("Retain Device Identity", {"DeviceSerialNumber": "12345", "StationName": "CT-1", "DeviceUID": "1.2.3.4.5"}),
    ("Retain Institution Identity", {"InstitutionName": "St. Elsewhere"}),
    ("Retain Patient Characteristics", {"PatientSex": "F", "PatientAge": "063Y", "PatientWeight": 63.5}),
    ("Retain Longitudinal Temporal Information with Full Dates", {"StudyDate": "20240301", "StudyTime": "101112"}),
    ("Clean Descriptors", {"StudyDescription": "CHEST", "ProtocolName": "lung", "RequestedContrastAgent": "none"}),
]


@pytest.mark.parametrize(("option", "attributes"), RETAINED, ids=[option for option, _ in RETAINED])
def test_options_retain(option: str, attributes: dict[str, Any]) -> None:
    basic, retained = (of(fields={"options": options}, **attributes) for options in ("", option))
    for keyword, value in attributes.items():
        assert basic.get(keyword) != value
        assert retained[keyword].value == value
    assert len(retained.DeidentificationMethodCodeSequence) == 2


def test_text_that_stays_has_no_names() -> None:
    content = picture_file(
        PIXELS,
        PatientName="Müller-Lüdenscheidt^Jörg",
        PatientID="4711-0815",
        PatientBirthDate="19600203",
        ReferringPhysicianName="Roe^Richard",
        SpecificCharacterSet="ISO_IR 100",
        StudyDescription="CT of JÖRG MUELLER-LUDENSCHEIDT, born 3.2.1960, for Dr. Roe (4711-0815), nodule",
        SoftwareVersions=["1.0", "patched for Lüdenscheidt"],
        BodyPartExamined="JORG",
    )
    made = result(content, options="clean-descriptors")
    dataset = read(made)
    assert dataset.StudyDescription == "CT of *** ***-***, born ***, for Dr. *** (***), nodule"
    assert dataset.SoftwareVersions == ["1.0", "patched for ***"]
    assert dataset.BodyPartExamined == ""
    paths = {finding.get("path") for finding in made.report["findings"] if finding["kind"] == "own_words"}
    assert paths == {"StudyDescription", "SoftwareVersions", "BodyPartExamined"}
    without = cleaned(content)
    assert without.SoftwareVersions == ["1.0", "REMOVED"]


@pytest.mark.parametrize(
    ("character_set", "name", "text", "left"),
    [
        ("ISO_IR 192", "王^小東=Wang^XiaoDong", "報告 王小東 良好", "報告 *** 良好"),
        ("GB18030", "王^小东", "王小东", "***"),
        ("ISO_IR 144", "Люкceмбypг^Роза", "снимок: ЛЮКCEМБYPГ", "снимок: ***"),
        ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう", "患者 山田 です", "患者 ** です"),
        ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "Hong 길동", "*** **"),
    ],
)
def test_names_are_found_in_their_character_set(character_set: str, name: str, text: str, left: str) -> None:
    sets = character_set.split("\\")
    content = picture_file(
        PIXELS,
        SpecificCharacterSet=sets if len(sets) > 1 else sets[0],
        PatientName=name,
        SeriesDescription=text,
    )
    assert cleaned(content, options="clean-descriptors").SeriesDescription == left


def test_short_words_and_particles_are_not_looked_for() -> None:
    made = of(PatientName="van Li^A", PatientID="12", Manufacturer="Vanilla Lilac A 12")
    assert made.Manufacturer == "Vanilla Lilac A 12"
    made = of(PatientName="Kim^Ada", Manufacturer="Kimono", SoftwareVersions="by kim, 2")
    assert (made.Manufacturer, made.SoftwareVersions) == ("Kimono", "REMOVED")


def test_terms_of_the_standard_are_not_names() -> None:
    made = of(
        PatientName="Brain^Head", BodyPartExamined="HEAD", Manufacturer="Head & Sons", ImageType=["DERIVED", "BRAIN"]
    )
    assert (made.BodyPartExamined, made.Manufacturer) == ("HEAD", "REMOVED")
    assert made.ImageType == ["DERIVED", "BRAIN"]


def test_coordinates_in_reports_stay() -> None:
    content = items(RelationshipType="CONTAINS", ValueType="SCOORD", GraphicType="POINT", GraphicData=[5.0, 7.0])
    assert of(ContentSequence=content).ContentSequence[0].GraphicData == [5, 7]


def test_what_was_wrong_with_the_file_is_in_the_report() -> None:
    made = result(file_of(encoded(0x00080060, "CS", b"MR"), encoded(0x00080060, "CS", b"CT")))
    assert [warning for warning in made.report["warnings"] if "occurs twice" in warning]


def test_identifiers_are_found_in_numbers_and_bytes() -> None:
    content = picture_file(
        PIXELS,
        PatientID="47110815",
        PatientName="Featherstonehaugh",
        SeriesNumber="47110815",
        ICCProfile=b"made for FEATHERSTONEHAUGH",
        RedPaletteColorLookupTableData="Featherstonehaugh".encode("utf-16-le"),
        GreenPaletteColorLookupTableData=b"..RmVhdGhlcnN0b25laGF1Z2g=",  # in base64
    )
    made = cleaned(content)
    assert made["SeriesNumber"].value in ("", None)
    for keyword in ("ICCProfile", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData"):
        assert not made[keyword].value


def test_text_in_numbers_goes() -> None:
    content = file_of(encoded(0x00200013, "IS", b"Jane"), encoded(0x00180050, "DS", b"2,5 "))
    made = pydicom.dcmread(io.BytesIO(b"".join(result(content).parts)))
    assert made.get_item(0x00200013).value in (b"", None)
    assert made.get_item(0x00180050).value == b"2,5 "


@pytest.mark.parametrize(("written", "left"), [(b"ISO-IR 100", b"ISO-IR 100"), (b"JANE DOE", b"")])
def test_names_of_character_sets_stay_if_they_are_known(written: bytes, left: bytes) -> None:
    made = result(file_of(encoded(0x00080005, "CS", written), encoded(0x00080070, "LO", b"ACME")))
    again = open_file(b"".join(made.parts), Budget())
    assert (again.dataset.get_item(0x00080005).value or b"") == left


def test_very_many_values_are_not_looked_at() -> None:
    content = file_of(encoded(0x00080060, "CS", b"MR"), encoded(0x00189908, "UC", b"\\" * 600_000))
    assert kinds(result(content)) == ["unreadable"]


def test_numbers_stay_as_they_are_written() -> None:
    positions = "\\".join(f"{n}.50" for n in range(3000))
    content = file_of(encoded(0x00100020, "LO", b"123.50"), encoded(0x3006_0050, "DS", positions.encode()))
    again = cleaned(content).get_item(0x30060050).value
    assert again.replace(b"\\\\", b"\\123.50\\").rstrip() == positions.encode()


def test_keep_remove_and_replace() -> None:
    inner = items(PatientID="4711", StudyDescription="inner", Modality="MR")
    made = of(
        StudyDescription="CHEST of Jane",
        Manufacturer="ACME",
        ReferencedSeriesSequence=inner,
        PatientName="Doe^Jane",
        fields={
            "keep": "StudyDescription,(0008,1090)",
            "remove": "Manufacturer, Modality",
            "replace": "PatientID=A;B\nPatientComments = no comment\nLaterality=L",
        },
    )
    assert made.StudyDescription == "CHEST of Jane"
    assert made.ReferencedSeriesSequence[0].StudyDescription == "inner"
    assert made.ReferencedSeriesSequence[0].PatientID == made.PatientID == "A;B"
    assert "Manufacturer" not in made
    assert "Modality" not in made.ReferencedSeriesSequence[0]
    assert (made.PatientComments, made.Laterality) == ("no comment", "L")
    assert made.PatientIdentityRemoved == "NO"
    assert "113100" not in [code.CodeValue for code in made.DeidentificationMethodCodeSequence or ()]


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_replacements_are_in_the_encoding_of_the_file(syntax: str) -> None:
    dataset = pydicom.dcmread(io.BytesIO(picture_file(PIXELS, SpecificCharacterSet="ISO_IR 100")))
    dataset.file_meta.TransferSyntaxUID = syntax
    file = io.BytesIO()
    pydicom.dcmwrite(
        file, dataset, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian
    )
    replace = "\n".join(
        [
            "AcquisitionMatrix=1\\2\\3\\4",
            "SliceThickness=2.5",
            "Manufacturer=Müller",
            "FrameIncrementPointer=(0018,1063)",
        ]
    )
    made = cleaned(file.getvalue(), replace=replace)
    assert made.AcquisitionMatrix == [1, 2, 3, 4]
    assert (made.Manufacturer, made.SliceThickness, made.FrameIncrementPointer) == ("Müller", 2.5, 0x00181063)
    assert made.PixelData == PIXELS.tobytes()


def test_a_replacement_that_the_character_set_can_not_write() -> None:
    with pytest.raises(Invalid, match="can't be written in the file's character set") as wrong:
        of(fields={"replace": "Manufacturer=山田"})
    assert wrong.value.fields.keys() == {"replace"}


@pytest.mark.parametrize(
    ("fields", "names", "why"),
    [
        ({"options": "retain-everything"}, "options", "'retain-everything' is none of its names"),
        ({"options": "Clean Recognizable Visual Features"}, "options", "is none of its names"),
        ({"options": "retain-full-dates,Retain Modified Dates"}, "options", "contradict each other"),
        ({"options": "retain-full-dates", "date_shift": "-5"}, "date_shift", "Dates can't move"),
        ({"date_shift": "0"}, "date_shift", "not 0"),
        ({"date_shift": "1.5"}, "date_shift", "whole number of days"),
        ({"key": "fifteen bytes.."}, "key", "at least 16 bytes"),
        ({"keep": "PatientNam"}, "keep", "The nearest one is PatientName"),
        ({"keep": "(0002,0010)"}, "keep", "not an attribute of a data set"),
        ({"remove": "PixelData"}, "remove", "can't be removed"),
        ({"remove": "PatientID,Rows"}, "remove", "can't be removed"),
        ({"replace": "SOPInstanceUID=1.2.3"}, "replace", "can't be replaced"),
        ({"remove": "PatientID", "replace": "PatientID=5"}, "replace", "only one of"),
        ({"replace": "PatientID"}, "replace", "name=value"),
        ({"replace": '{"PatientID": true}'}, "replace", "no text, number, null"),
        ({"replace": "StudyDate=today"}, "replace", "The value of StudyDate is not valid"),
        ({"replace": "(0009,1001)=a"}, "replace", "can't be replaced"),
        ({"replace": "(0008,0002)=a"}, "replace", "is not in the DICOM dictionary"),
        ({"replace": "ReferencedSeriesSequence=a"}, "replace", "Cannot be given as text"),
    ],
)
def test_wrong_options(fields: dict[str, str], names: str, why: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read_options(fields)
    assert list(wrong.value.fields) == [names]
    assert why in wrong.value.fields[names]


def test_several_wrong_options_are_all_named() -> None:
    with pytest.raises(Invalid, match="options, key") as wrong:
        read_options({"key": "short", "options": "all"})
    assert set(wrong.value.fields) == {"options", "key"}


# What the result says of itself, and the report.


def test_what_the_result_says_of_itself() -> None:
    made = of(fields={"options": "retain-uids,clean-graphics"}, Modality="MR", SOPClassUID="1.2.840.10008.5.1.4.1.1.4")
    assert made.PatientIdentityRemoved == "YES"
    assert made.LongitudinalTemporalInformationModified == "REMOVED"
    codes = [(code.CodeValue, code.CodingSchemeDesignator) for code in made.DeidentificationMethodCodeSequence]
    assert codes == [("113100", "DCM"), ("113103", "DCM"), ("113110", "DCM")]
    assert "Basic Application Confidentiality Profile" in made.DeidentificationMethod


CT = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT"}
DOUBTS = [
    ({}, "burned_in_text"),  # a secondary capture
    ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, "burned_in_text"),
    ({**CT, "Modality": "US"}, "burned_in_text"),
    ({**CT, "BurnedInAnnotation": "YES"}, "burned_in_text"),
    ({**CT, "ConversionType": "WSD"}, "burned_in_text"),
    ({**CT, "SpecimenLabelInImage": "YES"}, "burned_in_text"),
    ({**CT, "ImageType": ["DERIVED", "PRIMARY", "LABEL"]}, "burned_in_text"),
    ({**CT, "ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "burned_in_text"),
    ({**CT, "RecognizableVisualFeatures": "YES"}, "recognizable_features"),
    ({**CT, "PatientName": "\\".join(f"Person{n:04}" for n in range(1100))}, "too_many_names"),
]


@pytest.mark.parametrize(("attributes", "kind"), DOUBTS)
def test_a_file_that_may_still_show_its_patient(attributes: dict[str, Any], kind: str) -> None:
    made = result(picture_file(PIXELS, **attributes))
    assert kinds(made) == [kind]
    assert read(made).PatientIdentityRemoved == "NO"


def test_colours_where_none_should_be() -> None:
    made = result(picture_file(np.zeros((8, 8, 3), np.uint8), **CT))
    assert kinds(made) == ["burned_in_text"]


@pytest.mark.parametrize("attributes", [CT, {"BurnedInAnnotation": "NO"}])
def test_a_file_in_which_nothing_is_burned(attributes: dict[str, Any]) -> None:
    made = result(picture_file(PIXELS, **attributes))
    assert kinds(made) == []
    assert read(made).PatientIdentityRemoved == "YES"


def test_a_head_has_a_face() -> None:
    made = result(picture_file(PIXELS, **CT, BodyPartExamined="HEAD"))
    assert kinds(made) == ["recognizable_features"]
    assert read(made).PatientIdentityRemoved == "YES"


def test_an_overlay_beside_the_pixels() -> None:
    made = result(file_bytes("MR-SIEMENS-DICOM-WithOverlays.dcm"))
    assert "embedded_overlay" not in kinds(made)


def test_blanked_pixels() -> None:
    made = result(picture_file(PIXELS + 1), options="clean-pixel-data", regions="0,0,8,8")
    assert kinds(made) == []
    dataset = read(made)
    assert len(set(dataset.PixelData)) == 1
    assert dataset.PatientIdentityRemoved == "YES"
    assert "113101" in [code.CodeValue for code in dataset.DeidentificationMethodCodeSequence]


def test_clean_pixel_data_is_not_claimed_in_vain() -> None:
    made = result(picture_file(PIXELS, **CT), options="clean-pixel-data")
    assert kinds(made) == ["pixels_not_cleaned"]
    assert "113101" not in [code.CodeValue for code in read(made).DeidentificationMethodCodeSequence]


def test_the_report() -> None:
    series = items(SeriesInstanceUID="1.2.3.4.5.6")
    made = result(
        picture_file(PIXELS, **CT, ReferencedSeriesSequence=series, StudyDate="20240301", PatientAge="063Y"),
        options="retain-patient-characteristics",
    )
    assert made.report["options"] == ["retain-patient-characteristics"]
    assert {
        "path": "ReferencedSeriesSequence[0].SeriesInstanceUID",
        "tag": "(0020,000E)",
        "keyword": "SeriesInstanceUID",
        "action": "replaced",
        "clause": "PS3.15 Table E.1-1",
    } in made.report["attributes"]
    done = actions(made)
    assert (done["StudyDate"], done["PatientAge"]) == ("emptied", "kept")
    assert json.loads(json.dumps(made.report)) == made.report


def test_the_report_of_many_items_is_short() -> None:
    frames = [items(FrameContentSequence=items(FrameAcquisitionDateTime="20240301"))[0] for _ in range(5000)]
    made = result(picture_file(PIXELS, **CT, PerFrameFunctionalGroupsSequence=frames))
    lines = made.report["attributes"]
    assert len(lines) < 2100
    path = "PerFrameFunctionalGroupsSequence[*].FrameContentSequence[*].FrameAcquisitionDateTime"
    counts = [line["count"] for line in lines if line["path"] == path]
    singles = [line for line in lines if line["path"].endswith("].FrameAcquisitionDateTime") and "count" not in line]
    assert sum(counts) + len(singles) == 5000


def test_the_report_of_deep_sequences_is_short() -> None:
    content = encoded(0x00081115, "SQ", item(encoded(0x00080020, "DA", b"20240301")) * 3000, UNDEFINED) + SEQUENCE_END
    for _ in range(60):
        content = encoded(0x00081115, "SQ", item(content, UNDEFINED) + ITEM_END + SEQUENCE_END, UNDEFINED)
    made = result(file_of(encoded(0x00080060, "CS", b"MR"), content))
    assert len(json.dumps(made.report)) < 3_000_000
    counts = [line["count"] for line in made.report["attributes"] if "count" in line]
    assert len(made.report["attributes"]) - len(counts) + sum(counts) == 3001  # with the new SOPInstanceUID


def test_the_report_never_has_a_value() -> None:
    content = file_bytes("CT_small.dcm")
    made = result(content, options="retain-device-identity,retain-institution-identity,clean-descriptors")
    text = json.dumps(made.report)
    for secret in ("CompressedSamples", "1CT1", "RHAPSODE", "JFK IMAGING", "GEMS"):
        assert secret.encode() in content
        assert secret not in text
