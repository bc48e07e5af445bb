"""The table that stands in for pydicom's dictionary."""

import orjson

from dicom_dictionary import TABLE, table
from dicom_dictionary.build import build


def test_the_table_is_up_to_date() -> None:
    assert orjson.loads(TABLE.read_bytes()) == build(), "run `make dictionary`"


def test_types_are_those_of_the_guide() -> None:
    types = table()["types"]
    assert list(types)[:3] == ["CommandGroupLength", "CommandLengthToEnd", "AffectedSOPClassUID"]
    assert list(types)[-3:] == ["Item", "ItemDelimitationItem", "SequenceDelimitationItem"]
    assert types["AffectedSOPClassUID"] == "<class 'pydicom.uid.UID'>"
    assert types["OffendingElement"] == "<class 'tuple'>"
    assert types["FloatPixelData"] == "<class 'bytes'>"
    assert types["PixelData"] == "<class 'str'>"
    assert types["PatientWeight"] == "<class 'float'>"
    assert types["DigitalSignaturesSequence"] == "<class 'str'>"
