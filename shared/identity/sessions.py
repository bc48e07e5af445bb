"""Sessions: what begins with a login, and the refresh tokens that follow one another until it ends.

A refresh token is good for once (RFC 9700 4.14.2). One that comes again was copied, so it ends the session for whoever
has the newer one, too. A session also ends at a time that no refresh puts off, and with its generation of the account.
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
    current = UnicodeAttribute()  # the jti of the refresh token that is good
    offered = UnicodeAttribute(null=True)  # the jti of the one to follow, before it is certain that it can be answered
    expires = NumberAttribute()  # in seconds since 1970


def begin(account: Account) -> dict[str, str]:
    """A new session, of an account that has just been authenticated: {"refresh": ..., "access": ...}."""
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
    """A new pair for a refresh token, which is good for this once. Raises NotAuthenticated.

    Two writes, each of which can be repeated: when answers of the first are lost, the old token stays good, and when
    those of the second are, the new one is.
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
    """The session that an access token is of, which has not ended. Raises NotAuthenticated."""
    claims = tokens.verify("access", access_token)
    try:
        session = Session.get(claims["user_id"], claims["family"], consistent_read=True)
    except Session.DoesNotExist:
        raise tokens.refused("access") from None
    if not _is_of_account(session):
        raise tokens.refused("access")
    return session


def _is_of_account(session: Session) -> bool:
    """Whether the account is there still, and in the generation that the session is of."""
    account = account_table.find(session.email)
    return account is not None and (account.user_id, account.generation) == (session.user_id, session.generation)


def _take(session: Session, new: str) -> bool:
    """Makes the token that was offered the good one; says whether no other request was faster."""
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
