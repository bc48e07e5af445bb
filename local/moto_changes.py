"""Changes to moto where it differs from AWS in what the API needs, or is too slow."""

import functools
import inspect
import re
import threading
from collections.abc import Callable
from typing import Any

import flask
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response
from moto.sqs.models import Queue, SQSBackend

from local import presigned_form

RANGE = re.compile(r"bytes=\d+-\d+")


def make() -> None:
    """Changes moto, once."""
    S3Response.setup_class = _checked(S3Response.setup_class)  # type: ignore[method-assign]
    FakeKey.value = _by_ranges(FakeKey.value)  # type: ignore[method-assign]
    FakeKey.dispose = _once_unused(FakeKey.dispose)  # type: ignore[method-assign]
    _lock(S3Backend, threading.RLock())
    sqs = threading.RLock()
    _lock(SQSBackend, sqs)
    Queue.wait_for_messages = _unlocked(Queue.wait_for_messages, sqs)  # type: ignore[method-assign]
    # An update takes 1.8 ms in moto: 0.5 of it is parsing the expression twice, 0.2 is asking each node what it is.
    UpdateExpressionParser.make = functools.lru_cache(UpdateExpressionParser.make)
    DepthFirstTraverser.traverse_node_recursively = _traverse


def _checked(take: Any) -> Any:
    """Checks forms, of which moto ignores the policy and the signature."""

    def checked(response: S3Response, request: Any, *more: Any) -> None:
        if request.method == "POST" and request.mimetype == "multipart/form-data":
            presigned_form.check(request.path.strip("/"), request.form, request.files)
        take(response, request, *more)

    return checked


def _lock(backend: type, lock: Any) -> None:
    """Lets one thread at a time into a backend: moto changes dicts and sets while other threads iterate over them."""
    for name, method in inspect.getmembers(backend, inspect.isfunction):
        if not name.startswith("_"):
            setattr(backend, name, _locked(method, lock))


def _locked(method: Any, lock: Any) -> Any:
    @functools.wraps(method)
    def locked(*arguments: Any, **named: Any) -> Any:
        with lock:
            return method(*arguments, **named)

    return locked


def _unlocked(wait_for_messages: Any, lock: Any) -> Any:
    """Releases the lock while a receiver waits for messages, so that senders get in."""

    def unlocked(queue: Queue, seconds: int) -> None:
        lock.release()
        try:
            wait_for_messages(queue, seconds)
        finally:
            lock.acquire()

    return unlocked


def _once_unused(dispose: Any) -> Any:
    """moto closes an object's content when the object is deleted, even if another thread is about to send it."""

    def once_unused(key: FakeKey, garbage: bool = False) -> None:
        if garbage:
            dispose(key)

    return once_unused


class Ranges:
    """An object's content, of which only the requested part is read."""

    def __init__(self, key: FakeKey) -> None:
        self._key = key

    def __len__(self) -> int:
        return self._key.contentsize

    def __getitem__(self, place: slice) -> bytes:
        with self._key.lock:
            self._key._value_buffer.seek(place.start)
            return self._key._value_buffer.read(place.stop - place.start)


def _by_ranges(value: Any) -> Any:
    """Makes range requests read the range only. moto reads whole objects, and several of 2 GB would fill the memory."""

    def by_ranges(key: FakeKey) -> Any:
        headers = flask.request.headers
        given = headers.get("Range") or headers.get("x-amz-copy-source-range", "")
        return Ranges(key) if RANGE.fullmatch(given) else value.fget(key)

    return property(by_ranges, value.fset)


def _traverse(traverser: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
    """What moto's method does: processes the children, then the node, and puts the result in its place."""
    if not hasattr(node, "children"):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, number)
        traverser.traverse_node_recursively(child, number)
    if _is_processed(type(node), traverser.nodes_to_be_processed()):
        node = traverser.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


_is_processed: Callable[[type, tuple[type, ...]], bool] = functools.cache(issubclass)
