"""What the work in hand takes and makes, told by whoever does it: milliseconds by stage, and numbers, by their names.

A process does one piece of work at a time, some of it in several threads.
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
    """Adds what is done within, or by a function that this decorates, to `<name>Milliseconds`."""
    started = perf_counter()
    try:
        yield
    finally:
        add(f"{name}Milliseconds", (perf_counter() - started) * 1000)


def take() -> dict[str, float]:
    """All that was told since the last time."""
    with _lock:
        told = dict(_told)
        _told.clear()
    return told
