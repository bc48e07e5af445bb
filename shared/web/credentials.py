"""The credentials in the Authorization header."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
import telemetry
from problems import NotAuthenticated

MAX_CHARACTERS = 2_000  # of the header; a token has 500


def user_id_of(event: APIGatewayProxyEvent, scheme: str, source: str, authenticate: Callable[[str], str]) -> str:
    """Returns the user id for `Authorization: <scheme> <…>`, and adds it to every log line that follows.

    `authenticate` maps credentials to a user id or raises NotAuthenticated; `source` tells the client where to get
    credentials.
    """
    with tally.stage("Authenticate"):
        user_id = authenticate(given(event, scheme, source))
    telemetry.add(developer=user_id)
    return user_id


def scheme(event: APIGatewayProxyEvent) -> str:
    """The scheme of the Authorization header in lower case; empty if there is no header."""
    return (event.headers.get("Authorization") or "")[:MAX_CHARACTERS].strip().partition(" ")[0].lower()


def given(event: APIGatewayProxyEvent, scheme: str, source: str) -> str:
    """Returns what follows the scheme in the header. Raises NotAuthenticated if it is missing or has another scheme."""
    header = event.headers.get("Authorization") or ""
    given_scheme, _, credentials = header[:MAX_CHARACTERS].strip().partition(" ")
    # RFC 9110 11.1: the scheme is case-insensitive.
    if len(header) > MAX_CHARACTERS or given_scheme.lower() != scheme.lower() or not credentials.strip():
        raise NotAuthenticated(f"Send {source} in the header Authorization: {scheme} <…>.", scheme=scheme)
    return credentials.strip()
