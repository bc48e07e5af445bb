"""Operations that are safe to repeat.

Each operation that creates something takes a nonce and is safe to repeat under the same one. What it makes follows from
the nonce, or keeps the nonce's mark to be known by. Without an Idempotency-Key the nonce is random. Then it serves the
SDK, which repeats a write whose answer was lost. With one, the nonce is the same for a day, and it serves the client.

Powertools has a utility for this. It keeps whole answers, and these hold API keys and patients' data: it is not used.
"""

import hashlib
import hmac
import secrets
import time
import uuid
from typing import Any, NamedTuple

import orjson
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from problems import KeyReused
from tables import Table

KEPT_SECONDS = 24 * 60 * 60
NONCE_BYTES = 32


class IdempotencyKey(Table):
    """A key that a client sent. Nothing in it tells the key, what was sent with it, or what was answered."""

    class Meta(Table.Meta):
        environment_variable = "IDEMPOTENCY_KEYS_TABLE"

    id = UnicodeAttribute(hash_key=True)
    salt = BinaryAttribute(legacy_encoding=False)
    fingerprint = BinaryAttribute(legacy_encoding=False)
    expires = NumberAttribute()  # in seconds since 1970


class Attempt(NamedTuple):
    """`repeated`: whether the key came before, with the same content."""

    nonce: bytes
    repeated: bool

    def new_id(self) -> str:
        """The id of what is made: a UUID, the same for the same nonce."""
        return str(uuid.UUID(bytes=hmac.digest(self.nonce, b"id", "sha256")[:16], version=4))


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def claim(key: str, scope: tuple[str, ...], content: Any) -> Attempt:
    """The attempt to do what `content` asks for, by a client who sent `key`.

    `scope` says where the key counts: another endpoint's or another developer's keys are other keys. `content` is what
    can be JSON, and bytes. Raises KeyReused if the key came with other content within a day.
    """
    now = int(time.time())
    mine = fingerprint(key, content)
    record_id = hashlib.sha256(orjson.dumps([*scope, key])).hexdigest()
    new = IdempotencyKey(record_id, salt=new_nonce(), fingerprint=mine, expires=now + KEPT_SECONDS)
    # DynamoDB deletes expired items late, by days, so one that is still there counts as gone.
    record = new.save_or_get(IdempotencyKey.id.does_not_exist() | (IdempotencyKey.expires <= now))
    if not hmac.compare_digest(record.fingerprint, mine):
        raise key_reused()
    return Attempt(hmac.digest(key.encode(), record.salt, "sha256"), repeated=record.salt != new.salt)


def fingerprint(key: str, content: Any) -> bytes:
    """Tells contents apart. Who reads the table can't try contents out on it, unless they know the client's key."""
    return hmac.digest(key.encode(), orjson.dumps(content, _digest, orjson.OPT_SORT_KEYS), "sha256")


def key_reused() -> KeyReused:
    return KeyReused("This Idempotency-Key came with another request before: send a new key with a new request.")


def mark(nonce: bytes) -> str:
    """What is kept with a thing to know it by again, and does not give the nonce away."""
    return hashlib.sha256(nonce).hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
