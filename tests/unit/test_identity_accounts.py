"""The normal form of e-mail addresses."""

import sys
import unicodedata

import pytest
from email_validator import EmailNotValidError
from hypothesis import given
from hypothesis import strategies as st

from identity import accounts


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        ("user5@example.com", "user5@example.com"),
        ("User5@EXAMPLE.com", "user5@example.com"),
        ("o'Neil+dicom@example.com", "o'neil+dicom@example.com"),
        ("JOSÉ@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("\u212aelvin@example.com", "kelvin@example.com"),  # the Kelvin sign, which looks like a K
        ("ann@BÜCHER.example", "ann@bücher.example"),
        ("ann@xn--bcher-kva.example", "ann@bücher.example"),
    ],
)
def test_an_address_has_one_form(email: str, normal: str) -> None:
    assert accounts.normalise(email) == normal


@given(st.emails())
def test_case_makes_no_other_address(email: str) -> None:
    assert accounts.normalise(email.upper()) == accounts.normalise(email) == accounts.normalise(email).lower()


@given(st.text(max_size=12), st.sampled_from(["example.com", "bücher.example", "ΣΑΣ.test"]))
def test_the_form_is_its_own_form(local: str, domain: str) -> None:
    try:
        normal = accounts.normalise(f"{local}@{domain}")
    except EmailNotValidError:
        return
    assert accounts.normalise(normal) == normal


def test_no_character_has_two_forms() -> None:
    for code in range(sys.maxunicode + 1):
        form = unicodedata.normalize("NFC", chr(code).lower())
        assert unicodedata.normalize("NFC", form.lower()) == form
