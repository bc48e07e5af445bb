"""The functions that `make bench` measures answer as they do in Lambda."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from bench import function
name, form = sys.argv[1], json.loads(sys.argv[2])
files = {field: (path, open(path, "rb").read(), "application/octet-stream") for field, path in form["files"].items()}
call = function.load(name)({**files, **form["texts"]})
answers = [call() for _ in range(2)]
sys.stdout.write(str([len(function.body(answer)) > 1000 for answer in answers]))
"""


@pytest.mark.parametrize(
    ("name", "files", "texts"),
    [
        ("read", {"file": str(get_testdata_file("MR_small.dcm"))}, {}),
        ("generate", {"image": str(ROOT / "docs/tour.png")}, {"file_name": "made"}),
    ],
)
def test_a_function_that_is_measured_answers(name: str, files: dict[str, str], texts: dict[str, str]) -> None:
    command = [sys.executable, "-c", PROGRAM, name, json.dumps({"files": files, "texts": texts})]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("[True, True]"), run.stdout
