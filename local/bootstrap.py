"""The program of a worker process, started by worker.py: one function, one event at a time, as in Lambda."""

import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

Events = queue.SimpleQueue[tuple[str, float, bytes]]  # request id, seconds it may take, event as JSON


class Context:
    """Lambda's context object."""

    function_version = "$LATEST"
    client_context = None
    identity = None

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        region = os.environ["AWS_REGION"]
        self.invoked_function_arn = f"arn:aws:lambda:{region}:123456789012:function:{self.function_name}"
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def serve(connection: "Connection[Any, Any]") -> None:
    """Says "ready", then answers each event with `(answer as JSON, None)` or `(None, name of the exception)`."""
    events: Events = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, events), daemon=True).start()
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    connection.send("ready")
    while True:
        request_id, seconds, event = events.get()
        connection.send(_answer(handler, event, Context(request_id, seconds)))


def _receive(connection: "Connection[Any, Any]", events: Events) -> None:
    try:
        while True:
            events.put(connection.recv())
    except (EOFError, OSError):
        # The server is gone: end this process, whatever it is doing, and the processes that it started.
        os.killpg(0, signal.SIGKILL)


def _answer(handler: Any, event: bytes, context: Context) -> tuple[bytes | None, str | None]:
    try:
        answer = json.dumps(handler(json.loads(event), context), ensure_ascii=False).encode()
    except Exception as error:
        traceback.print_exc()
        return None, type(error).__name__
    return answer, None


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
