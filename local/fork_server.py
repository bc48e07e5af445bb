"""The process that workers are forked from. It has imported what every function imports, which takes 0.5 s."""

import multiprocessing
import os
import signal
import threading
from multiprocessing import forkserver, resource_tracker

# Packages of the layers, and the two programs that its processes run. The code of functions is imported by a worker,
# which is replaced when the code changes.
PRELOADED = [
    "local.bootstrap",
    "local.resources",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "boto3",
    "pynamodb.models",
]

CONTEXT = multiprocessing.get_context("forkserver")


def start() -> None:
    """Starts it, so that it imports while this process does. Otherwise it would start with the first worker."""
    CONTEXT.set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()  # which unblocks the signal
    # Ctrl-C in the terminal is for the server alone; the fork server would ignore it only once it has imported.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def follow_the_server() -> None:
    """Called first in each process that the server starts: signals of the terminal do not reach the process, and it
    ends with the server, however that ends, together with the processes that it has started."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # discards a signal that came since the fork
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    if server := multiprocessing.parent_process():
        server.join()
        os.killpg(0, signal.SIGKILL)
