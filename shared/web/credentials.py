"""Who sends a request: the credentials of its Authorization header."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from problems import NotAuthenticated


def bearer_token(event: APIGatewayProxyEvent) -> str:
    """The access token of `Authorization: Bearer <token>`."""
    return _credentials(event, "Bearer", "an access token from POST /api/token/")


def api_key(event: APIGatewayProxyEvent) -> str:
    """The key of `Authorization: ApiKey <key>`."""
    return _credentials(event, "ApiKey", "an API key from POST /api-keys/")


def _credentials(event: APIGatewayProxyEvent, scheme: str, source: str) -> str:
    given, _, credentials = (event.headers.get("Authorization") or "").strip().partition(" ")
    # RFC 9110 11.1: the scheme is case-insensitive.
    if given.lower() != scheme.lower() or not credentials.strip():
        raise NotAuthenticated(f"Send {source} in the header Authorization: {scheme} <…>.", scheme=scheme)
    return credentials.strip()
