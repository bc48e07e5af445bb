"""API keys. A key is a prefix, by which it is found, a dot and a secret. Only its hash is stored.

A key is in two tables: its developer's list, and the table that authenticates requests. One transaction changes both.
The SDK gives each transaction a token, so that a retried one is done once.
"""

import hashlib
import hmac
import re
import secrets
import string
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

import idempotency
import tally
from identity import text_fields
from identity.developers import Developer, require_developer
from problems import Conflict, Invalid, NotAuthenticated, NotFound, TooMany
from tables import CONNECTION, Table

MAX_NAME_CHARACTERS = 100
MAX_KEYS = 100
SHOWN = ("name", "prefix", "created", "expires")  # of a key, in the list
MAX_TIME_CHARACTERS = 40
PATIENCE_SECONDS = 6

_ALPHABET = string.ascii_letters + string.digits
_KEY = re.compile(r"([A-Za-z0-9]{8})\.[A-Za-z0-9]{32}")
# Reasons for which DynamoDB cancels a transaction that may succeed when retried: a concurrent change.
_CONTENTION = {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

_T = TypeVar("_T")


class ApiKey(Table):
    class Meta(Table.Meta):
        environment_variable = "API_KEYS_TABLE"

    prefix = UnicodeAttribute(hash_key=True)
    key_hash = UnicodeAttribute()
    user_id = UnicodeAttribute()
    expires = NumberAttribute(null=True)  # in seconds since 1970
    last_used = UnicodeAttribute(null=True)  # a day (UTC), as YYYY-MM-DD


def create(user_id: str, name: str, expires: str | None = None, nonce: bytes | None = None) -> dict[str, Any]:
    """{"id", "name", "key"}, and "expires" if it is given. The key is shown only here.

    `expires` is a date or a time in ISO 8601, in UTC unless it has an offset. Can be repeated with the same `nonce`.
    Raises Invalid, Conflict, or NotAllowed without a profile.
    """
    text_fields.check(MAX_NAME_CHARACTERS, name=name)
    until = None if expires is None else _future(expires)
    chosen = nonce or idempotency.new_nonce()
    return _despite_contention(lambda: _create(user_id, name, until, chosen))


def list_for(user_id: str) -> list[dict[str, Any]]:
    """[{"id", "name", "prefix", "created"}] by id, with "expires" and "last_used" for a key that has them.

    created and expires are ISO 8601 in UTC, last_used is a day. Raises NotAllowed without a profile.
    """
    held: dict[str, dict[str, str]] = require_developer(user_id).api_keys.as_dict()
    used = _last_used([key["prefix"] for key in held.values()])
    return [
        {"id": int(key_id)}
        | {name: held[key_id][name] for name in SHOWN if name in held[key_id]}
        | used.get(held[key_id]["prefix"], {})
        for key_id in sorted(held, key=int)
    ]


def delete(user_id: str, key_id: str) -> None:
    """Raises NotFound if the developer has no such key, NotAllowed without a profile."""
    _despite_contention(lambda: _delete(user_id, key_id))


def authenticate(key: str) -> str:
    """The user id of the developer whose key this is. Raises NotAuthenticated."""
    refused = NotAuthenticated(
        "The API key is not valid: send one from POST /api-keys/ that was not deleted and has not expired.",
        scheme="ApiKey",
    )
    match = _KEY.fullmatch(key)
    if not match:
        raise refused
    try:
        api_key = ApiKey.get(match[1], consistent_read=True)
    except ApiKey.DoesNotExist:
        raise refused from None
    if not hmac.compare_digest(api_key.key_hash, _hash(key)):
        raise refused
    now = datetime.now(UTC)
    if api_key.expires is not None and api_key.expires <= now.timestamp():
        raise refused
    _remember_use(api_key, now.date().isoformat())
    return api_key.user_id


def _remember_use(api_key: ApiKey, day: str) -> None:
    """Records the day of the last use, once a day. A failed write does not fail the request."""
    if api_key.last_used == day:
        return
    try:
        # The write must not bring back a key that is being deleted.
        api_key.update_if(ApiKey.key_hash == api_key.key_hash, [ApiKey.last_used.set(day)])
    except UpdateError:
        tally.add("SkippedWrites")


def _last_used(prefixes: list[str]) -> dict[str, dict[str, str]]:
    """{"last_used": a day} by the prefixes of keys that were used."""
    keys = ApiKey.batch_get(prefixes, attributes_to_get=["prefix", "last_used"]) if prefixes else []
    return {key.prefix: {"last_used": key.last_used} for key in keys if key.last_used}


def _future(expires: str) -> datetime:
    """The time in the client's text, in UTC and whole seconds. Raises Invalid."""
    try:
        time_given = datetime.fromisoformat(expires[:MAX_TIME_CHARACTERS])
        until = (time_given if time_given.tzinfo else time_given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        until = None
    if until is None or len(expires) > MAX_TIME_CHARACTERS or until <= datetime.now(UTC):
        why = "It must be a date or a time in the future, such as 2030-12-31 or 2030-12-31T18:00:00Z."
        raise Invalid("Send a valid expires, or none.", fields={"expires": why})
    return until.replace(microsecond=0)


def _create(user_id: str, name: str, until: datetime | None, nonce: bytes) -> dict[str, Any]:
    developer = require_developer(user_id)
    all_held: dict[str, dict[str, str]] = developer.api_keys.as_dict()
    mark = idempotency.mark(nonce)
    for made_id, made in all_held.items():
        if made.get("nonce_mark") == mark:  # by an attempt before
            return _shown_once(int(made_id), made, _key(made["prefix"], nonce))
    if len(all_held) >= MAX_KEYS:
        raise Conflict(f"You have {MAX_KEYS} API keys, which is as many as you can have: delete one first.")
    key_id = int(developer.last_key_id) + 1
    prefix = _random(8)
    key = _key(prefix, nonce)
    expires = {"expires": _iso(until)} if until else {}
    held = {"name": name, "prefix": prefix, "created": _iso(datetime.now(UTC)), "nonce_mark": mark, **expires}
    api_key = ApiKey(prefix, key_hash=_hash(key), user_id=user_id, expires=until and int(until.timestamp()))
    with TransactWrite(connection=CONNECTION) as transaction:
        transaction.save(api_key, ApiKey.prefix.does_not_exist())
        transaction.update(
            developer,
            [Developer.last_key_id.set(key_id), Developer.api_keys[str(key_id)].set(held)],
            (Developer.last_key_id == developer.last_key_id) & Developer.expires.does_not_exist(),
        )
    return _shown_once(key_id, held, key)


def _shown_once(key_id: int, held: dict[str, str], key: str) -> dict[str, Any]:
    expires = {"expires": held["expires"]} if "expires" in held else {}
    return {"id": key_id, "name": held["name"], "key": key, **expires}


def _delete(user_id: str, key_id: str) -> None:
    developer = require_developer(user_id)
    held = developer.api_keys.as_dict().get(key_id)
    if held is None:
        raise NotFound("You have no API key with this id: list yours with GET /api-keys/.")
    with TransactWrite(connection=CONNECTION) as transaction:
        transaction.delete(ApiKey(held["prefix"]))
        # Ids are never reused, so an id that still exists has the same prefix.
        transaction.update(developer, [Developer.api_keys[key_id].remove()], Developer.api_keys[key_id].exists())


def _despite_contention(change: Callable[[], _T]) -> _T:
    give_up = time.monotonic() + PATIENCE_SECONDS
    for attempt in count():
        try:
            return change()
        except TransactWriteError as error:
            if not {reason.code for reason in error.cancellation_reasons if reason} & _CONTENTION:
                raise
        if time.monotonic() > give_up:
            break
        time.sleep(secrets.SystemRandom().uniform(0, 0.02 * 2 ** min(attempt, 4)))
    raise TooMany("Your API keys are being changed by too many requests at once: try again.", retry_after=1)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _key(prefix: str, nonce: bytes) -> str:
    """The key with this prefix that an attempt creates. Its secret is derived from the nonce, and stored nowhere."""
    # 32 digits to the base 62 take 191 of the number's 512 bits, so all characters are practically equally likely.
    number = int.from_bytes(hmac.digest(nonce, prefix.encode(), "sha512"))
    secret = ""
    for _ in range(32):
        number, digit = divmod(number, len(_ALPHABET))
        secret += _ALPHABET[digit]
    return f"{prefix}.{secret}"


def _hash(key: str) -> str:
    # The key is random, so it needs no slow hash and no salt.
    return hashlib.sha256(key.encode()).hexdigest()
