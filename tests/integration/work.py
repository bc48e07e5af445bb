"""Limits the processor time and the memory of a request. A busy machine does not change either."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

MEGABYTE = 1 << 20
BASE = 200 * MEGABYTE  # what both the tests and a function have in memory


class TooMuchWork(BaseException):
    """A BaseException, so that no code catches it."""


@contextmanager
def at_most(seconds: float, memory: int) -> Iterator[None]:
    """Raises TooMuchWork in code that takes more processor time, and MemoryError in code that takes more memory."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TooMuchWork

    before = signal.signal(signal.SIGPROF, end)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_data() + memory - BASE, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        signal.signal(signal.SIGPROF, before)


def _data() -> int:
    """The memory of this process in bytes, as RLIMIT_DATA counts it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmData:")[1].split()[0]) * 1024
