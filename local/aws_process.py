"""The local AWS in a process of its own: in the gateway's, the two would take turns at one interpreter lock."""

import multiprocessing
import os
import signal
import socket

from local import fork_server


def start(listening: socket.socket) -> None:
    """Serves AWS on a socket that listens already: until the process is ready, requests wait.

    The process is forked, so no thread may run yet. It ends with this one, however that ends.
    """
    multiprocessing.get_context("fork").Process(target=_serve, args=(listening,), daemon=True).start()
    listening.close()


def _serve(listening: socket.socket) -> None:
    os.setsid()  # Ctrl-C in the terminal is for the server alone
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    from local import moto_server  # which takes a second to import, while the server imports SAM CLI

    moto_server.serve(listening)
    fork_server.wait_for_the_servers_end()
    os._exit(0)
