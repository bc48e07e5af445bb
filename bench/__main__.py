"""Measures what reading and generating cost, beside others: `make bench`, or `python -m bench CT` for some files."""

import argparse
import tempfile
from functools import partial
from pathlib import Path

from bench.check import check
from bench.dcmtk import Dcmtk
from bench.inputs import Input, inputs
from bench.orthanc import Orthanc
from bench.processes import PEERS, Process, Program
from bench.report import HEADINGS, Row, summary
from bench.rounds import measure


def main() -> None:
    options = _options()
    files = [file for file in inputs() if options.name.lower() in file.name.lower()]
    if not files:
        raise SystemExit(f"bench: no file has {options.name!r} in its name")
    read(files, options.rounds)


def read(files: list[Input], rounds: int) -> list[Row]:
    """Measures and prints reading."""
    ours, floor, weekend = Process("ours"), Process("floor"), Process("weekend", PEERS)
    programs: dict[str, Program] = {
        "ours": ours,
        "floor": floor,
        "weekend": weekend,
        "Orthanc": Orthanc(),
        "DCMTK": Dcmtk(),
    }
    rows = []
    print(HEADINGS)
    try:
        for file in files:
            with tempfile.TemporaryDirectory() as folder:
                sizes = check(file, ours, weekend, Path(folder))
            floor.milliseconds(file.path)  # as warm as the two that were checked
            runs = {name: partial(program.milliseconds, file.path) for name, program in programs.items()}
            rows.append(Row(file.name, measure(runs, rounds), sizes))
            print(rows[-1].line(), flush=True)
    finally:
        for program in programs.values():
            program.close()
    print("\n".join(summary(rows)))
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="measures only the files with this in their names")
    parser.add_argument("--rounds", type=int, default=9, help="how often each program runs, slow ones less (9)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
