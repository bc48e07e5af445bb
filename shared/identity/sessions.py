"""Sessions: a login, and the chain of refresh tokens that follows until the session ends.

A refresh token can be used once (RFC 9700 4.14.2). A second use means that it was copied, and ends the session for both
holders. A session also ends after a fixed time, and when the account's generation changes.
"""

import time
import uuid

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

import tally
from identity import account_table, tokens
from identity.account_table import Account
from tables import Table

SECONDS = 30 * 24 * 60 * 60


class Session(Table):
    class Meta(Table.Meta):
        environment_variable = "SESSIONS_TABLE"

    user_id = UnicodeAttribute(hash_key=True)
    family = UnicodeAttribute(range_key=True)
    email = UnicodeAttribute()
    generation = NumberAttribute()
    current = UnicodeAttribute()  # the jti of the valid refresh token
    offered = UnicodeAttribute(null=True)  # the jti of the next one, until it is certain that it can be delivered
    expires = NumberAttribute()  # in seconds since 1970


def begin(account: Account) -> dict[str, str]:
    """Begins a session of an authenticated account: {"refresh": ..., "access": ...}."""
    session = Session(
        account.user_id,
        uuid.uuid4().hex,
        email=account.email,
        generation=account.generation,
        current=uuid.uuid4().hex,
        expires=int(time.time()) + SECONDS,
    )
    session.save()
    return _pair(session, session.current)


def refresh(refresh_token: str) -> dict[str, str]:
    """A new pair for a refresh token, which is used up by that. Raises NotAuthenticated.

    There are two writes, and both can be retried. If the answer to the first is lost, the old token stays valid; if the
    answer to the second is lost, the new one is valid.
    """
    claims = tokens.verify("refresh", refresh_token)
    session, old, new = Session(claims["user_id"], claims["family"]), claims["jti"], uuid.uuid4().hex
    is_good = (Session.current == old) | (Session.offered == old)
    offer = [Session.current.set(old), Session.offered.set(new)]
    if not (session.update_if(is_good & (Session.expires > int(time.time())), offer) and _is_of_account(session)):
        session.delete()
        raise tokens.refused("refresh")
    if not _take(session, new):
        raise tokens.refused("refresh")
    return _pair(session, new)


def find(access_token: str) -> Session:
    """The session of an access token. Raises NotAuthenticated, also if it has ended."""
    claims = tokens.verify("access", access_token)
    try:
        session = Session.get(claims["user_id"], claims["family"], consistent_read=True)
    except Session.DoesNotExist:
        raise tokens.refused("access") from None
    if not _is_of_account(session):
        raise tokens.refused("access")
    return session


def _is_of_account(session: Session) -> bool:
    """Whether the account still exists, in the session's generation."""
    account = account_table.find(session.email)
    return account is not None and (account.user_id, account.generation) == (session.user_id, session.generation)


def _take(session: Session, new: str) -> bool:
    """Makes the offered token the valid one. Returns False if another request was faster."""
    try:
        return session.update_if(
            (Session.offered == new) | (Session.current == new),
            [Session.current.set(new), Session.offered.remove()],
        )
    except UpdateError:
        tally.add("SkippedWrites")
        return True


def _pair(session: Session, refresh_id: str) -> dict[str, str]:
    return tokens.pair(session.user_id, session.family, refresh_id, int(session.expires))
