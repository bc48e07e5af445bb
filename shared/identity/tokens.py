"""Access and refresh tokens (JWT, RFC 7519)."""

import time
import uuid
from typing import Any

import jwt
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from identity import signing_keys
from problems import NotAuthenticated
from tables import Table

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 24 * 60 * 60

_ALGORITHM = "HS256"
_CLAIMS = ["token_type", "user_id", "jti", "iat", "exp"]
_REFUSALS = {
    "access": "The access token is not valid or has expired: get another from POST /api/token/ or /api/token/refresh/.",
    "refresh": "The refresh token is not valid, was used before or has expired: log in again with POST /api/token/.",
}


class SpentToken(Table):
    """A refresh token that was used."""

    class Meta(Table.Meta):
        environment_variable = "SPENT_TOKENS_TABLE"

    jti = UnicodeAttribute(hash_key=True)
    expires = NumberAttribute()  # when the token does, in seconds since 1970


def issue(user_id: str) -> dict[str, str]:
    """A new pair: {"refresh": ..., "access": ...}."""
    return {
        "refresh": _sign("refresh", user_id, REFRESH_SECONDS),
        "access": _sign("access", user_id, ACCESS_SECONDS),
    }


def refresh(refresh_token: str) -> dict[str, str]:
    """A new pair for a refresh token, which is good for this once. Raises NotAuthenticated."""
    claims = _verify("refresh", refresh_token)
    spent = SpentToken(claims["jti"], expires=claims["exp"])
    if not spent.save_if(SpentToken.jti.does_not_exist()):
        raise NotAuthenticated(_REFUSALS["refresh"])
    return issue(claims["user_id"])


def verify_access(access_token: str) -> str:
    """The user id that an access token is for. Raises NotAuthenticated."""
    user_id: str = _verify("access", access_token)["user_id"]
    return user_id


def _sign(token_type: str, user_id: str, seconds: int) -> str:
    now = int(time.time())
    version, key = signing_keys.current()
    claims = {"token_type": token_type, "user_id": user_id, "jti": uuid.uuid4().hex, "iat": now, "exp": now + seconds}
    return jwt.encode(claims, key, _ALGORITHM, headers={"kid": version})


def _verify(token_type: str, token: str) -> dict[str, Any]:
    refused = NotAuthenticated(_REFUSALS[token_type])
    try:
        key = signing_keys.find(jwt.get_unverified_header(token).get("kid", ""))
        if key is None:
            raise refused
        # The clocks of two functions differ, and a token must not be refused for being a second too young.
        claims = jwt.decode(token, key, [_ALGORITHM], options={"require": _CLAIMS, "verify_iat": False})
    except (jwt.InvalidTokenError, UnicodeError):
        raise refused from None
    if claims["token_type"] != token_type:
        raise refused
    return claims
