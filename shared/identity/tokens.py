"""Access and refresh tokens (JWT, RFC 7519) of sessions."""

import time
import uuid
from typing import Any

import jwt

from identity import signing_keys
from problems import NotAuthenticated

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 24 * 60 * 60

_ALGORITHM = "HS256"
_CLAIMS = ["token_type", "user_id", "family", "jti", "iat", "exp"]
_REFUSALS = {
    "access": "The access token is not valid or has expired: get another from POST /api/token/ or /api/token/refresh/.",
    "refresh": "The refresh token is not valid, was used before or has expired: log in again with POST /api/token/.",
}


def pair(user_id: str, family: str, refresh_id: str, ends: int) -> dict[str, str]:
    """{"refresh": ..., "access": ...} of the session `family`, which `ends` at a second since 1970.

    `refresh_id` is the jti of the refresh token.
    """
    claims = {"user_id": user_id, "family": family}
    return {
        "refresh": _sign(claims | {"token_type": "refresh", "jti": refresh_id}, REFRESH_SECONDS, ends),
        "access": _sign(claims | {"token_type": "access", "jti": uuid.uuid4().hex}, ACCESS_SECONDS, ends),
    }


def verify_access(access_token: str) -> str:
    """The user id that an access token is for. Raises NotAuthenticated."""
    user_id: str = verify("access", access_token)["user_id"]
    return user_id


def verify(token_type: str, token: str) -> dict[str, Any]:
    """The claims of a token of this type. Raises NotAuthenticated."""
    try:
        key = signing_keys.find(jwt.get_unverified_header(token).get("kid", ""))
        if key is None:
            raise refused(token_type)
        # The clocks of two functions differ, and a token must not be refused for being a second too young.
        claims: dict[str, Any] = jwt.decode(token, key, [_ALGORITHM], options={"require": _CLAIMS, "verify_iat": False})
    except (jwt.InvalidTokenError, UnicodeError):
        raise refused(token_type) from None
    if claims["token_type"] != token_type:
        raise refused(token_type)
    return claims


def refused(token_type: str) -> NotAuthenticated:
    return NotAuthenticated(_REFUSALS[token_type])


def _sign(claims: dict[str, str], seconds: int, ends: int) -> str:
    now = int(time.time())
    version, key = signing_keys.current()
    times = {"iat": now, "exp": min(now + seconds, ends)}
    return jwt.encode(claims | times, key, _ALGORITHM, headers={"kid": version})
