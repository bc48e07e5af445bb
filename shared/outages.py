"""Tells AWS's failures from defects of ours."""

# What AWS answers when it has too much to do, or another request is in the way of this one. The SDK repeats the request
# a few times, so what comes here lasts for seconds.
BUSY = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}


def is_outage(error: BaseException | None) -> bool:
    """Whether AWS, or the way to it, failed at a request that may succeed when it is sent again."""
    from botocore import exceptions

    no_answer = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)

    while error is not None:
        if isinstance(error, no_answer):
            return True
        if isinstance(error, exceptions.ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= 500 or error.response["Error"]["Code"] in BUSY:
                return True
        # PynamoDB has its errors caused by botocore's, but does not say so to Python.
        error = getattr(error, "cause", None) or error.__cause__
    return False
