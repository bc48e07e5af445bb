"""Attributes given as text are checked by VR, VM and IOD, and every wrong one is named."""

import re
import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.datadict import DicomDictionary, dictionary_VR, tag_for_keyword
from pydicom.multival import MultiValue

from imaging.secondary_capture import check, generate
from problems import Invalid

TEXT_VRS = {
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "SV"),
    *("TM", "UC", "UI", "UL", "UR", "US", "US or SS", "UT", "UV"),
}


def picture() -> bytes:
    file = BytesIO()
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(file, "PNG")
    return file.getvalue()


PICTURE = picture()


def stored(**attributes: str) -> Dataset:
    return dcmread(BytesIO(generate([PICTURE], attributes)))


def refused(**attributes: str) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        generate([PICTURE], attributes)
    fields = error.value.fields
    assert fields
    assert all(keyword in error.value.message for keyword in fields)
    return fields


@pytest.mark.parametrize(
    ("keyword", "text", "value"),
    [
        ("RetrieveAETitle", "ARCHIVE 1\\ARCHIVE 2", ["ARCHIVE 1", "ARCHIVE 2"]),
        ("PatientAge", "045Y", "045Y"),
        ("DimensionIndexPointer", "(0018,9337)", 0x00189337),
        ("DimensionIndexPointer", "00189337", 0x00189337),
        ("SelectorATValue", "(0010,0020)\\7fe00010", [0x00100020, 0x7FE00010]),
        ("Modality", "CT", "CT"),
        ("ImageType", "DERIVED\\SECONDARY\\\\LOCALIZER", ["DERIVED", "SECONDARY", "", "LOCALIZER"]),
        ("PatientBirthDate", "20240229", "20240229"),
        ("PatientWeight", "70.50", "70.50"),
        ("PatientWeight", "+7.e-1", "+7.e-1"),
        ("PixelSpacing", "0.5\\.25", ["0.5", ".25"]),
        ("AcquisitionDateTime", "20240229123456.789012+1345", "20240229123456.789012+1345"),
        ("AcquisitionDateTime", "2024", "2024"),
        ("AcquisitionDateTime", "2024-0500", "2024-0500"),
        ("RecommendedDisplayFrameRateInFloat", "2.5", 2.5),
        ("DiffusionBValue", "1.7976931348623157e308", 1.7976931348623157e308),
        ("InstanceNumber", "-2147483648", -2147483648),
        ("StudyDescription", "x" * 64, "x" * 64),
        ("StudyDescription", "山" * 64, "山" * 64),
        ("PatientComments", "one\r\ntwo\\three", "one\r\ntwo\\three"),
        ("PatientName", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("OtherPatientNames", "Doe^Jane\\Roe^Jane", ["Doe^Jane", "Roe^Jane"]),
        ("AccessionNumber", "A-1", "A-1"),
        ("ReferencePixelX0", "-2147483648", -2147483648),
        ("TagAngleSecondAxis", "-32768", -32768),
        ("InstitutionAddress", "a\\b", "a\\b"),
        ("SelectorSVValue", "-9223372036854775808\\1", [-9223372036854775808, 1]),
        ("StudyTime", "235960.999999", "235960.999999"),
        ("StudyTime", "07", "07"),
        ("LongCodeValue", "x" * 70000, "x" * 70000),
        ("FrameOfReferenceUID", "1.2.840.0.42", "1.2.840.0.42"),
        ("FrameOfReferenceUID", "2.9990", "2.9990"),
        ("SimpleFrameList", "4294967295\\0", [4294967295, 0]),
        ("RetrieveURL", "https://example.org/a?b=c%20d#e", "https://example.org/a?b=c%20d#e"),
        ("PregnancyStatus", "4", 4),
        ("PixelPaddingValue", "65535", 65535),
        ("TextValue", "long\n" * 20000 + "text", "long\n" * 20000 + "text"),
        ("SelectorUVValue", "18446744073709551615", 18446744073709551615),
        ("PatientID", " \t 42 \n", "42"),
        ("KVP", "120", "120"),  # not in this IOD: a Standard Extended SOP Class (PS3.2 3.11.2)
    ],
)  # fmt: skip
def test_values_by_their_vr(keyword: str, text: str, value: object) -> None:
    found = stored(**{keyword: text})[keyword].value
    if isinstance(value, list):
        assert [type(expected)(one) for one, expected in zip(found, value, strict=True)] == value
    else:
        assert type(value)(found) == value


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("StationAETitle", "x" * 17),
        ("StationAETitle", "é"),
        ("PatientAge", "45Y"),
        ("PatientAge", "٠٤٥Y"),
        ("DimensionIndexPointer", "0010,0020"),
        ("DimensionIndexPointer", "(0010,002g)"),
        ("Modality", "ct"),
        ("Modality", "X" * 17),
        ("PatientBirthDate", "20230229"),
        ("PatientBirthDate", "00000101"),
        ("PatientBirthDate", "2023-02-28"),
        ("PatientBirthDate", "20230101-20231231"),
        ("PatientBirthDate", "٢٠٢٣٠١٠١"),
        ("PatientWeight", "1,5"),
        ("PatientWeight", "nan"),
        ("PatientWeight", "1e999"),
        ("PatientWeight", "1_0"),
        ("PatientWeight", "1.00000000000000001"),
        ("AcquisitionDateTime", "20240230"),
        ("AcquisitionDateTime", "2024-2025"),
        ("AcquisitionDateTime", "20240229-"),
        ("AcquisitionDateTime", "202402291260"),
        ("AcquisitionDateTime", "2024+1460"),
        ("DiffusionBValue", "inf"),
        ("DiffusionBValue", "1e309"),
        ("DiffusionBValue", "1" * 400),
        ("RecommendedDisplayFrameRateInFloat", "3.5e38"),
        ("InstanceNumber", "2147483648"),
        ("InstanceNumber", "1.0"),
        ("StudyDescription", "x" * 65),
        ("StudyDescription", "two\nlines"),
        ("StudyDescription", "\ud800"),
        ("PatientComments", "a\x00b"),
        ("PatientComments", "a\x1b$Bb"),
        ("PatientComments", "x" * 10241),
        ("PatientName", "a^b^c^d^e^f"),
        ("PatientName", "a=b=c=d"),
        ("PatientName", "x" * 65),
        ("AccessionNumber", "x" * 17),
        ("TagAngleSecondAxis", "32768"),
        ("InstitutionAddress", "x" * 1025),
        ("StudyTime", "24"),
        ("StudyTime", "12:30"),
        ("StudyTime", "1200-1300"),
        ("FrameOfReferenceUID", "1.02"),
        ("FrameOfReferenceUID", "3.1"),
        ("FrameOfReferenceUID", "2.999.1"),
        ("FrameOfReferenceUID", "2.999"),
        ("FrameOfReferenceUID", "1." + "2" * 63),
        ("SimpleFrameList", "1\\\\2"),
        ("SimpleFrameList", "-1"),
        ("SimpleFrameList", "1" * 5000),
        ("RetrieveURL", "two words"),
        ("RetrieveURL", "a\\b"),
        ("PregnancyStatus", "0x1"),
        ("PregnancyStatus", "1_0"),
        ("SelectorUVValue", "18446744073709551616"),
        # Multiplicity
        ("PixelSpacing", "0.5"),
        ("PixelSpacing", "1\\2\\3"),
        ("PatientID", "1\\2"),
        ("ImageOrientationPatient", "1\\0\\0"),
        # Too long for a 16-bit length
        ("SelectorUSValue", "\\".join("1" * 32768)),
        ("SelectorFDValue", "\\".join("1" * 8192)),
        ("OtherPatientIDs", "\\".join(["x" * 60] * 1100)),
        ("OtherPatientIDs", "\\".join(["山" * 60] * 400)),
        # VRs that can't be given as text
        ("ReferencedImageSequence", "x"),
        ("ICCProfile", "x"),
        ("EncapsulatedDocument", "x"),
        ("ChannelMinimumValue", "1"),
        # Keywords that belong in no data set
        ("MessageID", "1"),
        ("TransferSyntaxUID", "1.2.840.10008.1.2"),
        ("FileSetID", "X"),
        ("Item", "x"),
        # Unknown keywords
        ("patientname", "x"),
        ("Patient Name", "x"),
        ("(0010,0010)", "x"),
        ("OverlayRows", "1"),
        ("", "x"),
    ],
)  # fmt: skip
def test_values_that_are_refused(keyword: str, text: str) -> None:
    assert list(refused(**{keyword: text})) == [keyword]


