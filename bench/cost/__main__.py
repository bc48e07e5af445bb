"""Writes docs/cost.md, with --measure of durations that are measured anew: as root, after `make build`, in silence."""

import argparse
import json

from bench.cost import document, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--measure", action="store_true", help="takes some minutes of a machine that has no other work")
    if parser.parse_args().measure:
        measure.measure()
    document.write(json.loads(measure.MEASURED.read_text()))


if __name__ == "__main__":
    main()
