"""The signals that end a program."""

import signal
from collections.abc import Callable


def handle(do: Callable[[], object]) -> None:
    """From now on, `do` is what a signal that ends programs does here."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` has SIGHUP ignored, and means it. A shell has SIGINT ignored for all that it runs in the background.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: do())
