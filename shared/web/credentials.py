"""Who sends a request: the credentials of its Authorization header."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
import telemetry
from problems import NotAuthenticated

MAX_CHARACTERS = 2_000  # of the header; a token has 500


def developer(event: APIGatewayProxyEvent, scheme: str, source: str, authenticate: Callable[[str], str]) -> str:
    """The user id for `Authorization: <scheme> <…>`, which from now on is in all that is logged.

    `authenticate` knows it, or raises NotAuthenticated; `source` tells where to get credentials.
    """
    with tally.stage("Authenticate"):
        user_id = authenticate(given(event, scheme, source))
    telemetry.add(developer=user_id)
    return user_id


def scheme(event: APIGatewayProxyEvent) -> str:
    """The scheme of the Authorization header in lower case; empty if there is no header."""
    return (event.headers.get("Authorization") or "")[:MAX_CHARACTERS].strip().partition(" ")[0].lower()


def given(event: APIGatewayProxyEvent, scheme: str, source: str) -> str:
    """What stands in the header after the scheme. Raises NotAuthenticated if it is missing or of another scheme."""
    header = event.headers.get("Authorization") or ""
    given_scheme, _, credentials = header[:MAX_CHARACTERS].strip().partition(" ")
    # RFC 9110 11.1: the scheme is case-insensitive.
    if len(header) > MAX_CHARACTERS or given_scheme.lower() != scheme.lower() or not credentials.strip():
        raise NotAuthenticated(f"Send {source} in the header Authorization: {scheme} <…>.", scheme=scheme)
    return credentials.strip()
