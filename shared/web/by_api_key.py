"""Requests that come with an API key."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from identity import api_keys
from web import credentials


def developer(event: APIGatewayProxyEvent) -> str:
    """The user id of whose key comes in `Authorization: ApiKey <key>`. Raises NotAuthenticated."""
    return credentials.developer(event, "ApiKey", "an API key from POST /api-keys/", api_keys.authenticate)
