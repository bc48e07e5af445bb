"""The program of a worker process, started by worker.py: one function, one event at a time, as in Lambda."""

import contextlib
import importlib
import io
import os
import sys
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from local import fork_server

ROOT = Path(__file__).parents[1]
# Lambda takes what the standard library's json does: numbers as keys, and no dates.
AS_IN_LAMBDA = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


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


def serve(
    connection: "Connection[Any, Any]",
    output: "Connection[Any, Any]",
    directory: Path,
    variables: Mapping[str, str],
) -> None:
    """Says "ready", then answers events. An event is its request id, the seconds it may take, and its JSON; an answer
    is the name of the exception or None, and its JSON.

    `output` takes what the function prints.
    """
    fork_server.follow_the_server()
    _be_a_process_of_its_own(output, directory, variables)
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    connection.send("ready")
    with contextlib.suppress(EOFError, OSError):  # the server has ended
        while True:
            request_id, seconds = connection.recv()
            answer, error = _answer(handler, connection.recv_bytes(), Context(request_id, seconds))
            connection.send(error)
            connection.send_bytes(answer)


def _be_a_process_of_its_own(output: "Connection[Any, Any]", directory: Path, variables: Mapping[str, str]) -> None:
    """Takes the environment, directory, modules and output that a program of its own would have."""
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(directory)
    time.tzset()
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in variables
    others = [path for path in sys.path if path and Path(path) != ROOT]
    sys.path[:] = variables["PYTHONPATH"].split(os.pathsep) + others
    os.dup2(output.fileno(), 1)
    output.close()
    # Unbuffered, so that nothing is lost if the process is killed.
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w"), "utf-8", "backslashreplace", write_through=True) for number in (1, 2)
    )


def _answer(handler: Any, event: bytes, context: Context) -> tuple[bytes, str | None]:
    try:
        answer = orjson.dumps(handler(orjson.loads(event), context), option=AS_IN_LAMBDA)
    except Exception as error:
        traceback.print_exc()
        return b"", type(error).__name__
    return answer, None
