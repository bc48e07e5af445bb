"""Slows down the guessing of passwords by limiting the attempts to log in to an account in a window of time.

Attempts are counted by account and source, so that guessing locks out nobody else, and by account alone, against
guesses from many sources. The second count leaves out sources from which somebody logged in recently.
"""

import hashlib
import ipaddress
import time

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from problems import TooMany
from tables import Table

MAX_ATTEMPTS = 10
MAX_ATTEMPTS_OF_ALL = 100
WINDOW_SECONDS = 5 * 60
KNOWN_SECONDS = 30 * 24 * 60 * 60

_ALL = "all"


class LoginAttempts(Table):
    """A window of counted attempts, from one source or from all; with `known`, a source that logged in."""

    class Meta(Table.Meta):
        environment_variable = "LOGIN_ATTEMPTS_TABLE"

    email = UnicodeAttribute(hash_key=True)
    counter = UnicodeAttribute(range_key=True)
    attempts = NumberAttribute(default=0)
    expires = NumberAttribute()  # the end of the window, in seconds since 1970


def count_attempt(email: str, source: str) -> None:
    """Counts an attempt from the network address `source`.

    Call it before the password is checked, so that parallel guesses are counted too. Raises TooMany if the window
    already has too many attempts.
    """
    now = int(time.time())
    one = _source(email, source)
    # Refused attempts of one source do not count against the others.
    _count(LoginAttempts(email, one), now, MAX_ATTEMPTS)
    if not _is_known(email, one, now):
        _count(LoginAttempts(email, _ALL), now, MAX_ATTEMPTS_OF_ALL)


def succeeded(email: str, source: str) -> None:
    """Resets this source's count, and remembers the source."""
    one = _source(email, source)
    LoginAttempts(email, one).delete()
    LoginAttempts(email, _known(one), expires=int(time.time()) + KNOWN_SECONDS).save()


def _count(window: LoginAttempts, now: int, limit: int) -> None:
    # Between both updates, another request may begin the window, or end it by a login.
    if not (_count_in_window(window, now) or _begin_window(window, now) or _count_in_window(window, now)):
        raise TooMany("Many attempts to log in to this account at once: try again.", retry_after=1)
    if window.attempts > limit:
        raise TooMany(
            "Too many attempts to log in to this account: wait as long as Retry-After says, then try again.",
            retry_after=int(window.expires) - now,
        )


def _count_in_window(window: LoginAttempts, now: int) -> bool:
    return window.update_if(LoginAttempts.expires > now, [LoginAttempts.attempts.add(1)])


def _begin_window(window: LoginAttempts, now: int) -> bool:
    # DynamoDB deletes expired items late, by days, so one that is still there counts as gone.
    return window.update_if(
        LoginAttempts.email.does_not_exist() | (LoginAttempts.expires <= now),
        [LoginAttempts.attempts.set(1), LoginAttempts.expires.set(now + WINDOW_SECONDS)],
    )


def _is_known(email: str, source: str, now: int) -> bool:
    try:
        return LoginAttempts.get(email, _known(source), consistent_read=True).expires > now
    except LoginAttempts.DoesNotExist:
        return False


def _known(source: str) -> str:
    return f"known {source}"


def _source(email: str, address: str) -> str:
    """A hash of the network address, as nobody has to know where developers are."""
    network = address
    if ":" in address:
        # The owner of an IPv6 address has all 2^64 of its network (RFC 6177), and could use each for one attempt.
        network = str(ipaddress.ip_network(f"{address}/64", strict=False))
    return hashlib.sha256(f"{email} {network}".encode()).hexdigest()
