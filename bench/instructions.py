"""Instructions per request, where the clock can't tell two versions apart: `python -m bench.instructions "CT, raw"`.

They are counted by callgrind (valgrind, Debian's package), which finds the same number on a busy machine.
`--against COMMIT` also counts those of another commit of this repository.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.inputs import inputs
from bench.processes import ROOT

FEW, MANY = 5, 25  # requests: the difference is without the program's start
PROGRAM = """
import sys
from pathlib import Path
from bench import ours
ours.ROOT = Path(sys.argv[1])
run = ours.read(Path(sys.argv[2]).read_bytes())
for _ in range(int(sys.argv[3])):
    run()
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__)
    parser.add_argument("name", help="counts for the files with this in their names")
    parser.add_argument("--against", metavar="COMMIT")
    options = parser.parse_args()
    with _checkout(options.against) as other:
        for file in inputs():
            if options.name.lower() in file.name.lower():
                now = instructions(ROOT, file.path)
                line = f"{file.name:29}{now / 1e6:10.2f} million instructions"
                if other:
                    then = instructions(other, file.path)
                    line += f", {then / 1e6:.2f} at {options.against}: {now / then:.3f} times as many"
                print(line, flush=True)


def instructions(checkout: Path, file: Path) -> float:
    """Instructions that reading the file takes once, in the function of this checkout."""
    return (_counted(checkout, file, MANY) - _counted(checkout, file, FEW)) / (MANY - FEW)


def _counted(checkout: Path, file: Path, times: int) -> int:
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    run = subprocess.run(  # noqa: S603
        [*callgrind, sys.executable, "-c", PROGRAM, str(checkout), str(file), str(times)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
        text=True,
    )
    found = re.search(r"Collected : (\d+)", run.stderr)
    assert found, run.stderr
    return int(found[1])


@contextmanager
def _checkout(commit: str | None) -> Iterator[Path | None]:
    """The repository at this commit, in a temporary folder."""
    if commit is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", folder, commit], check=True)  # noqa: S603
        try:
            yield Path(folder)
        finally:
            subprocess.run([*git, "remove", "--force", folder], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
