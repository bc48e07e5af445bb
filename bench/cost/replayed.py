"""AWS as it answered once: what is sent again in the same invocation gets the same answer, after AWS's time."""

import io
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

Answer = tuple[int, dict[str, str], bytes]

operations: list[str] = []
waits: list[tuple[float, float]] = []  # from when to when, as requests may be made at the same time
_answers: dict[Any, list[Answer]] = defaultdict(list)
_next: dict[Any, Iterator[Answer]] = {}


class Body(io.BytesIO):
    """As urllib3 gives it to botocore."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def begin() -> None:
    """An invocation begins: the first one is recorded, every other gets its answers."""
    operations.clear()
    waits.clear()
    _next.update({request: iter(answers) for request, answers in _answers.items()})


def waited() -> float:
    """Milliseconds of the invocation in which there was a request under way."""
    total = end = 0.0
    for began, ended in sorted(waits):
        total += max(0.0, ended - max(began, end))
        end = max(end, ended)
    return total * 1000


def install(answers_after: dict[str, int], bytes_a_millisecond: int) -> None:
    """From now on, for every client of the process."""
    call, send = BaseClient._make_api_call, URLLib3Session.send  # type: ignore[attr-defined]

    def named(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        operations.append(operation)
        return call(client, operation, parameters)

    def played(session: URLLib3Session, request: Any) -> AWSResponse:
        service = _service(request)
        key = request.method, request.url, request.headers.get("X-Amz-Target"), request.headers.get("Range")
        started = time.perf_counter()
        if key in _next:
            status, headers, body = next(_next[key])
            sent = int(request.headers.get("Content-Length") or 0)
            time.sleep((answers_after[service] + (sent + len(body)) / bytes_a_millisecond) / 1000)
        else:
            answer = send(session, request)
            status, headers, body = answer.status_code, dict(answer.headers), answer.content
            _answers[key].append((status, headers, body))
        waits.append((started, time.perf_counter()))
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), Body(body))

    setattr(BaseClient, "_make_api_call", named)  # noqa: B010 - its stubs do not have it
    setattr(URLLib3Session, "send", played)  # noqa: B010


def _service(request: Any) -> str:
    target = (request.headers.get("X-Amz-Target") or b"").decode().partition(".")[0].partition("_")[0].lower()
    known = {"dynamodb": "dynamodb", "amazonsqs": "sqs", "secretsmanager": "secretsmanager"}
    return known[target] if target else "s3" if urlsplit(request.url).path.count("/") > 1 else "sqs"
