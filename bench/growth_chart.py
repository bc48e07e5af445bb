"""docs/growth.svg: how time and memory grow, each axis logarithmic, so that growth in proportion is a diagonal."""

import math
from collections.abc import Callable, Sequence
from html import escape

from bench.chart import STYLE
from bench.growth import MB, Line, Point

LEFT, TOP, SIDE, GAP, RIGHT, BOTTOM = 60, 50, 210, 66, 40, 40
COLOURS = ("ours", "weekend")
MORE = """
.line { fill: none; stroke-width: 2 } .line.ours { stroke: #1a7f37 } .line.weekend { stroke: #8c959f }
@media (prefers-color-scheme: dark) { .line.ours { stroke: #3fb950 } .line.weekend { stroke: #6e7681 } }
"""

Value = Callable[[Point], float]
PANELS: Sequence[tuple[str, str, Value]] = (
    ("seconds", "s", lambda point: point.seconds),
    ("peak memory, MB", "MB", lambda point: point.peak / MB),
)


def growth_chart(by_frames: Sequence[Line], by_size: Sequence[Line]) -> str:
    """SVG of four panels: time and memory by frames, time and memory by size."""
    parts, x = [], LEFT
    for title, unit, lines in (("by frames of 512x512", "frames", by_frames), ("by the size of a file", "MB", by_size)):
        for what, _, value in PANELS:
            parts += _panel(x, f"{what}, {title}", unit, lines, value)
            x += SIDE + GAP
    width, height = x - GAP + RIGHT, TOP + SIDE + BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<style>{STYLE}{MORE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(left: int, title: str, unit: str, lines: Sequence[Line], value: Value) -> list[str]:
    across = _decades([point.size for line in lines for point in line.points])
    up = _decades([value(point) for line in lines for point in line.points])

    def x(size: float) -> float:
        return left + (math.log10(size) - across[0]) / (across[1] - across[0]) * SIDE

    def y(amount: float) -> float:
        return TOP + SIDE - (math.log10(amount) - up[0]) / (up[1] - up[0]) * SIDE

    parts = [f'<text x="{left}" y="20">{escape(title)}</text>']
    for power in range(across[0], across[1] + 1):
        at = x(10.0**power)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{TOP + SIDE}"/>')
        label = f"{10.0**power:g}" + (f" {unit}" if power == across[1] else "")
        parts.append(f'<text class="value" x="{at:.1f}" y="{TOP + SIDE + 15}" text-anchor="middle">{label}</text>')
    for power in range(up[0], up[1] + 1):
        at = y(10.0**power)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + SIDE}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text class="value" x="{left - 5}" y="{at + 3:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for number, (line, colour) in enumerate(zip(lines, COLOURS, strict=False)):
        path = " ".join(f"{x(point.size):.1f},{y(value(point)):.1f}" for point in line.points)
        parts.append(f'<polyline class="line {colour}" points="{path}"/>')
        parts += [
            f'<circle class="{colour}" cx="{x(point.size):.1f}" cy="{y(value(point)):.1f}" r="3"/>'
            for point in line.points
        ]
        start = left + number * 130
        parts.append(f'<rect class="{colour}" x="{start}" y="29" width="10" height="10"/>')
        parts.append(f'<text class="value" x="{start + 14}" y="38">{escape(line.name)}</text>')
    return parts


def _decades(amounts: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(amounts))), math.ceil(math.log10(max(amounts)))
    return low, max(high, low + 1)
