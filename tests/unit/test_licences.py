"""docs/licences.md is up to date, and every licence in it is permissive."""

import pytest

from layers import licences


def test_the_page_is_what_the_lock_file_says() -> None:
    assert licences.PAGE.read_text() == licences.page(), "Run make licences."


def test_every_package_has_a_permissive_licence() -> None:
    held = licences.packages()
    assert len(held) > 20
    assert [package for package in held if not licences.is_permissive(package.licence)] == []


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 AND MIT", "GPL-3.0-only OR MIT", "(MIT OR ISC) AND MIT"])
def test_a_permissive_licence(expression: str) -> None:
    assert licences.is_permissive(expression)


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND LGPL-2.1-only", "AGPL-3.0-only OR GPL-2.0-only", ""])
def test_any_other_licence(expression: str) -> None:
    assert not licences.is_permissive(expression)
