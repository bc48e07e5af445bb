"""Times of several programs on one file, taken in turn, so that all run on the machine in the same state."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bench.processes import NotMeasured

SHARE = 2000  # ms: a program that takes longer on a file is not measured again


class Times(NamedTuple):
    """Milliseconds, one for each round of the program; none, and a reason `why`, if it can't do the file."""

    rounds: Sequence[float]
    why: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """The spread of the middle half of the rounds, as a fraction of the median."""
        if len(self.rounds) < 2:
            return 0
        lower, _, upper = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return (upper - lower) / self.median


def measure(programs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Times]:
    """Times by program. Each program is a function that runs once and returns milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in programs}
    unable: dict[str, str] = {}
    for _ in range(rounds):
        for name, run in programs.items():
            if name in unable or sum(taken[name]) > SHARE:
                continue
            try:
                taken[name].append(run())
            except NotMeasured as why:
                unable[name] = str(why)
    return {name: Times([], unable[name]) if name in unable else Times(taken[name]) for name in programs}


def ratio(theirs: Times, ours: Times) -> float:
    """The ratio of the times."""
    return theirs.median / ours.median


def geometric_mean(ratios: Sequence[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, ratios)))
