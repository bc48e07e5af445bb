"""Requests that come with an access token."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import telemetry
from identity import sessions, tokens
from identity.sessions import Session
from web import credentials

_SCHEME, _SOURCE = "Bearer", "an access token from POST /api/token/"


def user_id_of(event: APIGatewayProxyEvent) -> str:
    """Returns the id of the user whose token is in `Authorization: Bearer <token>`. Raises NotAuthenticated."""
    return credentials.user_id_of(event, _SCHEME, _SOURCE, tokens.verify_access)


def session(event: APIGatewayProxyEvent) -> Session:
    """Returns the token's session. Raises NotAuthenticated if it has ended."""
    found = sessions.find(credentials.given(event, _SCHEME, _SOURCE))
    telemetry.add(developer=found.user_id)
    return found
