"""Measures what the API does, beside other programs: `make bench`, or `python -m bench CT` for reading some files."""

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
from bench.growth import Line, by_frames, by_size
from bench.growth_chart import growth_chart
from bench.inputs import Input, inputs
from bench.load import BUSY, load
from bench.orthanc import Orthanc
from bench.over_http import over_http, throughput
from bench.processes import PEERS, Process, Program
from bench.report import HEADINGS, Row, summary
from bench.rewriting import converting, deidentifying
from bench.rounds import measure

# Measured with several clients at once.
TOGETHER = ("CT, raw", "CT, JPEG lossless SV1", "CT, JPEG-LS", "Ultrasound, JPEG")


def main() -> None:
    options = _options()
    files = [file for file in inputs() if options.name.lower() in file.name.lower()]
    if not files:
        raise SystemExit(f"bench: no file has {options.name!r} in its name")
    before = load()
    print(f"others keep {before:.2f} processors busy\n")
    orthanc, dcmtk = Orthanc(), Dcmtk()
    rows: list[Row] = []
    tables = [_printed(reading(files, options.rounds, {"Orthanc": orthanc, "DCMTK": dcmtk}, rows))]
    if options.name:
        return
    frames: list[Line] = []
    sizes: list[Line] = []
    # Add the table of a new endpoint here, with the program that it is compared with.
    tables.append(_printed(generating(options.rounds)))
    tables.append(_printed(deidentifying(files, options.rounds)))
    tables.append(_printed(converting(files, options.rounds)))
    tables.append(_printed(over_http(files, options.rounds)))
    tables.append(_printed(throughput([file for file in files if file.name in TOGETHER])))
    tables.append(_printed(by_frames(frames)))
    tables.append(_printed(by_size(sizes)))
    tables.append(_printed(cold_starts(3)))
    after = load()
    print(f"others keep {after:.2f} processors busy")
    if max(before, after) > BUSY:
        raise SystemExit("bench: the machine was busy, so docs/benchmarks.md is left as it is")
    document.write(rows, tables, [*document.packages(), *orthanc.versions, *dcmtk.versions], (before, after))
    document.GROWTH.write_text(growth_chart(frames, sizes), encoding="utf-8")


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
