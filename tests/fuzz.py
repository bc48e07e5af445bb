"""`make fuzz`: tries the property tests with random examples for a given time.

It runs all property tests in rounds, each with another seed, and stops at the first failure.
"""

import argparse
import random
import sys
import time

import pytest


class Round:
    """A pytest plugin for one round: it shuffles the tests, and stops when the time is up."""

    def __init__(self, seed: int, end: float) -> None:
        self._seed = seed
        self._end = end

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        random.Random(self._seed).shuffle(items)  # noqa: S311

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        if time.monotonic() > self._end:
            item.session.shouldstop = "the time is up"


def main() -> int:
    """pytest's exit code of the round that failed; 0 if none did."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, help="of one round, without an end")
    options = parser.parse_args()
    if options.seed is not None:
        return _go_round(options.seed, float("inf"))
    end = time.monotonic() + options.seconds
    seeds = random.SystemRandom()
    while time.monotonic() < end:
        seed = seeds.randrange(1 << 32)
        _tell(f"Seed {seed}: make fuzz SEED={seed} does the same again.")
        code = _go_round(seed, end)
        if code == pytest.ExitCode.TESTS_FAILED:
            _tell(f"Found with seed {seed}. Keep the example in its test, as an @example, and mend the code.")
        if code != pytest.ExitCode.OK:
            return 0 if code == pytest.ExitCode.INTERRUPTED and time.monotonic() > end else code
    return 0


def _go_round(seed: int, end: float) -> int:
    properties = ["-m", "hypothesis", "--hypothesis-profile", "fuzz", f"--hypothesis-seed={seed}"]
    return pytest.main([*properties, "-p", "no:cacheprovider", "--no-header"], plugins=[Round(seed, end)])


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
