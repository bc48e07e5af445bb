"""Calls a function in another Python than the tests': `python invoke.py PATH... < event > answer`.

PATHs lead to the function and its packages.
"""

import json
import sys
from pathlib import Path

sys.path[:0] = sys.argv[1:]

import app  # noqa: E402

# Only after the function was imported, so that it can't depend on this.
sys.path.append(str(Path(__file__).parents[1] / "integration"))

from lambda_context import CONTEXT  # noqa: E402

try:
    answer = app.handler(json.load(sys.stdin), CONTEXT)
except Exception as error:  # Lambda's words for this failure
    answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
# Logs are on standard output; the answer is its last line.
sys.stdout.write("\n" + json.dumps(answer))
