"""Rules for passwords, and their hashes by Argon2id."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

MIN_CHARACTERS = 8
MAX_CHARACTERS = 128

# RFC 9106 section 4, the second recommended option, but with one lane: a function has no second processor.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)

# A hash that no password has, and that takes as long to verify as a real one.
NOBODYS_HASH = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${'A' * 22}${'A' * 43}"
)


def refusal(password: str) -> str:
    """Why this is not accepted as a new password; empty if it is."""
    # The length is checked first, as normalising takes quadratic time.
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        return f"It must have {MIN_CHARACTERS} to {MAX_CHARACTERS} characters."
    if _normalise(password).lower() in _common():
        return "It is one of the most common passwords, which are guessed first: choose another."
    return ""


def hash_password(password: str) -> str:
    """The hash, with its salt and parameters, in the encoded form of Argon2."""
    return _HASHER.hash(_bytes(password))


def verify(password: str, password_hash: str) -> bool:
    if len(password) > MAX_CHARACTERS:
        return False
    try:
        return _HASHER.verify(password_hash, _bytes(password))
    except VerificationError:
        return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _common() -> frozenset[str]:
    """30,000 of the most common passwords, in lower case."""
    # Loading it takes 60 ms, and a login does not need it.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _bytes(password: str) -> bytes:
    return _normalise(password).encode("utf-8", "surrogatepass")


def _normalise(password: str) -> str:
    # Some keyboards send é as one code point, others as two. NIST SP 800-63B asks to treat them alike.
    return unicodedata.normalize("NFKC", password)
