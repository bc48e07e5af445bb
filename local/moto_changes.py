"""Where moto differs from AWS in what the API needs, or takes too much time for it, it is changed here."""

import re
from typing import Any

import flask
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response
from moto.sqs.models import Queue

from local import presigned

RANGE = re.compile(r"bytes=\d+-\d+")


def make() -> None:
    """Changes moto, once."""
    S3Response._bucket_response_post = _checked(S3Response._bucket_response_post)  # type: ignore[method-assign]
    Queue.delete_message = _locked(Queue.delete_message)  # type: ignore[method-assign]
    FakeKey.value = _by_ranges(FakeKey.value)  # type: ignore[method-assign]


def _checked(take_form: Any) -> Any:
    """moto does not look at a form's policy."""

    def checked(bucket: S3Response, request: Any, name: str) -> Any:
        refusal = presigned.refusal(request.form, len(bucket.body)) if "policy" in request.form else None
        return (refusal[0], {}, refusal[1]) if refusal else take_form(bucket, request, name)

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
