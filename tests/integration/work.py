"""How much work a request may be: of the processor, which a busy machine does not change, and of memory."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

MEGABYTE = 1 << 20
BASE = 200 * MEGABYTE  # of what the tests have in memory that a function has as well


class TooMuchWork(BaseException):
    """Not an Exception, which somebody would catch."""


@contextmanager
def at_most(seconds: float, memory: int) -> Iterator[None]:
    """Ends with TooMuchWork what takes more of the processor, and with MemoryError what takes more bytes of memory."""

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
    """Bytes of memory that this process has by now, as RLIMIT_DATA counts them."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmData:")[1].split()[0]) * 1024
