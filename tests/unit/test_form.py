"""Multipart forms, valid and not."""

import base64
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from hypothesis import given
from hypothesis import strategies as st

from problems import Invalid, Problem, UnsupportedMediaType
from web.form import File, read_form

BODY = (
    b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="dicom-file.dcm"\r\n'
    b"Content-Type: application/dicom\r\n\r\n\x00\r\n--bound\xff\r\n"
    b'--boundary\r\nContent-Disposition: form-data; name="fields"\r\n\r\nPatientName,StudyDate,Modality\r\n\r\n'
    b'--boundary\r\nContent-Disposition: form-data; name="return_format"\r\n\r\npng\r\n--boundary--\r\n'
)


def event(body: bytes, content_type: str | None = "multipart/form-data; boundary=boundary") -> APIGatewayProxyEvent:
    headers: dict[str, Any] = {} if content_type is None else {"content-type": content_type}
    return APIGatewayProxyEvent({"headers": headers, "body": base64.b64encode(body).decode(), "isBase64Encoded": True})


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=boundary", "Multipart/Form-Data"])
def test_the_guides_form_with_and_without_its_boundary(content_type: str) -> None:
    form = read_form(event(BODY, content_type))
    assert form.files == {"file": [File("dicom-file.dcm", b"\x00\r\n--bound\xff")]}
    assert form.texts == {"fields": "PatientName,StudyDate,Modality", "return_format": "png"}


def test_a_name_beyond_ascii() -> None:
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="Müller 洪.dcm"\r\n\r\nx\r\n--b--'.encode()
    assert read_form(event(part, "multipart/form-data; boundary=b")).one_file("file", "a file").name == "Müller 洪.dcm"


@pytest.mark.parametrize("content_type", [None, "", "application/json", "text/plain", "multipart/mixed; boundary=b"])
def test_other_media_types(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_form(event(BODY, content_type))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        BODY[:-14],
        BODY.replace(b'name="fields"', b'nome="fields"'),
        BODY.replace(b'name="fields"', b'name="return_format"'),
        BODY.replace(b"png", b"\xff\xfe"),
        b"--boundary\r\n\r\nno header\r\n--boundary--\r\n",
    ],
)
def test_broken_forms(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_form(event(body))


def form_of(*contents: bytes) -> bytes:
    """A form with these texts as the fields 0, 1, 2, …"""
    parts = [
        b'--boundary\r\nContent-Disposition: form-data; name="%d"\r\n\r\n%s\r\n' % (number, content)
        for number, content in enumerate(contents)
    ]
    return b"".join(parts) + b"--boundary--\r\n"


def test_a_form_has_a_thousand_parts_at_the_most() -> None:
    assert len(read_form(event(form_of(*[b"x"] * 1000))).texts) == 1000
    with pytest.raises(Invalid):
        read_form(event(form_of(*[b"x"] * 1001)))


def test_a_text_has_a_megabyte_at_the_most() -> None:
    assert len(read_form(event(form_of(b"x" * 1_000_000))).texts["0"]) == 1_000_000
    with pytest.raises(Invalid) as caught:
        read_form(event(form_of(b"x", b"x" * 1_000_001)))
    assert caught.value.fields == {"1": "This field is longer than a megabyte."}


def test_what_the_form_lacks_or_has_too_much_of_is_named() -> None:
    form = read_form(event(BODY))
    with pytest.raises(Invalid) as caught:
        form.one_file("image", "a PNG")
    assert caught.value.fields == {"image": "This file is required: a PNG."}
    with pytest.raises(Invalid) as caught:
        form.one_file("fields", "a file")
    assert caught.value.fields == {"fields": "Send this as a file, with a file name, not as a text field."}
    with pytest.raises(Invalid) as caught:
        form.refuse_others(texts=("fields",), files=("image",))
    assert caught.value.fields is not None
    assert set(caught.value.fields) == {"file", "return_format"}


def many(parts: int) -> bytes:
    part = b'--boundary\r\nContent-Disposition: form-data; name="%d"\r\n\r\n\r\n'
    return b"".join(part % number for number in range(parts)) + b"--boundary--\r\n"


def test_as_many_parts_as_may_be() -> None:
    assert len(read_form(event(many(1000))).texts) == 1000
    with pytest.raises(Invalid, match="at most 1000 parts"):
        read_form(event(many(1001)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY[:-20],
        BODY.replace(b"Content-Disposition", b"Content-Dis\xffposition"),
        BODY.replace(b'form-data; name="fields"', b"attachment"),
        BODY.replace(b"Content-Type: ", b"Content-Length: 1\r\nContent-Type: "),
        BODY.replace(b"application/dicom", b"x" * 5000),
    ],
)
def test_what_is_wrong_is_said_in_our_words(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        read_form(event(body))
    assert caught.value.message.startswith(
        (
            "The form is not valid multipart/form-data: check its",
            "The form is too long: send at most",
            "The form has no",
        )
    )


@given(st.binary(max_size=300), st.booleans())
def test_no_body_is_a_defect(noise: bytes, inside: bool) -> None:
    body = BODY[:60] + noise + BODY[60:] if inside else noise
    for content_type in ("multipart/form-data; boundary=boundary", "multipart/form-data"):
        try:
            read_form(event(body, content_type))
        except Problem:
            continue
