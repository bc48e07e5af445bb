"""Calls a function, in another Python than that of the tests: `python invoke.py PATH... < event > answer`.

PATHs are where it finds the function and what it needs.
"""

import json
import sys
from pathlib import Path

sys.path[:0] = sys.argv[1:]

import app  # noqa: E402

# Once the function is there, which has found nothing of this.
sys.path.append(str(Path(__file__).parents[1] / "integration"))

from lambda_context import CONTEXT  # noqa: E402

try:
    answer = app.handler(json.load(sys.stdin), CONTEXT)
except Exception as error:  # which Lambda tells of in these words
    answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
# Logs are on standard output; the answer is its last line.
sys.stdout.write("\n" + json.dumps(answer))
