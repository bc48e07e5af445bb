"""The keys that sign tokens: the versions of one secret in Secrets Manager.

A token names the version that signed it. The newest version signs, and the one before it still verifies, so a rotation
logs nobody out. While Secrets Manager can't be reached, the keys in memory stay in use.
"""

import os
from dataclasses import dataclass, field
from functools import cache
from time import time
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import initialisation
import tally
from tables import CONNECTION

CACHE_SECONDS = 5 * 60
# An unknown version may be a new one or a forgery, and forgeries must not become requests to Secrets Manager.
REFETCH_SECONDS = 3
# A failing fetch takes seconds, so not every request may try one.
RETRY_SECONDS = 30


@dataclass
class _Cache:
    fetched: float = 0
    failed: float = 0
    current: str = ""
    keys: dict[str, str] = field(default_factory=dict)


_cache = _Cache()


def current() -> tuple[str, str]:
    """The version to sign with, and its key."""
    _fetch_if_older(CACHE_SECONDS)
    return _cache.current, _cache.keys[_cache.current]


def find(version: str) -> str | None:
    """The key of this version, if it may still verify."""
    _fetch_if_older(CACHE_SECONDS)
    if version not in _cache.keys:
        _fetch_if_older(REFETCH_SECONDS)
    return _cache.keys.get(version)


def _fetch_if_older(seconds: float) -> None:
    if time() - _cache.fetched < seconds or time() - _cache.failed < RETRY_SECONDS:
        return
    try:
        _fetch()
    except (BotoCoreError, ClientError):
        if not _cache.keys:
            raise
        _cache.failed = time()
        tally.add("SigningKeyFailures")


def _fetch() -> None:
    # In this order, a rotation between both requests loses no key.
    current = _get("AWSCURRENT")
    keys = {current["VersionId"]: current["SecretString"]}
    try:
        previous = _get("AWSPREVIOUS")
    except client().exceptions.ResourceNotFoundException:
        pass  # never rotated yet
    else:
        keys[previous["VersionId"]] = previous["SecretString"]
    _cache.fetched, _cache.current, _cache.keys = time(), current["VersionId"], keys


def _get(stage: str) -> dict[str, Any]:
    secret: dict[str, Any] = client().get_secret_value(SecretId=os.environ["SIGNING_SECRET"], VersionStage=stage)
    return secret


@cache
def client() -> Any:
    # From the session that the tables have already: a second one, or boto3, takes a cold start 0.1 s more.
    config = Config(connect_timeout=2, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
    return CONNECTION.session.create_client("secretsmanager", config=config)


initialisation.make_client(client)
