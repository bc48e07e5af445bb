"""Writes docs/cost.md, with --measure of durations measured anew: as root, after `make build`, on a quiet machine."""

import argparse
import json

from bench.cost import document, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument(
        "--measure", nargs="?", const="", metavar="NAME", help="all cases, or those with this in their names"
    )
    name = parser.parse_args().measure
    if name is not None:
        measure.measure(name)
    document.write(json.loads(measure.MEASURED.read_text()))


if __name__ == "__main__":
    main()
