"""File names in Content-Disposition."""

import pytest

from content_disposition import attachment
from problems import Invalid


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("example_dicom", 'attachment; filename="example_dicom.dcm"'),
        ("example.dcm", 'attachment; filename="example.dcm"'),
        ("x" * 200, 'attachment; filename="' + "x" * 200 + '.dcm"'),
        ('a "b"; c', 'attachment; filename="a \\"b\\"; c.dcm"'),
        ("Müller", "attachment; filename=\"M_ller.dcm\"; filename*=UTF-8''M%C3%BCller.dcm"),
    ],
)
def test_names(name: str, header: str) -> None:
    assert attachment(name, "dcm") == header


@pytest.mark.parametrize("name", ["", " ", "..", ".dcm", "a/b", "a\\b", "a\r\nX-Evil: 1", "a\x00b", "x" * 201])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        attachment(name, "dcm")
    assert caught.value.fields is not None
    assert list(caught.value.fields) == ["file_name"]
