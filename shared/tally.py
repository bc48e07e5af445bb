"""Counts of the request or message in hand, by name: milliseconds of each stage, and numbers of things.

A process handles one at a time, possibly in several threads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter

_told: dict[str, float] = {}
_lock = Lock()


def add(name: str, number: float = 1) -> None:
    with _lock:
        _told[name] = _told.get(name, 0) + number


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Adds the time of a block, or of a decorated function, to `<name>Milliseconds`."""
    started = perf_counter()
    try:
        yield
    finally:
        add(f"{name}Milliseconds", (perf_counter() - started) * 1000)


def take() -> dict[str, float]:
    """Returns all counts since the last call, and resets them."""
    with _lock:
        told = dict(_told)
        _told.clear()
    return told
