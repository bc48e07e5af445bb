"""Requests to begin an upload."""

from typing import Any

import pytest

from problems import Invalid
from staging.jobs import GENERATE, READ
from staging.upload_requests import parse


@pytest.mark.parametrize("name", ["a.dcm", "a.DCM", "a.Zip", "a.b/c.zip", ".dcm", "é" * 996 + ".dcm"])
def test_a_dicom_file_or_an_archive_is_read(name: str) -> None:
    options = {"frames": " 1-3 ", "return_format": "jpeg", "fields": ""}
    kind, request = parse({"file_name": name, **options})
    assert kind == READ
    expected = {"frames": "1-3", "return_format": "jpeg", "fields": ""}
    assert request == {"file_name": name, "accept": "application/json", "options": expected}


@pytest.mark.parametrize("name", ["scan.png", "scan.JPG", "scan.jpeg"])
def test_a_picture_becomes_a_dicom_file(name: str) -> None:
    kind, request = parse({"file_name": name, "attributes": {"Modality": "OT"}, "compression": "RLE"})
    assert kind == GENERATE
    assert request["file_name"] == name
    assert request["attributes"] == {"Modality": "OT"}
    assert request["compression"] == "rle"
    assert request["disposition"] == 'attachment; filename="scan.dcm"'


def test_without_more_a_picture_is_stored_as_it_is() -> None:
    assert parse({"file_name": "a.png"})[1]["compression"] == "none"


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({}, "file_name"),
        ({"file_name": 1}, "file_name"),
        ({"file_name": "a.dcm.gz"}, "file_name"),
        ({"file_name": "a.gif"}, "file_name"),
        ({"file_name": "a" * 997 + ".dcm"}, "file_name"),
        ({"file_name": "a.dcm", "frames": 1}, "frames"),
        ({"file_name": "a.dcm", "frames": "0"}, "frames"),
        ({"file_name": "a.dcm", "fields": "PatientsName"}, "fields"),
        ({"file_name": "a.dcm", "attributes": {}}, "attributes"),
        ({"file_name": "a.dcm", "Fields": "Modality"}, "Fields"),
        ({"file_name": "a.png", "frames": "1"}, "frames"),
        ({"file_name": "a.png", "attributes": "Modality"}, "attributes"),
        ({"file_name": "a.png", "attributes": {"Modality": 1}}, "Modality"),
        ({"file_name": "a.png", "attributes": {"Modallity": "OT"}}, "Modallity"),
        ({"file_name": "a.png", "attributes": {"Rows": "1"}}, "Rows"),
        ({"file_name": "a.png", "compression": "zip"}, "compression"),
        ({"file_name": "a.png", "compression": None}, "compression"),
        ({"file_name": "../a.png"}, "file_name"),
        ({"file_name": ".png"}, "file_name"),
    ],
)
def test_what_can_be_refused_is_refused_before_the_upload(members: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(members)
    assert refusal.value.fields
    assert set(refusal.value.fields) == {field}
