"""Requests that come with an access token."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import telemetry
from identity import sessions, tokens
from identity.sessions import Session
from web import credentials

_SCHEME, _SOURCE = "Bearer", "an access token from POST /api/token/"


def developer(event: APIGatewayProxyEvent) -> str:
    """The user id of whom the token in `Authorization: Bearer <token>` is for. Raises NotAuthenticated."""
    return credentials.developer(event, _SCHEME, _SOURCE, tokens.verify_access)


def session(event: APIGatewayProxyEvent) -> Session:
    """The session that the token is of, which has not ended. Raises NotAuthenticated."""
    found = sessions.find(credentials.given(event, _SCHEME, _SOURCE))
    telemetry.add(developer=found.user_id)
    return found
