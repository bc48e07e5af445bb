"""Where moto differs from AWS in what the API needs, or takes too much time for it, it is changed here."""

import re
from typing import Any

import flask
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response
from moto.sqs.models import Queue

from local import presigned_form

RANGE = re.compile(r"bytes=\d+-\d+")


def make() -> None:
    """Changes moto, once."""
    S3Response.setup_class = _checked(S3Response.setup_class)  # type: ignore[method-assign]
    Queue.delete_message = _locked(Queue.delete_message)  # type: ignore[method-assign]
    FakeKey.value = _by_ranges(FakeKey.value)  # type: ignore[method-assign]


def _checked(take: Any) -> Any:
    """moto takes any form, and looks at neither its policy nor its signature."""

    def checked(response: S3Response, request: Any, *more: Any) -> None:
        if request.method == "POST" and request.mimetype == "multipart/form-data":
            presigned_form.check(request.path.strip("/"), request.form, request.files)
        take(response, request, *more)

    return checked


def _locked(delete_message: Any) -> Any:
    """moto copies the list without what is deleted: a message that arrives meanwhile would be gone."""

    def locked(queue: Queue, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete_message(queue, receipt_handle)

    return locked


class Ranges:
    """An object's content, of which only what is asked for is read."""

    def __init__(self, key: FakeKey) -> None:
        self._key = key

    def __len__(self) -> int:
        return self._key.contentsize

    def __getitem__(self, place: slice) -> bytes:
        with self._key.lock:
            self._key._value_buffer.seek(place.start)
            return self._key._value_buffer.read(place.stop - place.start)


def _by_ranges(value: Any) -> Any:
    """moto reads an object whole for each range: some of 2 GB at a time would fill the memory."""

    def by_ranges(key: FakeKey) -> Any:
        headers = flask.request.headers
        given = headers.get("Range") or headers.get("x-amz-copy-source-range", "")
        return Ranges(key) if RANGE.fullmatch(given) else value.fget(key)

    return property(by_ranges, value.fset)
