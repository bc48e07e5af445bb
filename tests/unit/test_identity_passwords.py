"""Hashing of passwords."""

import argon2
import pytest
from argon2.low_level import Type

from identity import passwords


def test_a_hash_is_of_its_password_only() -> None:
    password_hash = passwords.hash_password("securepassword123")
    assert passwords.verify("securepassword123", password_hash)
    assert not passwords.verify("securepassword124", password_hash)


def test_what_is_too_long_for_a_password_is_a_wrong_one() -> None:
    assert passwords.verify("p" * 128, passwords.hash_password("p" * 128))
    assert not passwords.verify("p" * 129, passwords.hash_password("p" * 129))


def test_two_hashes_of_a_password_differ() -> None:
    assert passwords.hash_password("securepassword123") != passwords.hash_password("securepassword123")


def test_a_hash_is_argon2id_with_no_less_than_the_rfcs_memory_and_time() -> None:
    parameters = argon2.extract_parameters(passwords.hash_password("securepassword123"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 64 * 1024  # RFC 9106 section 4
    assert parameters.time_cost >= 3


def test_nobodys_hash_costs_as_much_as_a_real_one() -> None:
    real = passwords.hash_password("securepassword123")
    assert argon2.extract_parameters(passwords.NOBODYS_HASH) == argon2.extract_parameters(real)
    assert not passwords.verify("securepassword123", passwords.NOBODYS_HASH)


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert not passwords.outdated(passwords.hash_password("securepassword123"))
    assert passwords.outdated(argon2.PasswordHasher(time_cost=1, memory_cost=64).hash("securepassword123"))


@pytest.mark.parametrize(("typed", "chosen"), [("cafe\u0301 noir", "caf\u00e9 noir"), ("\uff50assword", "password")])
def test_a_password_does_not_depend_on_the_keyboard(typed: str, chosen: str) -> None:
    assert passwords.verify(typed, passwords.hash_password(chosen))
