"""Requests and answers without a network: generators that yield what to send, for any transport.

Each step that a generator yields is a `Send`, to which the transport sends back the answer, or throws an
error of FAILURES; or a `Pause`.
"""

import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import httpx

from dicom_api.errors import DicomApiError, Disconnected, ForeignAnswer, NotAuthorized, refused, retry_after
from dicom_api.files import Sending, Source

TIMEOUT = httpx.Timeout(90, connect=10)  # seconds: the gateway answers within 29
TRIES = 4
MAX_PAUSE = 60  # seconds: the quota's 429 asks to wait until next month
REDIRECTS = 5
LAST_PORT = 65535
# Errors in place of an answer. Python raises UnicodeError for a host name that is not valid.
FAILURES = (httpx.RequestError, httpx.InvalidURL, UnicodeError)
PASSING = {429, 502, 503, 504}


class Sink(Protocol):
    """Takes an answer's body as it arrives."""

    def feed(self, chunk: bytes) -> None: ...


@dataclass(frozen=True)
class Part:
    """A file in a form."""

    name: str
    file_name: str
    source: Source
    sent: Callable[[int], None]


@dataclass(frozen=True)
class Send:
    """A request. `sink` takes the body of a successful answer; without a sink, the answer keeps its body."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] | None = None
    json: Any = None
    form: dict[str, str] | None = None
    parts: tuple[Part, ...] = ()
    sink: Sink | None = None

    def arguments(self, opened: list[Any]) -> dict[str, Any]:
        """The arguments of httpx's `build_request`. `opened` has the content of each part."""
        files = [
            (part.name, (part.file_name, Sending(content, part.source.size, part.sent), "application/octet-stream"))
            for part, content in zip(self.parts, opened, strict=True)
        ]
        return {
            "method": self.method,
            "url": self.url,
            "headers": self.headers,
            "params": self.params,
            "json": self.json,
            "data": self.form,
            "files": files or None,
        }


@dataclass(frozen=True)
class Pause:
    seconds: float


T = TypeVar("T")
Steps = Generator[Send | Pause, httpx.Response, T]


@dataclass
class Session:
    """The API's address and the credentials: an API key, and tokens after a login."""

    url: str
    key: str | None
    access: str | None = None
    refresh: str | None = None

    def by_key(self) -> dict[str, str]:
        if not self.key:
            raise DicomApiError("An API key is needed: Client(key=…), or the environment variable DICOM_API_KEY.")
        return {"Authorization": f"ApiKey {self.key}"}

    def by_token(self) -> dict[str, str]:
        if not self.access:
            raise DicomApiError("Log in first: client.login(email, password).")
        return {"Authorization": f"Bearer {self.access}"}


def once() -> dict[str, str]:
    """Headers that make a repeated request create only one thing."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def answered(send: Send, sink: Callable[[], Sink] | None = None, *, repeatable: bool = True) -> Steps[httpx.Response]:
    """The answer to a request, which is retried where that may help. Raises DicomApiError.

    `sink` makes a new sink for each try. `repeatable` says whether to repeat a request that may have arrived.
    """
    for attempt in range(1, TRIES + 1):
        seconds = float(2**attempt)
        try:
            answer = yield from _followed(replace(send, sink=sink() if sink else None))
        except FAILURES as error:
            # A server that refuses a connection will also do so in a few seconds.
            hopeless = isinstance(
                error, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.InvalidURL | UnicodeError
            )
            if attempt == TRIES or hopeless or not repeatable:
                raise Disconnected(_sentence(error)) from error
        else:
            if not answer.is_error:
                return answer
            passing = answer.status_code in PASSING and (repeatable or answer.status_code == 429)
            if not passing or attempt == TRIES:
                raise refused(answer)
            asked = retry_after(answer)
            if asked is None and answer.status_code == 429:
                raise refused(answer)
            seconds = seconds if asked is None else asked
            if seconds > MAX_PAUSE:
                raise refused(answer)
        yield Pause(seconds)
    raise AssertionError("the last try ends above")


def by_token(session: Session, make: Callable[[dict[str, str]], Send]) -> Steps[httpx.Response]:
    """The answer to a request with the access token. An expired token is renewed once."""
    try:
        return (yield from answered(make(session.by_token())))
    except NotAuthorized as error:
        if error.status != 401 or not session.refresh:
            raise
    yield from renew(session)
    return (yield from answered(make(session.by_token())))


def renew(session: Session) -> Steps[None]:
    """New tokens for the refresh token. As it is valid for one use, it is never sent again."""
    send = Send("POST", f"{session.url}/api/token/refresh/", json={"refresh": session.refresh})
    session.refresh = None
    answer = yield from answered(send, repeatable=False)
    take_tokens(session, json_of(answer))


def take_tokens(session: Session, tokens: Any) -> None:
    match tokens:
        case {"access": str(access), "refresh": str(refresh)}:
            session.access, session.refresh = access, refresh
        case _:
            raise ForeignAnswer


def json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise ForeignAnswer from None


def _followed(send: Send) -> Steps[httpx.Response]:
    """The answer. A 303 is followed to S3 without `Authorization`, which S3 refuses beside a presigned URL."""
    answer = yield from _sent(send)
    for _ in range(REDIRECTS):
        if answer.status_code != 303:
            break
        try:
            url = httpx.URL(send.url).join(answer.headers.get("Location", ""))
        except httpx.InvalidURL:
            raise ForeignAnswer("The address that came with an answer is not valid.") from None
        answer = yield from _sent(Send("GET", str(url), sink=send.sink))
    if answer.is_redirect:
        raise ForeignAnswer(f"{_server(answer.request)} sends on and on: see whether the address is right.")
    return answer


def _sent(send: Send) -> Steps[httpx.Response]:
    # The C library takes the last 16 bits of a larger port, where another program may listen.
    if (httpx.URL(send.url).port or 0) > LAST_PORT:
        raise httpx.InvalidURL("The port is not valid.")
    return (yield send)


def _sentence(error: httpx.RequestError | httpx.InvalidURL | UnicodeError) -> str:
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | UnicodeError):
        return "The address, or one that came with an answer, is not valid: see whether the address is right."
    server = _server(error.request)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"There is no safe connection to {server}: its certificate is not trusted."
    if isinstance(error, httpx.ConnectError | httpx.TimeoutException) or "without sending a response" in str(error):
        return f"No answer from {server}: see whether it runs, and whether the address is right."
    return f"The connection to {server} broke off: try again."


def _server(request: httpx.Request) -> str:
    """The address without path and query, which may belong to a presigned URL."""
    return f"{request.url.scheme}://{request.url.netloc.decode()}"
