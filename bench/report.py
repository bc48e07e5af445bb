"""Prints the measurements as a table."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.check import Sizes
from bench.rounds import Times, geometric_mean, ratio

PEERS = ("weekend", "Orthanc", "DCMTK")
HEADINGS = (
    f"{'ms':29}{'ours':>8}{'±':>5}{'floor':>8}{'x':>6}{'weekend':>9}{'x':>6}{'Orthanc':>9}{'x':>6}{'DCMTK':>9}{'x':>6}"
    f"{'PNG kB':>8}{'x':>6}"
)


class Row(NamedTuple):
    """One file: each program's times, and the sizes of the PNGs."""

    name: str
    times: Mapping[str, Times]
    sizes: Sizes

    def ratio(self, peer: str) -> float | None:
        """The ratio of its time to ours (for the floor, of ours to its); None if it was not measured."""
        theirs, ours = self.times[peer], self.times["ours"]
        if not theirs.rounds:
            return None
        return ratio(ours, theirs) if peer == "floor" else ratio(theirs, ours)

    def line(self) -> str:
        ours = self.times["ours"]
        cells = [f"{self.name:29}{_ms(ours.median):>8}{ours.spread / 2:5.0%}"]
        cells.append(f"{_ms(self.times['floor'].median):>8}{_times(self.ratio('floor')):>6}")
        for peer in PEERS:
            times = self.times[peer]
            cells.append(f"{_ms(times.median) if times.rounds else times.why[:8]:>9}{_times(self.ratio(peer)):>6}")
        cells.append(f"{self.sizes.ours / 1000:8.0f}{_times(self.sizes.ratio):>6}")
        return "".join(cells)


def summary(rows: Sequence[Row]) -> list[str]:
    """Geometric means, and the file with the worst ratio. JPEG 2000, which depends on its decoder, has its own line."""
    slow = [row for row in rows if "JPEG 2000" in row.name]
    others = [row for row in rows if row not in slow]
    lines = []
    for title, group in (("mean without JPEG 2000", others), ("mean of JPEG 2000", slow), ("mean", rows)):
        if group:
            lines.append(_line(f"geometric {title}", group, geometric_mean))
    lines.append(_line("worst", rows, min))
    return lines


def _line(title: str, rows: Sequence[Row], of: object) -> str:
    cells = [f"{title:42}"]
    for peer, width in (("floor", 14), *((peer, 15) for peer in PEERS)):
        found = [found for row in rows if (found := row.ratio(peer))]
        # A large ratio is bad for the floor, and good for a peer.
        worst = max if of is min and peer == "floor" else of
        cells.append(f"{_times(worst(found) if found else None):>{width}}")  # type: ignore[operator]
    sizes = [row.sizes.ratio for row in rows if row.sizes.ratio]
    sized = max if of is min else of
    cells.append(f"{_times(sized(sizes) if sizes else None):>14}")  # type: ignore[operator]
    return "".join(cells)


def _ms(milliseconds: float) -> str:
    return (
        f"{milliseconds:.2f}"
        if milliseconds < 10
        else f"{milliseconds:,.1f}"
        if milliseconds < 100
        else f"{milliseconds:,.0f}"
    )


def _times(found: float | None) -> str:
    if found is None:
        return ""
    return f"{found:.2f}" if found < 10 else f"{found:.0f}"
