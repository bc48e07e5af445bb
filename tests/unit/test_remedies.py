"""Errors for the usual mistakes name the real remedy."""

import base64
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from imaging.answers.options import ReadOptions, read_options
from imaging.answers.read import write_answer
from imaging.budget import Budget
from imaging.secondary_capture import check
from problems import Invalid
from staging import upload_requests
from tests.dicom_files import file_bytes
from web.form import File, Form, read_form


def refusal(do: Callable[..., Any], *given: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        do(*given)
    return caught.value


def form_of(part: bytes, query: dict[str, str] | None = None) -> Form:
    body = b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n--b--"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    values = {name: [value] for name, value in query.items()} if query else None
    return read_form(
        APIGatewayProxyEvent(
            {
                "headers": headers,
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
                "multiValueQueryStringParameters": values,
            }
        )
    )


def read(file_name: str, content: bytes) -> None:
    write_answer(file_name, content, ReadOptions(), bytearray().extend)


def test_a_file_under_the_wrong_name() -> None:
    form = Form(files={"dicom": [File("a.dcm", b"")]})
    problem = refusal(lambda: form.refuse_others(texts=("fields",), files=("file",)))
    assert problem.fields == {"dicom": "This field does not take a file: send the file as file."}


def test_a_file_without_a_file_name() -> None:
    problem = refusal(form_of, b'name="file"\r\n\r\n\xff\xfe')
    assert "a file with a filename" in problem.fields["file"]


def test_a_nested_form_as_curl_makes_it_of_a_bracket() -> None:
    problem = refusal(form_of, b'name="fields"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--')
    assert "--form-string" in problem.fields["fields"]


def test_options_in_the_address() -> None:
    problem = refusal(form_of, b'name="a"\r\n\r\nb', {"fields": "PatientName"})
    assert problem.fields == {"fields": "Send this as a field of the form."}


@pytest.mark.parametrize("name", ["a.txt", "scan.png", "1.2.840.pdf"])
def test_a_name_that_is_no_dicom_files(name: str) -> None:
    problem = refusal(read, name, file_bytes("MR_small.dcm"))
    why = "Send the file under a name that ends in .dcm, .DCM or .zip, or has no extension."
    assert problem.fields == {"file": why}


@pytest.mark.parametrize("name", ["a.dcm", "a.zip"])
def test_an_empty_file(name: str) -> None:
    assert refusal(read, name, b"").message.startswith("The file is empty: send ")


def test_an_archive_of_nothing() -> None:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    assert "put a DICOM file into it" in refusal(read, "a.zip", file.getvalue()).message


@pytest.mark.parametrize(
    ("written", "meant"),
    [("patientname", "PatientName"), ("PatientsName", "PatientName"), ("Modalty", "Modality"), ("qqqq", None)],
)
def test_a_keyword_that_is_almost_one(written: str, meant: str | None) -> None:
    why = refusal(read_options, {"fields": written}).fields["fields"]
    assert why.partition("dictionary.")[2] == (f" The nearest one is {meant}." if meant else "")


@pytest.mark.parametrize("tag", ["00081030", "(0008,1030)", "0009100a", "(0009,100A)"])
def test_tags_in_both_ways(tag: str) -> None:
    digits = tag.strip("()").replace(",", "").upper()
    assert read_options({"fields": tag}).fields == {f"({digits[:4]},{digits[4:]})"}


def test_every_wrong_option_is_named() -> None:
    wrong = {"fields": "x", "window": "1", "quality": "0", "frames": "a", "overlays": "perhaps"}
    problem = refusal(read_options, {**wrong, "viewport": "1,1"})
    assert problem.fields.keys() == wrong.keys()
    assert all(name in problem.message for name in wrong)


@pytest.mark.parametrize(
    ("count", "why"), [(1, "The file has one frame: ask for 1."), (3, "The file has 3 frames: ask for 1 to 3.")]
)
def test_a_frame_beyond_the_last(count: int, why: str) -> None:
    options = read_options({"frames": "4"})
    assert refusal(options.frame_numbers, count, Budget()).fields == {"frames": why}


def test_another_compression() -> None:
    assert refusal(check, {}, "zip").fields == {"compression": "Use one of none, jpeg, jpeg-ls, htj2k, rle."}


def test_a_file_name_under_another_name() -> None:
    problem = refusal(upload_requests.parse, {"filename": "a.dcm"})
    assert problem.fields["file_name"].startswith("This field is required")
