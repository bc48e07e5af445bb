"""Which errors are outages of AWS, and which are defects."""

import json

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from pynamodb.exceptions import GetError

from outages import is_outage
from web import errors

URL = "https://dynamodb.us-east-1.amazonaws.com"


def answered(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetItem")


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL),
        ResponseStreamingError(error="broken"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        answered(500, "InternalServerError"),
        answered(503, "SlowDown"),
        answered(400, "ProvisionedThroughputExceededException"),
        answered(400, "ThrottlingException"),
        answered(400, "TransactionConflictException"),
        answered(403, "RequestThrottled"),
    ],
    ids=lambda error: f"{type(error).__name__} {error}"[:80],
)
def test_an_outage(error: Exception) -> None:
    assert is_outage(error)
    assert is_outage(GetError("It was not got.", error))
    ours = ValueError("of ours")
    ours.__cause__ = error
    assert is_outage(ours)


def test_a_client_is_told_when_to_ask_again() -> None:
    answer = errors.outage_answer(APIGatewayProxyEvent({"headers": {}}))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Retry-After" in json.loads(str(answer.body))["error"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("of ours"),
        KeyError("of ours"),
        OSError("No space left on device"),
        TimeoutError(),
        NoCredentialsError(),
        ParamValidationError(report="of ours"),
        answered(400, "ValidationException"),
        answered(400, "AccessDeniedException"),
        answered(400, "ResourceNotFoundException"),
        answered(404, "NoSuchKey"),
        answered(412, "PreconditionFailed"),
    ],
    ids=lambda error: f"{type(error).__name__} {error}"[:80],
)
def test_a_defect(error: Exception) -> None:
    assert not is_outage(error)
    assert not is_outage(GetError("It was not got.", error))
