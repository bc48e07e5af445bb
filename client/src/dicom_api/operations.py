"""The API's operations, as steps for any transport."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import httpx

from dicom_api.answer import Answer, Parser, Picture
from dicom_api.errors import ForeignAnswer, TooLarge, WorkFailed, retry_after
from dicom_api.exchange import (
    MAX_PAUSE,
    Part,
    Pause,
    Send,
    Session,
    Sink,
    Steps,
    answered,
    by_token,
    json_of,
    once,
    take_tokens,
)
from dicom_api.files import Source
from dicom_api.progress import Progress, Report

# A direct request carries 4.4 MB with its form. What is larger, or too much work, is staged.
DIRECT_BYTES = 4_000_000
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")
POLL_SECONDS = 5  # seconds, if the API does not say
READ, GENERATE, UPLOADS = "/api/dicom/read/file/", "/api/dicom/generate/", "/api/dicom/uploads/"
Rewriting = Literal["deidentify", "convert"]
PROFILE, KEYS = "/api/developer/profiles/", "/api-keys/"


class Reported:
    """A sink that reports how many bytes have arrived, and passes them on."""

    def __init__(self, feed: Callable[[bytes], object], report: Report) -> None:
        self._feed = feed
        self._report = report
        self._bytes = 0

    def feed(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        self._report(Progress("download", self._bytes, None))
        self._feed(chunk)


def read(
    session: Session, file: Source, options: dict[str, str], picture: Callable[[], Picture], report: Report
) -> Steps[Answer]:
    """`picture` makes a new callback for each try."""
    parsers: list[Parser] = []

    def sink() -> Sink:
        parsers.append(Parser(picture()))
        return Reported(parsers[-1].feed, report)

    part = Part("file", file.name, file, _sent(report, file.size))
    direct = Send("POST", session.url + READ, session.by_key(), form=options, parts=(part,))
    yield from _processed(session, direct, file, {"file_name": file.name, **options}, sink, report)
    return parsers[-1].close()


def generate(
    session: Session,
    pictures: Sequence[Source],
    file_name: str,
    attributes: Mapping[str, str],
    compression: str | None,
    sink: Callable[[], Sink],
    report: Report,
) -> Steps[None]:
    """A single large picture is staged. Several have to fit into a direct request together."""
    how = {"compression": compression} if compression else {}
    total = sum(picture.size for picture in pictures)
    parts = tuple(
        Part("image", picture.name, picture, _sent(report, total, sum(before.size for before in pictures[:number])))
        for number, picture in enumerate(pictures)
    )
    headers = {**session.by_key(), **once()}
    form = {**attributes, **how, "file_name": file_name}
    direct = Send("POST", session.url + GENERATE, headers, form=form, parts=parts)
    if len(pictures) > 1:
        yield from answered(direct, sink)
        return
    (picture,) = pictures
    # The extension tells the API to make a DICOM file. It judges the picture by its content.
    suffix = next((end for end in PICTURE_SUFFIXES if picture.name.lower().endswith(end)), ".png")
    request = {"file_name": file_name + suffix, "attributes": dict(attributes), **how}
    yield from _processed(session, direct, picture, request, sink, report)


def rewrite(
    session: Session,
    kind: Rewriting,
    file: Source,
    options: dict[str, str],
    accept: str | None,
    sink: Callable[[], Sink],
    report: Report,
) -> Steps[None]:
    """De-identifies or converts a file or a zip. `accept`: the media type of the answer; None: by what is sent."""
    name = "file" if kind == "deidentify" else file.name  # which may be the patient's
    part = Part("file", name, file, _sent(report, file.size))
    headers = {**session.by_key(), **once(), **({"Accept": accept} if accept else {})}
    direct = Send("POST", f"{session.url}/api/dicom/{kind}/", headers, form=options, parts=(part,))
    request = {"file_name": name, "operation": kind, **({"accept": accept} if accept else {}), **options}
    yield from _processed(session, direct, file, request, sink, report)


def _processed(
    session: Session, direct: Send, file: Source, request: dict[str, Any], sink: Callable[[], Sink], report: Report
) -> Steps[None]:
    """Sends a file, directly if it is small enough, and otherwise staged."""
    if file.size <= DIRECT_BYTES:
        try:
            yield from answered(direct, sink)
        except TooLarge:
            pass
        else:
            return
    url, fields, upload_id = yield from _begun(session, request)
    # The file's own name is sent elsewhere. Here it would only appear in logs.
    part = Part("file", "file", file, _sent(report, file.size))
    yield from answered(Send("POST", url, form=fields, parts=(part,)))
    result_url = yield from _done(session, upload_id, report)
    yield from answered(Send("GET", result_url), sink)


def _begun(session: Session, request: dict[str, Any]) -> Steps[tuple[str, dict[str, str], str]]:
    """A new upload: the form's address, its fields, and the upload's id."""
    headers = {**session.by_key(), **once()}
    answer = yield from answered(Send("POST", session.url + UPLOADS, headers, json=request))
    match json_of(answer):
        case {"id": str(upload_id), "upload": {"url": str(url), "fields": dict(fields)}} if _are_texts(fields):
            return url, fields, upload_id
    raise ForeignAnswer


def _done(session: Session, upload_id: str, report: Report) -> Steps[str]:
    """The address of the result, when the work is done."""
    while True:
        answer = yield from answered(Send("GET", _of_upload(session, upload_id), session.by_key()))
        match json_of(answer):
            case {"status": "done", "result_url": str(url)}:
                return url
            case {"status": "failed", "error": str(error)}:
                raise WorkFailed(error)
            case {"status": "waiting" | "processing", "frames_done": int(done), "frames_total": int() | None as total}:
                report(Progress("work", done, total))
            case _:
                raise ForeignAnswer
        asked = retry_after(answer)
        yield Pause(min(POLL_SECONDS if asked is None else max(asked, 1), MAX_PAUSE))


def uploads(session: Session) -> Steps[list[dict[str, Any]]]:
    """All staged uploads of the last 24 hours, the newest first."""
    found: list[dict[str, Any]] = []
    params = {"limit": "100"}
    while True:
        send = Send("GET", session.url + UPLOADS, session.by_key(), params=params)
        match json_of((yield from answered(send))):
            case {"uploads": list(page), "next": str(place)}:
                params = {"limit": "100", "next": place}
            case {"uploads": list(page)}:
                return [*found, *page]
            case _:
                raise ForeignAnswer
        found += page


def upload(session: Session, upload_id: str) -> Steps[dict[str, Any]]:
    answer = yield from answered(Send("GET", _of_upload(session, upload_id), session.by_key()))
    return _object(answer)


def delete_upload(session: Session, upload_id: str) -> Steps[None]:
    yield from answered(Send("DELETE", _of_upload(session, upload_id), session.by_key()))


def activity(session: Session, month: str | None) -> Steps[dict[str, Any]]:
    """Uses the API key if there is one, otherwise the tokens."""
    url = f"{session.url}{PROFILE}activity-summary/"
    params = {"month": month} if month else None
    if session.key:
        return _object((yield from answered(Send("GET", url, session.by_key(), params=params))))
    return _object((yield from by_token(session, lambda headers: Send("GET", url, headers, params=params))))


def register(session: Session, email: str, password: str) -> Steps[None]:
    body = {"email": email, "password": password}
    yield from answered(Send("POST", f"{session.url}/api/register/", once(), json=body))


def login(session: Session, email: str, password: str) -> Steps[None]:
    body = {"email": email, "password": password}
    answer = yield from answered(Send("POST", f"{session.url}/api/token/", json=body))
    take_tokens(session, json_of(answer))


def change_password(session: Session, old: str, new: str) -> Steps[None]:
    answer = yield from _by_token(session, "POST", "/api/password/", {"old_password": old, "new_password": new})
    take_tokens(session, json_of(answer))


def profile(session: Session) -> Steps[dict[str, Any]]:
    return _object((yield from _by_token(session, "GET", PROFILE)))


def create_profile(session: Session, purpose: str, organization: str) -> Steps[dict[str, Any]]:
    body = {"purpose": purpose, "organization": organization}
    return _object((yield from _by_token(session, "POST", PROFILE, body)))


def keys(session: Session) -> Steps[list[dict[str, Any]]]:
    found = json_of((yield from _by_token(session, "GET", KEYS)))
    if not isinstance(found, list):
        raise ForeignAnswer
    return found


def create_key(session: Session, name: str, expires: str | None) -> Steps[dict[str, Any]]:
    body = {"name": name, **({"expires": expires} if expires else {})}
    return _object((yield from _by_token(session, "POST", KEYS, body)))


def delete_key(session: Session, key_id: int) -> Steps[None]:
    yield from _by_token(session, "DELETE", f"{KEYS}delete/{key_id}/")


def _by_token(
    session: Session, method: Literal["GET", "POST", "DELETE"], path: str, body: Any = None
) -> Steps[httpx.Response]:
    more = once() if method == "POST" else {}
    return (yield from by_token(session, lambda headers: Send(method, session.url + path, headers | more, json=body)))


def _of_upload(session: Session, upload_id: str) -> str:
    return f"{session.url}{UPLOADS}{quote(upload_id, safe='')}/"


def _sent(report: Report, total: int, before: int = 0) -> Callable[[int], None]:
    return lambda sent: report(Progress("upload", before + sent, total))


def _object(answer: httpx.Response) -> dict[str, Any]:
    found = json_of(answer)
    if not isinstance(found, dict):
        raise ForeignAnswer
    return found


def _are_texts(fields: dict[Any, Any]) -> bool:
    return all(isinstance(value, str) for value in fields.values())
