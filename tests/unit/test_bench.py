"""The functions that `make bench` measures answer as they do in Lambda."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from bench import ours
call = getattr(ours, sys.argv[1])(open(sys.argv[2], "rb").read())
sys.stdout.write(str([len(ours.answer(call())) > 1000 for _ in range(2)]))
"""


@pytest.mark.parametrize(
    ("work", "file"), [("read", get_testdata_file("MR_small.dcm")), ("generate", ROOT / "docs/tour.png")]
)
def test_a_function_that_is_measured_answers(work: str, file: str | Path) -> None:
    command = [sys.executable, "-c", PROGRAM, work, str(file)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("[True, True]"), run.stdout
