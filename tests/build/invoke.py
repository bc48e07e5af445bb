"""Calls a function, in another Python than that of the tests: `python invoke.py PATH... < event > answer`.

PATHs are where it finds the function and what it needs.
"""

import json
import sys
from types import SimpleNamespace

sys.path[:0] = sys.argv[1:]

import app  # noqa: E402

context = SimpleNamespace(
    function_name="function",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:function",
    memory_limit_in_mb=512,
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 29_000,
)
try:
    answer = app.handler(json.load(sys.stdin), context)
except Exception as error:  # which Lambda tells of in these words
    answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
# Logs are on standard output; the answer is its last line.
sys.stdout.write("\n" + json.dumps(answer))
