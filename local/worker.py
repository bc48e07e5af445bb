"""A worker process, which runs one function for one event at a time."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
import uuid
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from local import bootstrap, fork_server, limits
from local.stack import Function

log = logging.getLogger("local")

# multiprocessing also reads the exit codes of others when it starts a process, and two threads must not read the same.
EXIT_CODES = threading.Lock()


class FunctionFailed(Exception):
    """The function raised, ended, took too long or answered too much. The message says which."""


class GatewayTimeout(Exception):
    """There was no answer within the gateway's timeout."""


class Worker:
    """`version` tells which state of the code it runs."""

    def __init__(self, function: Function, variables: dict[str, str], version: object) -> None:
        self.version = version
        self._timeout = function.timeout
        self._ready = self._gone = False
        self._connection, theirs = Pipe()
        output, its_output = Pipe(duplex=False)
        self._process = fork_server.CONTEXT.Process(
            target=bootstrap.serve, args=(theirs, its_output, function.directory, variables)
        )
        with EXIT_CODES:
            self._process.start()
        self._pid: int = self._process.pid  # type: ignore[assignment]  # it has one since it was started
        theirs.close()
        its_output.close()
        threading.Thread(target=_show, args=(output,), daemon=True).start()

    def invoke(self, event: bytes, deadline: float) -> bytes:
        """The function's answer as JSON. `deadline`: until when, by time.monotonic, the gateway waits.

        Raises FunctionFailed, GatewayTimeout.
        """
        try:
            if not self._ready:
                self._ready = self._receive(deadline, deadline) == "ready"
            self._connection.send((str(uuid.uuid4()), self._timeout))
            self._connection.send_bytes(event)
            error = self._receive(time.monotonic() + self._timeout, deadline)
            answer = self._connection.recv_bytes()
        except (EOFError, OSError):
            raise FunctionFailed(self._end()) from None
        if error:
            raise FunctionFailed(f"raised {error}")
        if len(answer) > limits.RESPONSE:
            raise FunctionFailed(f"answered {len(answer)} bytes, more than the {limits.RESPONSE} that Lambda takes")
        return answer

    def alive(self) -> bool:
        return not (self._gone or wait([self._process.sentinel], 0))

    def close(self) -> None:
        """Ends the process and those it started, and waits until it is gone."""
        self.kill()
        self._wait()
        self._connection.close()

    def kill(self) -> None:
        """Ends the process and those it started. Waits for no lock, so a signal's handler may call it at any time."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            self._process.kill()  # it leads its group only once it runs

    def _receive(self, timeout: float, deadline: float) -> Any:
        if self._connection.poll(max(0, min(timeout, deadline) - time.monotonic())):
            return self._connection.recv()
        self.close()
        if timeout < deadline:
            raise FunctionFailed(f"timed out after {self._timeout} seconds")
        raise GatewayTimeout

    def _wait(self) -> None:
        wait([self._process.sentinel])
        with EXIT_CODES:
            self._process.join()
        self._gone = True

    def _end(self) -> str:
        self._wait()
        status = self._process.exitcode or 0
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"


def _show(output: "Connection[Any, Any]") -> None:
    with os.fdopen(os.dup(output.fileno()), "rb") as lines:
        output.close()
        for line in lines:
            # While all goes well, the gateway's log line for each request is enough.
            if line.startswith(b'{"level":"INFO"'):
                log.debug("%s", line.decode(errors="replace").rstrip())
            else:
                sys.stderr.buffer.write(line)
                sys.stderr.flush()
