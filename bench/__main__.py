"""Measures reading and generating, beside other programs: `make bench`, or `python -m bench CT` for some files."""

import argparse
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from bench import document
from bench.check import check
from bench.cold_start import cold_starts
from bench.dcmtk import Dcmtk
from bench.generating import generating
from bench.inputs import Input, inputs
from bench.memory import memory
from bench.orthanc import Orthanc
from bench.over_http import over_http
from bench.processes import PEERS, Process, Program
from bench.report import HEADINGS, Row, summary
from bench.rounds import measure


def main() -> None:
    options = _options()
    files = [file for file in inputs() if options.name.lower() in file.name.lower()]
    if not files:
        raise SystemExit(f"bench: no file has {options.name!r} in its name")
    orthanc, dcmtk = Orthanc(), Dcmtk()
    rows: list[Row] = []
    tables = [_printed(reading(files, options.rounds, {"Orthanc": orthanc, "DCMTK": dcmtk}, rows))]
    if options.name:
        return
    tables.append(_printed(over_http(files, options.rounds)))
    tables.append(_printed(generating(options.rounds)))
    tables.append(_printed(memory()))
    tables.append(_printed(cold_starts(3)))
    document.write(rows, tables, [*document.packages(), *orthanc.versions, *dcmtk.versions])


def reading(files: list[Input], rounds: int, servers: dict[str, Program], rows: list[Row]) -> Iterable[str]:
    """The lines of a table; what they are made of is added to `rows`."""
    ours, floor, weekend = Process("ours"), Process("floor"), Process("weekend", python=PEERS)
    programs: dict[str, Program] = {"ours": ours, "floor": floor, "weekend": weekend, **servers}
    yield HEADINGS
    try:
        for file in files:
            with tempfile.TemporaryDirectory() as folder:
                sizes = check(file, ours, weekend, Path(folder))
            floor.milliseconds(file.path)  # as warm as the two that were checked
            runs = {name: partial(program.milliseconds, file.path) for name, program in programs.items()}
            rows.append(Row(file.name, measure(runs, rounds), sizes))
            yield rows[-1].line()
    finally:
        for program in programs.values():
            program.close()
    yield from summary(rows)


def _printed(lines: Iterable[str]) -> list[str]:
    printed = []
    for line in lines:
        print(line, flush=True)
        printed.append(line)
    print()
    return printed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="measures only the files with this in their names")
    parser.add_argument("--rounds", type=int, default=7, help="how often each program runs, slow ones less (7)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
