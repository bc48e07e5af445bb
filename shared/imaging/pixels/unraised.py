"""Catches exceptions that an extension module can only report, and not raise."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_heard = threading.local()
_report = sys.unraisablehook


def _hook(unraisable: "sys.UnraisableHookArgs") -> None:
    failures = getattr(_heard, "failures", None)
    if failures is None:
        _report(unraisable)
    else:
        failures.append(unraisable.exc_type)


sys.unraisablehook = _hook


@contextmanager
def unraised() -> Iterator[list[type[BaseException]]]:
    """The types of the exceptions that this thread reports within the context. They are not logged."""
    _heard.failures = []
    try:
        yield _heard.failures
    finally:
        del _heard.failures
