"""A built function in a process of its own, as Lambda has it: `python -m bench.cost.invoked`, by the layers' Python.

A line on standard input is a path: of an event as JSON, whose answer goes to `<path>.answer`. The line that comes back
says what it took: `milliseconds`, the `peak` of resident memory in bytes, the `log` that it wrote, the `operations` of
AWS that it called, and the milliseconds that it `waited` for AWS. The first invocation asks the AWS that is played by
the bench; the others, which are of the same event, get its answers again (replayed.py).
"""

import gc
import importlib
import io
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

CONVERSATION = os.fdopen(os.dup(1), "w", buffering=1)
LOG = sys.stdout = io.StringIO()  # before the function's modules take it
CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")

handler = importlib.import_module("app").handler
CONVERSATION.write("ready\n")

from bench.cost import replayed  # noqa: E402 - what the bench adds is no part of a cold start
from bench.cost.assumptions import ANSWERS_AFTER, BYTES_A_MILLISECOND  # noqa: E402
from local.bootstrap import Context  # noqa: E402

SECONDS = 600.0  # far from any limit


def invoke(path: Path) -> dict[str, Any]:
    event = path.read_bytes()
    LOG.truncate(LOG.seek(0))
    replayed.begin()
    context = Context(str(uuid.uuid4()), SECONDS)
    gc.collect()
    CLEAR_REFS.write_text("5")  # proc(5): the peak begins anew
    started = time.perf_counter()
    answer = json.dumps(handler(json.loads(event), context), ensure_ascii=False).encode()
    milliseconds = (time.perf_counter() - started) * 1000
    peak = int(STATUS.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    path.with_suffix(".answer").write_bytes(answer)
    took = {"milliseconds": milliseconds, "peak": peak, "waited": replayed.waited()}
    return took | {"log": LOG.getvalue(), "operations": list(replayed.operations)}


replayed.install(ANSWERS_AFTER, BYTES_A_MILLISECOND)
for line in sys.stdin:
    CONVERSATION.write(json.dumps(invoke(Path(line.strip()))) + "\n")
