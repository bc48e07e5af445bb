"""Faults of AWS: a call fails on its way to the emulated one, below where the SDK repeats what fails."""

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
CUT = "answer cut"  # of objects: the SDK has handed the answer over by then, and repeats nothing

# What each service says when it has too much to do, and when it is broken: status, and code.
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


# Lambda's own, by which it hands messages over to the worker.
POLLS = {"ReceiveMessage", "DeleteMessage"}


class Fault(NamedTuple):
    """What happens to the call with this number, from 0: to its first request, or to all like it from then on."""

    call: int
    kind: str
    for_ever: bool


class Faults:
    """The calls to AWS since this was made. The SDK's repetitions of a call are requests of the same one."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        self.calls: list[str] = []
        self.done: list[str] = []  # those that AWS has done, whether its answer came or not
        self.late_reads: list[str] = []  # those that may miss what was written a moment before
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
    """The body of an answer whose connection breaks."""

    def __init__(self) -> None:
        super().__init__(b"")

    def read(self, *_: Any, **__: Any) -> bytes:
        raise ProtocolError("The connection broke.")


class Injector:
    """Has all calls to the emulated AWS go by the faults of the moment."""

    def __init__(self) -> None:
        self.faults = Faults()

    def begin(self, fault: Fault | None = None) -> Faults:
        self.faults = Faults(fault)
        return self.faults


@contextmanager
def injected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Injector]:
    """For as long as it lasts, nobody waits before a repetition."""
    injector = Injector()
    call = BotocoreStubber.__call__

    def handle(stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if not stubber.enabled or event_name.rpartition(".")[2] in POLLS:
            return call(stubber, event_name, request)
        return injector.faults.handle(stubber, event_name, request)

    monkeypatch.setattr(BotocoreStubber, "__call__", handle)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    # The SDK repeats less and less in a process where much fails, and here everything does.
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)
    _make_transactions_idempotent(monkeypatch)
    yield injector


def _make_transactions_idempotent(monkeypatch: pytest.MonkeyPatch) -> None:
    # DynamoDB does a transaction once that comes twice with the same token, for ten minutes. moto ignores the token.
    done: dict[str, Any] = {}
    transact_write_items = DynamoHandler.transact_write_items

    def once(handler: DynamoHandler) -> Any:
        token = handler.body["ClientRequestToken"]
        if token not in done:
            done[token] = transact_write_items(handler)
        return done[token]

    monkeypatch.setattr(DynamoHandler, "transact_write_items", once)


def _name(service: str, operation: str, request: AWSPreparedRequest) -> str:
    """The operation, and the table that it is on, if it is on one."""
    table = json.loads(request.body).get("TableName") if service == "dynamodb" else None
    return f"{operation} {table}" if table else operation


def _refusal(request: AWSPreparedRequest, service: str, status: int, code: str) -> AWSResponse:
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>"
    else:
        body = json.dumps({"__type": code, "message": "No."})
    return AWSResponse(request.url, status, {}, MockRawResponse(body))
