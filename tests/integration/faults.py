"""Faults of AWS: calls to the emulated AWS fail below the SDK, so that the SDK retries them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.dynamodb.responses import DynamoHandler
from urllib3.exceptions import ProtocolError

LOST, THROTTLED, ERROR, TIMEOUT = "answer lost", "throttled", "server error", "timeout"
KINDS = (LOST, THROTTLED, ERROR, TIMEOUT)
CUT = "answer cut"  # of an object's content: the SDK has returned by then, and does not retry

# What each service answers when it throttles, and when it is broken: status and code.
REFUSALS = {
    ("dynamodb", THROTTLED): (400, "ProvisionedThroughputExceededException"),
    ("secrets-manager", THROTTLED): (400, "ThrottlingException"),
    ("sqs", THROTTLED): (403, "RequestThrottled"),
    ("s3", THROTTLED): (503, "SlowDown"),
    ("dynamodb", ERROR): (500, "InternalServerError"),
    ("secrets-manager", ERROR): (500, "InternalServiceError"),
    ("sqs", ERROR): (500, "InternalFailure"),
    ("s3", ERROR): (500, "InternalError"),
}


# Lambda's own calls, which bring messages to the worker.
POLLS = {"ReceiveMessage", "DeleteMessage"}


class Fault(NamedTuple):
    """A fault of the call with this number (from 0): of its first request, or of all such requests from then on."""

    call: int
    kind: str
    for_ever: bool


class Faults:
    """The calls to AWS from now on. The SDK's retries are requests of the same call."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        self.calls: list[str] = []
        self.done: list[str] = []  # the calls that AWS has done, whether its answer arrived or not
        self.late_reads: list[str] = []  # reads that may miss the latest writes
        self._numbers: dict[str, int] = {}
        self._done_numbers: set[int] = set()
        self._lock = threading.Lock()

    def lift(self) -> None:
        """From now on nothing fails."""
        self.fault = None

    def handle(self, stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        number, first = self._register(_name(service, operation, request), request)
        if operation == "GetItem" and not json.loads(request.body).get("ConsistentRead"):
            self.late_reads.append(self.calls[number])
        fault = self.fault
        if not (fault and self._hits(fault, number, first)):
            return self._do(stubber, number, request)
        if fault.kind == LOST:
            self._do(stubber, number, request)
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault.kind == TIMEOUT:
            raise ConnectTimeoutError(endpoint_url=request.url)
        if fault.kind == CUT:
            answer = self._do(stubber, number, request)
            answer.raw = _Cut()
            return answer
        return _refusal(request, service, *REFUSALS[service, fault.kind])

    def _hits(self, fault: Fault, number: int, first: bool) -> bool:
        if fault.for_ever:
            return number >= fault.call and self.calls[number] == self.calls[fault.call]
        return number == fault.call and first

    def _register(self, name: str, request: AWSPreparedRequest) -> tuple[int, bool]:
        """The call's number, and whether this is its first request."""
        invocation = str(request.headers["amz-sdk-invocation-id"])
        with self._lock:
            first = invocation not in self._numbers
            if first:
                self._numbers[invocation] = len(self.calls)
                self.calls.append(name)
            return self._numbers[invocation], first

    def _do(self, stubber: BotocoreStubber, number: int, request: AWSPreparedRequest) -> AWSResponse:
        status, headers, body = stubber.process_request(request)
        with self._lock:
            if number not in self._done_numbers:
                self._done_numbers.add(number)
                self.done.append(self.calls[number])
        return AWSResponse(request.url, status, headers, MockRawResponse(body))


class _Cut(MockRawResponse):
    """The body of an answer that is cut off when the connection breaks."""

    def __init__(self) -> None:
        super().__init__(b"")

    def read(self, *_: Any, **__: Any) -> bytes:
        raise ProtocolError("The connection broke.")


class Injector:
    """Lets the current faults decide about each call to the emulated AWS."""

    def __init__(self) -> None:
        self.faults = Faults()

    def begin(self, fault: Fault | None = None) -> Faults:
        self.faults = Faults(fault)
        return self.faults


@contextmanager
def injected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Injector]:
    """While this lasts, nothing waits before a retry."""
    injector = Injector()
    call = BotocoreStubber.__call__

    def handle(stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if not stubber.enabled or event_name.rpartition(".")[2] in POLLS:
            return call(stubber, event_name, request)
        return injector.faults.handle(stubber, event_name, request)

    monkeypatch.setattr(BotocoreStubber, "__call__", handle)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    # The SDK retries less in a process with many failures, and these tests have nothing but failures.
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)
    _make_transactions_idempotent(monkeypatch)
    yield injector


def _make_transactions_idempotent(monkeypatch: pytest.MonkeyPatch) -> None:
    # For ten minutes, DynamoDB does a transaction with the same token only once. moto ignores the token.
    done: dict[str, Any] = {}
    transact_write_items = DynamoHandler.transact_write_items

    def once(handler: DynamoHandler) -> Any:
        token = handler.body["ClientRequestToken"]
        if token not in done:
            done[token] = transact_write_items(handler)
        return done[token]

    monkeypatch.setattr(DynamoHandler, "transact_write_items", once)


def _name(service: str, operation: str, request: AWSPreparedRequest) -> str:
    """The operation, and its table if it has one."""
    table = json.loads(request.body).get("TableName") if service == "dynamodb" else None
    return f"{operation} {table}" if table else operation


def _refusal(request: AWSPreparedRequest, service: str, status: int, code: str) -> AWSResponse:
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>"
    else:
        body = json.dumps({"__type": code, "message": "No."})
    return AWSResponse(request.url, status, {}, MockRawResponse(body))
