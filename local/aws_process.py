"""The local AWS in a process of its own: in the gateway's, the two would take turns at one interpreter lock."""

import multiprocessing
import signal
import socket
import threading
from collections.abc import Sequence

from local import fork_server


def start(listening: socket.socket, others: Sequence[socket.socket] = ()) -> None:
    """Serves AWS on a socket that listens already: until the process is ready, requests wait.

    The process is forked, so no thread may run yet. It closes `others`, which are sockets of the server, and ends with
    the server.
    """
    multiprocessing.get_context("fork").Process(target=_serve, args=(listening, others), daemon=True).start()
    listening.close()


def _serve(listening: socket.socket, others: Sequence[socket.socket]) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    fork_server.follow_the_server()
    for other in others:
        other.close()
    from local import moto_server  # which takes a second to import, while the server imports SAM CLI

    moto_server.serve(listening)
    threading.Event().wait()
