"""Developer profiles."""

from typing import Any

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute

import idempotency
from identity import text_fields
from problems import Conflict, NotAllowed, NotFound
from tables import Table

MAX_CHARACTERS = 500


class Developer(Table):
    """A profile with its list of API keys, which is changed only together with the table of keys."""

    class Meta(Table.Meta):
        environment_variable = "DEVELOPERS_TABLE"

    user_id = UnicodeAttribute(hash_key=True)
    purpose = UnicodeAttribute()
    organization = UnicodeAttribute()
    last_key_id = NumberAttribute(default=0)
    nonce_mark = UnicodeAttribute(null=True)  # of the attempt that made it
    # {id: {"name", "prefix", "created", "nonce_mark"}}; PynamoDB has no type for a map with arbitrary keys.
    api_keys: Any = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    # Set when the developer is deleted, in seconds since 1970. The item outlives the access tokens, so that none of
    # them can create a profile or a key.
    expires = NumberAttribute(null=True)


def create_profile(user_id: str, purpose: str, organization: str, nonce: bytes | None = None) -> dict[str, str]:
    """{"purpose", "organization"}. May be repeated with the same `nonce`. Raises Invalid, or Conflict if there is a
    profile."""
    text_fields.check(MAX_CHARACTERS, purpose=purpose, organization=organization)
    developer = Developer(
        user_id,
        purpose=purpose,
        organization=organization,
        nonce_mark=idempotency.mark(nonce or idempotency.new_nonce()),
    )
    # DynamoDB refuses to put an item while a transaction changes it (api_keys.py), so an existing item is not put.
    there = _find(user_id) or developer.save_or_get(Developer.user_id.does_not_exist())
    if there.nonce_mark != developer.nonce_mark:
        raise Conflict("You have a developer profile already: read it with GET /api/developer/profiles/.")
    return _profile(there)


def get_profile(user_id: str) -> dict[str, str]:
    """{"purpose", "organization"}. Raises NotFound."""
    developer = _find(user_id)
    if developer is None:
        raise NotFound("You have no developer profile yet: create it with POST /api/developer/profiles/.")
    return _profile(developer)


def require_developer(user_id: str) -> Developer:
    """The developer, read consistently. Raises NotAllowed without a profile."""
    developer = _find(user_id)
    if developer is None:
        raise NotAllowed("This needs a developer profile: create yours with POST /api/developer/profiles/.")
    return developer


def _find(user_id: str) -> Developer | None:
    try:
        developer = Developer.get(user_id, consistent_read=True)
    except Developer.DoesNotExist:
        return None
    return None if developer.expires else developer


def _profile(developer: Developer) -> dict[str, str]:
    return {"purpose": developer.purpose, "organization": developer.organization}
