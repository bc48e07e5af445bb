"""The signals that end a program."""

import signal
from collections.abc import Callable


def handle(do: Callable[[], object]) -> None:
    """Calls `do` at signals that end programs."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` ignores SIGHUP on purpose. A shell ignores SIGINT for programs in the background.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: do())
