"""Which form of an answer `Accept` asks for (RFC 9110 12.5.1)."""

from contextlib import suppress

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from hypothesis import given
from hypothesis import strategies as st

from problems import NotAcceptable
from web.accept import chosen as chosen_of

MODEL, FLAT = "application/dicom+json", "application/json"


def answered_in(accept: str | None, name: str = "Accept") -> str:
    event = APIGatewayProxyEvent({"headers": None if accept is None else {name: accept}})
    return chosen_of(event, FLAT, (MODEL, "image/png", "image/webp"))


def chosen(accept: str | None, name: str = "Accept") -> bool:
    return answered_in(accept, name) == MODEL


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
        "application/dicom+json;q=0.000, */*",
        "application/dicom+json;q=0.5, application/json",
        "application/dicom+json;q=0.5, */*;q=0.6",
        "application/dicom+json;q=0.5, application/*",
        ",;,",
    ],
)
def test_else_it_is_the_flat_form(accept: str | None) -> None:
    assert not chosen(accept)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("image/png", "image/png"),
        ("image/webp", "image/webp"),
        ("image/*", "image/png"),
        ("image/*, image/png;q=0.5", "image/webp"),
        ("image/png;q=0.5, image/webp;q=0.6", "image/webp"),
        ("image/webp, */*;q=0.8", "image/webp"),
        ("image/png, application/dicom+json", MODEL),  # the first form that can be given, as all are equally welcome
        ("image/png;q=0.1, */*", FLAT),
        ("application/problem+json", FLAT),
        # What a browser and Java's URLConnection send.
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", FLAT),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", FLAT),
    ],
)
def test_a_picture_is_asked_for_by_name(accept: str, media_type: str) -> None:
    assert answered_in(accept) == media_type


@pytest.mark.parametrize("accept", ["image/tiff", "application/dicom", "text/plain, image/jxl", f"{MODEL};q=0"])
def test_what_cannot_be_given(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        answered_in(accept)
    assert FLAT in caught.value.message
    assert "image/webp" in caught.value.message


@given(st.text(st.sampled_from("application/dicom+json,;=q01. */*"), max_size=60))
def test_no_header_is_a_defect(accept: str) -> None:
    with suppress(NotAcceptable):
        answered_in(accept)
