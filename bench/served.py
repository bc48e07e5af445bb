"""A program in a process of its own: `python -m bench.served ours read` measures the files that it is told of.

A line on standard input is the path of a file; the line that comes back is a JSON object: `milliseconds` for one run,
the `peak` of resident memory within it in bytes, and what else the program tells. `path > other path` has the answer,
which is JSON, written there.

The module's `read(content)`, `generate(content)` and so on are not measured and give a function; what that takes is
measured. Further arguments go to them as well: `python -m bench.served ours convert jpeg-ls`. The function's result
goes to the module's `answer`, for what the client gets, and to `facts`.
"""

import gc
import importlib
import io
import json
import os
import sys
import time
from pathlib import Path

# A program's own output, such as a function's logs, must not mix with the answers.
CONVERSATION = os.fdopen(os.dup(1), "w", buffering=1)
CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
LOG = sys.stdout = io.StringIO()


def main() -> None:
    program = importlib.import_module(f"bench.{sys.argv[1]}")
    prepare, more = getattr(program, sys.argv[2]), sys.argv[3:]
    before, run = "", None
    for line in sys.stdin:
        path, _, answer = line.strip().partition(" > ")
        if run is None or path != before:
            before, run = path, prepare(Path(path).read_bytes(), *more)
        LOG.truncate(LOG.seek(0))
        gc.collect()
        CLEAR_REFS.write_text("5")  # proc(5): resets the peak
        started = time.perf_counter()
        result = run()
        milliseconds = (time.perf_counter() - started) * 1000
        peak = int(STATUS.read_text().partition("VmHWM:")[2].split()[0]) * 1024
        if answer:
            try:
                Path(answer).write_bytes(program.answer(result))
            except RuntimeError:
                sys.stderr.write(LOG.getvalue())  # which says why
                raise
        CONVERSATION.write(json.dumps({"milliseconds": milliseconds, "peak": peak, **program.facts(result)}) + "\n")
        del result


if __name__ == "__main__":
    main()
