"""Requests that come with an API key."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from identity import api_keys
from web import credentials


def user_id_of(event: APIGatewayProxyEvent) -> str:
    """Returns the id of the user whose key is in `Authorization: ApiKey <key>`. Raises NotAuthenticated."""
    return credentials.user_id_of(event, "ApiKey", "an API key from POST /api-keys/", api_keys.authenticate)
