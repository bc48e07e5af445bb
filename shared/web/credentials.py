"""Who sends a request: the credentials of its Authorization header."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
import telemetry
from problems import NotAuthenticated


def developer(event: APIGatewayProxyEvent, scheme: str, source: str, authenticate: Callable[[str], str]) -> str:
    """The user id for `Authorization: <scheme> <…>`, which from now on is in all that is logged.

    `authenticate` knows it, or raises NotAuthenticated; `source` tells where to get credentials.
    """
    with tally.stage("Authenticate"):
        user_id = authenticate(_credentials(event, scheme, source))
    telemetry.add(developer=user_id)
    return user_id


def _credentials(event: APIGatewayProxyEvent, scheme: str, source: str) -> str:
    given, _, credentials = (event.headers.get("Authorization") or "").strip().partition(" ")
    # RFC 9110 11.1: the scheme is case-insensitive.
    if given.lower() != scheme.lower() or not credentials.strip():
        raise NotAuthenticated(f"Send {source} in the header Authorization: {scheme} <…>.", scheme=scheme)
    return credentials.strip()
