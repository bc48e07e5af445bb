"""Runs functions in worker processes, as Lambda does."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from local.stack import Function
from local.worker import FunctionFailed, GatewayTimeout, Worker

WORKERS_AT_MOST = max(4, 2 * (os.cpu_count() or 1))  # of one function

log = logging.getLogger("local")


class Runner:
    """`library` is the folder of the code that functions share; `variables` gives a function its environment."""

    def __init__(
        self, functions: Iterable[Function], library: Path, variables: Callable[[Function], dict[str, str]]
    ) -> None:
        self._pools = {function.name: Pool(function, library, variables(function)) for function in functions}

    def invoke(self, name: str, event: bytes, seconds: float) -> bytes:
        """The answer of the function `name` within `seconds`. Event and answer are JSON.

        Raises FunctionFailed, GatewayTimeout.
        """
        try:
            return self._pools[name].invoke(event, seconds)
        except FunctionFailed as failure:
            log.error("%s %s", name, failure)
            raise

    def warm(self, names: Iterable[str]) -> None:
        """Starts a worker for each of these functions, ahead of its first event."""
        for name in names:
            self._pools[name].warm()

    def close(self) -> None:
        """Ends every worker, whatever it is doing, and waits until it is gone."""
        for pool in self._pools.values():
            pool.close()

    def kill(self) -> None:
        """Ends every worker. Waits for no lock, so a signal's handler may call it at any time."""
        for pool in self._pools.values():
            pool.kill()

    def is_debugging(self) -> bool:
        """SAM CLI's gateway asks for this: with a debugger it would serve one request at a time."""
        return False


class Pool:
    """The workers of one function, each with one event at a time. Under load there are more, and then events wait."""

    def __init__(self, function: Function, library: Path, variables: dict[str, str]) -> None:
        self._function = function
        self._code = (function.directory, library)
        self._variables = variables
        self._slots = threading.BoundedSemaphore(WORKERS_AT_MOST)
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._lock = threading.Lock()

    def invoke(self, event: bytes, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        if not self._slots.acquire(timeout=seconds):
            raise GatewayTimeout
        try:
            worker = self._take() or self._start()
            try:
                return worker.invoke(event, deadline)
            finally:
                with self._lock:
                    self._idle.append(worker)
        finally:
            self._slots.release()

    def warm(self) -> None:
        self._idle.append(self._start())

    def close(self) -> None:
        for worker in list(self._workers):
            worker.close()

    def kill(self) -> None:
        for worker in list(self._workers):
            worker.kill()

    def _take(self) -> Worker | None:
        """An idle worker with the current code. Dead workers, and those with older code, are ended."""
        version = frozenset(_files(*self._code))
        with self._lock:
            spent = [worker for worker in self._idle if worker.version != version or not worker.alive()]
            self._idle = [worker for worker in self._idle if worker not in spent]
            worker = self._idle.pop() if self._idle else None
        for old in spent:
            old.close()
            self._workers.discard(old)
        return worker

    def _start(self) -> Worker:
        version = frozenset(_files(*self._code))
        # Python recognises a compiled file by size and second. A file this young may change within its second, so no
        # bytecode of it is kept.
        young = any(changed > time.time_ns() - 2_000_000_000 for _, changed, _ in version)
        worker = Worker(self._function, self._variables | ({"PYTHONDONTWRITEBYTECODE": "1"} if young else {}), version)
        self._workers.add(worker)
        return worker


def _files(*directories: str | os.PathLike[str]) -> Iterator[tuple[str, int, int]]:
    """Path, time of change and size of each file: these differ when the code does."""
    for directory in directories:
        # An editor's temporary file may be gone already, or be a broken link.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_file():
                    status = entry.stat()
                    yield entry.path, status.st_mtime_ns, status.st_size
                elif entry.name != "__pycache__":
                    yield from _files(entry)
