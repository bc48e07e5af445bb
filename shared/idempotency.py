"""Operations that are safe to repeat.

Each operation that creates something takes a nonce, and can be repeated with the same nonce. What it creates is derived
from the nonce, or stores a mark of it. Without an Idempotency-Key the nonce is random, and protects the SDK's retries
of a write whose answer was lost. With a key the nonce stays the same for a day, and protects the client's retries.

Powertools' idempotency utility is not used, as it stores whole answers, which hold API keys and patients' data.
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
    """A key that a client sent. The item reveals neither the key, nor the request, nor the answer."""

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
        """The id of what is created: a UUID derived from the nonce."""
        return str(uuid.UUID(bytes=hmac.digest(self.nonce, b"id", "sha256")[:16], version=4))

    def new_secret(self) -> str:
        """A secret for what is created, of 256 bits, derived from the nonce."""
        return hmac.digest(self.nonce, b"secret", "sha256").hex()


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def claim(key: str, scope: tuple[str, ...], content: Any) -> Attempt:
    """The attempt at a request with this `content`, by a client who sent `key`.

    `scope` separates the keys of endpoints and developers. `content` is what
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
    """A fingerprint of the content. Guesses can't be checked against it without the client's key."""
    return hmac.digest(key.encode(), orjson.dumps(content, _digest, orjson.OPT_SORT_KEYS), "sha256")


def key_reused() -> KeyReused:
    return KeyReused("This Idempotency-Key came with another request before: send a new key with a new request.")


def mark(nonce: bytes) -> str:
    """What is stored with a thing to recognise it, without revealing the nonce."""
    return hashlib.sha256(nonce).hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
