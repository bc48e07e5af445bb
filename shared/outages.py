"""Distinguishes failures of AWS from defects of ours."""

# What AWS answers when it is overloaded, or when another request conflicts with this one. The SDK retries the request
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
    """Whether AWS or the network failed, so that the same request may succeed later."""
    from botocore import exceptions

    no_answer = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)

    while error is not None:
        if isinstance(error, no_answer):
            return True
        if isinstance(error, exceptions.ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= 500 or error.response["Error"]["Code"] in BUSY:
                return True
        # PynamoDB keeps botocore's error in an attribute of its own, not as Python's __cause__.
        error = getattr(error, "cause", None) or error.__cause__
    return False
