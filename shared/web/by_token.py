"""Requests that come with an access token."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from identity import tokens
from web import credentials


def developer(event: APIGatewayProxyEvent) -> str:
    """The user id of whom the token in `Authorization: Bearer <token>` is for. Raises NotAuthenticated."""
    return credentials.developer(event, "Bearer", "an access token from POST /api/token/", tokens.verify_access)
