"""Slows down the guessing of passwords: so many attempts to log in to an account in a window of time."""

import time

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from problems import TooMany
from tables import Table

MAX_ATTEMPTS = 10
WINDOW_SECONDS = 5 * 60


class LoginAttempts(Table):
    class Meta(Table.Meta):
        environment_variable = "LOGIN_ATTEMPTS_TABLE"

    email = UnicodeAttribute(hash_key=True)
    attempts = NumberAttribute()
    expires = NumberAttribute()  # the end of the window, in seconds since 1970


def count(email: str) -> None:
    """Counts an attempt. To be called before the password is looked at, so that no parallel guess slips by.

    Raises TooMany when there were too many in this window.
    """
    now = int(time.time())
    window = LoginAttempts(email)
    # Another request may begin or end the window between these two.
    while not (_count_in_window(window, now) or _begin_window(window, now)):
        pass
    if window.attempts > MAX_ATTEMPTS:
        raise TooMany(
            "Too many attempts to log in to this account: wait as long as Retry-After says, then try again.",
            retry_after=max(1, int(window.expires) - now),
        )


def forget(email: str) -> None:
    """Starts anew, after an attempt that succeeded."""
    LoginAttempts(email).delete()


def _count_in_window(window: LoginAttempts, now: int) -> bool:
    return window.update_if(LoginAttempts.expires > now, [LoginAttempts.attempts.add(1)])


def _begin_window(window: LoginAttempts, now: int) -> bool:
    # DynamoDB deletes expired items late, by days, so one that is still there counts as gone.
    return window.update_if(
        LoginAttempts.email.does_not_exist() | (LoginAttempts.expires <= now),
        [LoginAttempts.attempts.set(1), LoginAttempts.expires.set(now + WINDOW_SECONDS)],
    )