@pytest.mark.parametrize(
    ("keyword", "multiplicity", "counts"),
    [  # by PS3.6: which numbers of values from 1 to 7 are accepted
        ("PatientID", "1", [1]),
        ("PixelSpacing", "2", [2]),
        ("ShutterShape", "1-3", [1, 2, 3]),
        ("FrameType", "4-5", [4, 5]),
        ("OtherPatientIDs", "1-n", [1, 2, 3, 4, 5, 6, 7]),
        ("LeafPositionBoundaries", "3-n", [3, 4, 5, 6, 7]),
        ("VerticesOfThePolygonalShutter", "2-2n", [2, 4, 6]),
        ("ContourData", "3-3n", [3, 6]),
    ],
)
def test_as_many_values_as_the_multiplicity_allows(keyword: str, multiplicity: str, counts: list[int]) -> None:
    for count in range(1, 8):
        text = "\\".join("1" * count)
        if count in counts:
            assert text_of(stored(**{keyword: text})[keyword].value) == text
        else:
            assert refused(**{keyword: text})[keyword] == (
                f"The number of values, with \\ between them, must be {multiplicity}, not {count}."
            )


@pytest.mark.parametrize(
    "keyword",
    [
        *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel"),
        *("PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "PixelData", "SOPClassUID"),
        *("SpecificCharacterSet", "LossyImageCompression", "LossyImageCompressionRatio", "PixelAspectRatio"),
        *("SmallestImagePixelValue", "RedPaletteColorLookupTableDescriptor", "FrameIncrementPointer"),
        *("LargestImagePixelValue", "GreenPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableDescriptor"),
        *(f"Large{colour}PaletteColorLookupTableDescriptor" for colour in ("Red", "Green", "Blue")),
        *("PixelDataProviderURL", "LossyImageCompressionMethod", "LossyImageCompressionRetired", "LengthToEnd"),
        *("AngularViewVector", "DetectorVector", "EnergyWindowVector", "PhaseVector", "RRIntervalVector"),
        *("RotationVector", "SliceVector", "TimeSlotVector", "EncapsulatedPixelDataValueTotalLength"),
    ],
)
@pytest.mark.parametrize("text", ["1", ""])
def test_what_the_image_decides(keyword: str, text: str) -> None:
    assert "decided by the image" in refused(**{keyword: text})[keyword]


def test_all_that_is_wrong_is_named_at_once() -> None:
    wrong = refused(PatientName="Doe^Jane", PatientSex="X", Rows="1", Nonsense="", StudyDate="today", WindowCenter="1")
    assert set(wrong) == {"PatientSex", "Rows", "Nonsense", "StudyDate", "WindowCenter"}


def test_a_hostile_request_gets_a_short_answer() -> None:
    with pytest.raises(Invalid) as error:
        generate([PICTURE], {f"{number}{'x' * 2000}": "x" for number in range(2000)})
    assert sum(map(len, (error.value.message, *error.value.fields))) < 12000


@pytest.mark.parametrize(
    ("attributes", "largest"),
    [
        ({"PatientID": "1", **{f"{place}ExposureTime": "x" * 60_000 for place in range(40)}}, "0ExposureTime"),
        ({"PatientID": "1", "TextValue": "é" * 150_001}, "TextValue"),
        ({"PatientID": "1", "FrameTimeVector": "1\\" * 10_000}, "FrameTimeVector"),
    ],
)
def test_more_text_than_can_be_looked_at_is_refused_at_once(
    attributes: dict[str, str], largest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("imaging.dataset.given_values.element", fail)
    with pytest.raises(Invalid, match="all attributes together") as error:
        check(attributes, "none")
    assert list(error.value.fields) == [largest]


def test_as_much_text_as_can_be_looked_at() -> None:
    assert len(check({"TextValue": "é" * 150_000}, "none").TextValue) == 150_000
    assert len(check({"FrameTimeVector": "1" + "\\1" * 9_999}, "none").FrameTimeVector) == 10_000


def test_a_wrong_value_does_not_make_its_partner_wrong() -> None:
    assert set(refused(WindowCenter="40", WindowWidth="wide")) == {"WindowWidth"}


def test_no_value() -> None:
    dataset = stored(PatientName="", PatientID="  ", StudyDescription="", WindowWidth="", Laterality="")
    assert dataset.PatientName == ""
    assert dataset.PatientID == ""
    assert "StudyDescription" not in dataset
    assert dataset.WindowWidth == 256


@pytest.mark.parametrize(
    "keyword", ["Modality", "ConversionType", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
)
def test_type_1_must_have_a_value(keyword: str) -> None:
    assert "Must have a value" in refused(**{keyword: " "})[keyword]


@pytest.mark.parametrize(
    ("text", "character_set"),
    [("Doe^Jane", None), ("Müller^Jürgen", "ISO_IR 192"), ("山田^太郎", "ISO_IR 192"), ("😀", "ISO_IR 192")],
)
def test_character_set(text: str, character_set: str | None) -> None:
    dataset = stored(PatientName=text)
    assert dataset.get("SpecificCharacterSet") == character_set
    assert str(dataset.PatientName) == text


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({"PatientSex": "U"}, "PatientSex"),
        ({"ImageType": "ORIGINAL\\AXIAL"}, "ImageType"),
        ({"ConversionType": "ABC"}, "ConversionType"),
        ({"Laterality": "B"}, "Laterality"),
        ({"Laterality": "L", "BodyPartExamined": "CHEST"}, "Laterality"),
        ({"Laterality": "L", "ImageLaterality": "L"}, "Laterality"),
        ({"WindowCenter": "40"}, "WindowCenter"),
        ({"WindowWidth": "400"}, "WindowWidth"),
        ({"WindowCenter": "40", "WindowWidth": "400\\2000"}, "WindowWidth"),
        ({"WindowCenter": "40", "WindowWidth": "0.5"}, "WindowWidth"),
        ({"WindowCenter": "40", "WindowWidth": "0", "VOILUTFunction": "LINEAR_EXACT"}, "WindowWidth"),
        ({"VOILUTFunction": "SIGMOID"}, "VOILUTFunction"),
        ({"RescaleSlope": "1"}, "RescaleSlope"),
        ({"RescaleSlope": "0", "RescaleIntercept": "1"}, "RescaleSlope"),
        ({"PixelSpacing": "0\\1"}, "PixelSpacing"),
        ({"SpacingBetweenSlices": "-1"}, "SpacingBetweenSlices"),
        ({"PatientOrientation": "L\\L"}, "PatientOrientation"),
        ({"PatientOrientation": "LR\\F"}, "PatientOrientation"),
        ({"PatientOrientation": "X\\F"}, "PatientOrientation"),
        ({"ImageOrientationPatient": "1\\0\\0\\0\\2\\0"}, "ImageOrientationPatient"),
        ({"ImageOrientationPatient": "1\\0\\0\\1\\0\\0"}, "ImageOrientationPatient"),
        ({"Laterality": "L", "MeasurementLaterality": "L"}, "Laterality"),
        ({"WindowCenter": "40", "WindowWidth": "0.9", "VOILUTFunction": "SIGMOID"}, "WindowWidth"),
        ({"WindowCenter": "40", "WindowWidth": "400\\0"}, "WindowWidth"),
        ({"NominalScannedPixelSpacing": "1\\0"}, "NominalScannedPixelSpacing"),
        ({"PatientOrientation": "AP\\L"}, "PatientOrientation"),
        ({"PatientOrientation": "FH\\L"}, "PatientOrientation"),
        ({"PatientOrientation": "L\\V"}, "PatientOrientation"),
        ({"PatientOrientation": "LE\\LE", "AnatomicalOrientationType": "QUADRUPED"}, "PatientOrientation"),
        ({"ImageOrientationPatient": "1\\0\\0\\-1\\0\\0"}, "ImageOrientationPatient"),
        ({"ImageOrientationPatient": "1\\0\\0\\0.0105\\1\\0"}, "ImageOrientationPatient"),
        ({"ImageOrientationPatient": "0.577\\0.577\\0.577\\0.7071\\-0.7071\\0"}, "ImageOrientationPatient"),
        *(({keyword: "0.5\\0\\0\\0\\1\\0"}, keyword) for keyword in ("ImageOrientation", "ImageOrientationSlide")),
        *(({keyword: "0.5\\0\\0"}, keyword) for keyword in ("SlabOrientation", "VelocityEncodingDirection")),
        ({"ControlPointOrientation": "0.5\\0\\0"}, "ControlPointOrientation"),
        ({"PatientIdentityRemoved": "YES"}, "PatientIdentityRemoved"),
        ({"ResponsiblePerson": "Roe^Richard"}, "ResponsiblePerson"),
        ({"ClinicalTrialSponsorName": "S", "ClinicalTrialProtocolID": "P"}, "ClinicalTrialProtocolID"),
        ({"ContainerIdentifier": "C"}, "ContainerIdentifier"),
        ({"TimeSource": "A clock"}, "TimeSource"),
        ({"SynchronizationTrigger": "YES"}, "SynchronizationTrigger"),
    ],
)
def test_what_the_iod_forbids(attributes: dict[str, str], wrong: str) -> None:
    assert wrong in refused(**attributes)


@pytest.mark.parametrize(
    "attributes",
    [
        {"WindowCenter": "40\\-600", "WindowWidth": "400\\1500"},
        {"WindowCenter": "0", "WindowWidth": "0.5", "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": "0", "WindowWidth": "1"},
        {"SpacingBetweenSlices": "0"},
        {"PatientIdentityRemoved": "NO"},
        {"PatientOrientation": "L\\PH"},
        {"ImageOrientationPatient": "0.5774\\0.5774\\0.5774\\0.7071\\-0.7071\\0"},
        {"Laterality": "L", "BodyPartExamined": "KNEE"},
        {"PatientOrientation": "LE\\V", "AnatomicalOrientationType": "QUADRUPED"},
        {"ImageOrientationPatient": "0.7071\\0.7071\\0\\0\\0\\-1"},
        {"PatientIdentityRemoved": "YES", "DeidentificationMethod": "By hand"},
        {
            "SynchronizationFrameOfReferenceUID": "1.2.3",
            "SynchronizationTrigger": "NO TRIGGER",
            "AcquisitionTimeSynchronized": "N",
        },
        {
            "ClinicalTrialSponsorName": "S",
            "ClinicalTrialProtocolID": "P",
            "ClinicalTrialSubjectReadingID": "R",
        },
    ],
)
def test_what_the_iod_allows(attributes: dict[str, str]) -> None:
    dataset = stored(**attributes)
    assert {keyword: text_of(dataset[keyword].value) for keyword in attributes} == attributes


def text_of(value: Any) -> str:
    return "\\".join(str(one) for one in value) if isinstance(value, MultiValue) else str(value)


@pytest.mark.parametrize(
    ("given_keyword", "filled_in"),
    [
        ({"PatientSpeciesDescription": "Canis lupus"}, {"PatientBreedDescription": "", "ResponsiblePerson": ""}),
        ({"ClinicalTrialSeriesID": "1"}, {"ClinicalTrialCoordinatingCenterName": ""}),
        ({"RescaleSlope": "2", "RescaleIntercept": "0"}, {"RescaleType": "US"}),
        ({"RescaleSlope": "2", "RescaleIntercept": "0", "RescaleType": "HU"}, {"RescaleType": "HU"}),
    ],
)
def test_what_its_module_asks_for_is_filled_in(given_keyword: dict[str, str], filled_in: dict[str, str]) -> None:
    dataset = stored(**given_keyword)
    assert {keyword: str(dataset[keyword].value) for keyword in filled_in} == filled_in


@pytest.mark.parametrize(
    ("attributes", "laterality"),
    [
        ({}, ""),
        ({"BodyPartExamined": "KNEE"}, ""),
        ({"BodyPartExamined": "CHEST"}, None),
        ({"ImageLaterality": "U"}, None),
        ({"ImageLaterality": "B"}, None),
        ({"MeasurementLaterality": "L"}, None),
        ({"Laterality": "R"}, "R"),
    ],
)
def test_laterality_is_there_only_where_it_may_be(attributes: dict[str, str], laterality: str | None) -> None:
    assert stored(**attributes).get("Laterality") == laterality


BESIDE = {  # attributes that some of the others need
    "SynchronizationFrameOfReferenceUID": "1.2",
    "SynchronizationTrigger": "SOURCE",
    "AcquisitionTimeSynchronized": "Y",
    "WindowCenter": "40",
    "WindowWidth": "400",
    "DeidentificationMethod": "A",
}


@pytest.mark.parametrize(
    ("keyword", "terms"),
    [  # Enumerated Values (PS3.3 C.7, C.8.6, C.11, C.12)
        ("AcquisitionTimeSynchronized", "Y N"),
        ("AnatomicalOrientationType", "BIPED QUADRUPED"),
        ("BurnedInAnnotation", "YES NO"),
        ("ContentQualification", "PRODUCT RESEARCH SERVICE"),
        ("ConversionType", "DV DI DF WSD SD SI DRW SYN"),
        ("DigitizingDeviceTransportDirection", "ROW COLUMN"),
        ("ImageLaterality", "R L U B"),
        ("InstanceOriginStatus", "LOCAL IMPORTED"),
        ("Laterality", "R L"),
        ("LongitudinalTemporalInformationModified", "UNMODIFIED MODIFIED REMOVED"),
        ("MultienergyCTAcquisition", "NO"),
        ("PatientIdentityRemoved", "YES NO"),
        ("PatientSex", "M F O"),
        ("PregnancyStatus", "1 2 3 4"),
        ("PresentationLUTShape", "IDENTITY"),
        ("QualityControlImage", "YES NO"),
        ("QualityControlSubject", "YES NO"),
        ("QueryRetrieveView", "CLASSIC ENHANCED"),
        ("RecognizableVisualFeatures", "YES NO"),
        ("SliceProgressionDirection", "APEX_TO_BASE BASE_TO_APEX ANT_TO_INF"),
        ("SmokingStatus", "YES NO UNKNOWN"),
        ("SynchronizationTrigger", "SOURCE EXTERNAL PASSTHRU"),
        ("TimeDistributionProtocol", "NTP IRIG GPS SNTP PTP"),
        ("VOILUTFunction", "LINEAR LINEAR_EXACT SIGMOID"),
    ],
)
def test_enumerated_values(keyword: str, terms: str) -> None:
    for term in terms.split():
        assert str(stored(**{**BESIDE, keyword: term})[keyword].value) == term
    wrong = "7" if keyword == "PregnancyStatus" else "XYZ"
    assert refused(**{**BESIDE, keyword: wrong})[keyword].startswith("Must be ")


@pytest.mark.parametrize(
    ("keyword", "value", "needs"),
    [  # Types 1C and 2C, which depend on other attributes
        ("ResponsiblePerson", "R", "ResponsiblePersonRole"),
        ("ResponsiblePersonRole", "OWNER", "ResponsiblePerson"),
        ("PatientAlternativeCalendar", "HEBREW", "PatientBirthDateInAlternativeCalendar"),
        ("PatientBirthDateInAlternativeCalendar", "5784", "PatientAlternativeCalendar"),
        ("PatientDeathDateInAlternativeCalendar", "5784", "PatientAlternativeCalendar"),
        *((keyword, "A", "PatientSpeciesDescription") for keyword in ("PatientBreedDescription", "StrainDescription")),
        *(
            (keyword, "A", "PatientSpeciesDescription")
            for keyword in ("StrainNomenclature", "StrainAdditionalInformation")
        ),
        ("ClinicalTrialSponsorName", "S", "ClinicalTrialProtocolID"),
        ("ClinicalTrialProtocolID", "P", "ClinicalTrialSponsorName"),
        ("ClinicalTrialProtocolName", "P", "ClinicalTrialSubjectID"),
        ("ClinicalTrialSiteID", "P", "ClinicalTrialSubjectReadingID"),
        ("ClinicalTrialSiteName", "P", "ClinicalTrialProtocolID"),
        ("ClinicalTrialSubjectID", "P", "ClinicalTrialProtocolID"),
        ("ClinicalTrialSubjectReadingID", "P", "ClinicalTrialSponsorName"),
        ("ClinicalTrialProtocolEthicsCommitteeName", "P", "ClinicalTrialProtocolEthicsCommitteeApprovalNumber"),
        ("ClinicalTrialProtocolEthicsCommitteeApprovalNumber", "P", "ClinicalTrialProtocolEthicsCommitteeName"),
        ("SynchronizationFrameOfReferenceUID", "1.2", "SynchronizationTrigger"),
        ("SynchronizationTrigger", "SOURCE", "AcquisitionTimeSynchronized"),
        ("AcquisitionTimeSynchronized", "Y", "SynchronizationFrameOfReferenceUID"),
        ("SynchronizationChannel", "1\\2", "SynchronizationTrigger"),
        ("TimeDistributionProtocol", "NTP", "SynchronizationTrigger"),
        ("TimeSource", "A", "SynchronizationTrigger"),
        ("TriggerSourceOrType", "A", "SynchronizationTrigger"),
        ("PixelPaddingRangeLimit", "1", "PixelPaddingValue"),
        ("PixelSpacingCalibrationDescription", "A", "PixelSpacingCalibrationType"),
        ("PixelSpacingCalibrationType", "FIDUCIAL", "PixelSpacingCalibrationDescription"),
        ("PixelSpacingCalibrationType", "FIDUCIAL", "PixelSpacing"),
        ("RescaleIntercept", "1", "RescaleSlope"),
        ("RescaleSlope", "1", "RescaleIntercept"),
        ("RescaleType", "HU", "RescaleSlope"),
        ("RescaleType", "HU", "RescaleIntercept"),
        ("VOILUTFunction", "LINEAR", "WindowCenter"),
        ("VOILUTFunction", "LINEAR", "WindowWidth"),
        ("WindowCenter", "1", "WindowWidth"),
        ("WindowWidth", "1", "WindowCenter"),
    ],
)
def test_what_needs_another_attribute_names_it(keyword: str, value: str, needs: str) -> None:
    why = refused(**{keyword: value})[keyword]
    assert why.startswith("Needs ")
    assert needs in why.replace(".", "").split(" ")


def test_the_longest_text_that_a_length_of_16_bits_can_say() -> None:
    most = "\\".join(["x" * 63] * 1023 + ["x" * 62])  # 65534 bytes
    assert text_of(stored(OtherPatientIDs=most).OtherPatientIDs) == most
    assert "65534 bytes" in refused(OtherPatientIDs=most + "x")["OtherPatientIDs"]


ENTRIES = [entry for entry in DicomDictionary.values() if entry[4]]
REAL = r"[-+]?([0-9]{1,4}(\.[0-9]{0,4})?|\.[0-9]{1,4})([eE][-+]?[0-9])?"
LIKELY_BY_VR = {
    "AE": r"[ -~]{1,16}",
    "AS": r"[0-9]{3}[DWMY]",
    "AT": r"\([0-9a-f]{4},[0-9A-F]{4}\)|[0-9a-fA-F]{8}",
    "CS": r"[A-Z0-9 _]{1,16}",
    "DA": r"[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|30)",
    "DS": REAL,
    "DT": r"[0-9]{4}((0[1-9]|1[0-2])((0[1-9]|[12][0-9])([01][0-9]([0-5][0-9](\.[0-9]{1,6})?)?)?)?)?([-+]0[0-9]30)?",
    "FD": REAL,
    "FL": REAL,
    "PN": r"[^\\=^]{0,9}(\^[^\\=^]{0,9}){0,4}(=[^\\=^]{0,9}){0,2}",
    "TM": r"[01][0-9]([0-5][0-9]([0-5][0-9](\.[0-9]{1,6})?)?)?",
    "UI": r"[12](\.(0|[1-9][0-9]{0,9})){1,5}",
    "UR": r"https://[a-z.]{1,9}(/[!-\[\]-~]{0,9})?",
    **dict.fromkeys(("IS", "SL", "SS", "SV", "UL", "US", "US or SS", "UV"), r"[-+]?[0-9]{1,6}"),
}
ONE_LINE = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\\"), max_size=20)


@st.composite
def one_attribute(draw: st.DrawFn) -> tuple[str, str]:
    """Any keyword with any text, or with values that are probably valid."""
    vr, multiplicity, _, _, keyword = draw(st.sampled_from(ENTRIES))
    if draw(st.booleans()):
        return keyword, draw(st.text(max_size=80))
    value = st.from_regex(LIKELY_BY_VR[vr], fullmatch=True) if vr in LIKELY_BY_VR else ONE_LINE
    return keyword, "\\".join(draw(value) for _ in range(int(multiplicity.partition("-")[0])))


@given(st.lists(one_attribute(), max_size=3).map(dict))
@example({"PatientName": "Doe="})
@example({"PatientName": "=^^"})
@example({"StudyDescription": "\u00a0\u3000x\u2028y\u00a0"})
@example({"FrameTimeVector": "1e-3\\+0\\.5"})
def test_any_text_is_refused_or_read_back(attributes: dict[str, str]) -> None:
    try:
        file = generate([PICTURE], attributes)
    except Invalid as error:
        wrong = set(error.fields or ())
        assert wrong
        assert wrong <= set(attributes)
        return
    dataset = dcmread(BytesIO(file))
    for keyword, text in attributes.items():
        if text.strip():
            assert _parts(keyword, text) == _read_back(dataset[keyword].value)
        else:
            assert not dataset.get(keyword) or keyword in {"WindowCenter", "WindowWidth"}


def _parts(keyword: str, text: str) -> list[Any]:
    vr = dictionary_VR(tag_for_keyword(keyword) or 0)
    if vr in {"LT", "ST", "UT", "UR"}:
        return [text.strip()]
    parts = [part.strip() for part in text.split("\\")]
    if vr == "PN":  # trailing empty components may be left out (PS3.5 6.2.1.1)
        return [part.rstrip("=") for part in parts]
    if vr == "AT":
        return [int(re.sub("[(),]", "", part), 16) for part in parts]
    if vr in {"DS", "IS", "FD", "SL", "SS", "SV", "UL", "US", "US or SS", "UV"}:
        return [float(part) for part in parts]
    if vr == "FL":
        return [struct.unpack("<f", struct.pack("<f", float(part)))[0] for part in parts]
    return parts


def _read_back(value: Any) -> list[Any]:
    values = list(value) if isinstance(value, MultiValue | list) else [value]
    return [one if isinstance(one, int | float) else str(one) for one in values]


def test_every_keyword_is_taken_or_refused_by_name() -> None:
    for vr, _, _, _, keyword in DicomDictionary.values():
        if keyword and vr not in TEXT_VRS:
            assert list(refused(**{keyword: "1"})) == [keyword]
