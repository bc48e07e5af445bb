"""Which form of an answer a client asks for (RFC 9110 12.5.1)."""

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from hypothesis import given
from hypothesis import strategies as st

from web.accept import prefers

MODEL, FLAT = "application/dicom+json", "application/json"


def chosen(accept: str | None, name: str = "Accept") -> bool:
    return prefers(APIGatewayProxyEvent({"headers": None if accept is None else {name: accept}}), MODEL, FLAT)


@pytest.mark.parametrize(
    "accept",
    [
        "application/dicom+json",
        "Application/DICOM+JSON",
        "application/dicom+json; charset=utf-8",
        "application/dicom+json;transfer-syntax=*;q=0.9",
        "application/dicom+json, */*",
        "application/dicom+json, application/json",
        "application/json;q=0.5, application/dicom+json ; q=0.8",
        "text/html, application/dicom+json;q=0.1",
        "*/*;q=0.1,application/dicom+json;q=0.1",
    ],
)
def test_the_model_is_asked_for_by_name(accept: str) -> None:
    assert chosen(accept)
    assert chosen(accept, "accept")


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/*",
        "application/json",
        "text/html",
        "application/dicom",
        "application/dicom+xml",
        "application/dicom+json;q=0",
        "application/dicom+json;q=0.000, */*",
        "application/dicom+json;q=0.5, application/json",
        "application/dicom+json;q=0.5, */*;q=0.6",
        "application/dicom+json;q=0.5, application/*",
        ",;,",
    ],
)
def test_else_it_is_the_flat_form(accept: str | None) -> None:
    assert not chosen(accept)


@given(st.text(st.sampled_from("application/dicom+json,;=q01. */*"), max_size=60))
def test_no_header_is_a_defect(accept: str) -> None:
    assert chosen(accept) in (True, False)
