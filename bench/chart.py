"""The bar chart docs/benchmarks.svg: times of reading on a logarithmic scale."""

import math
from collections.abc import Sequence
from html import escape

from bench.report import PEERS, Row

SHOWN = (
    "CT, raw",
    "CT, JPEG lossless SV1",
    "CT, JPEG-LS",
    "Mammogram, raw",
    "Mammogram, JPEG lossless SV1",
    "Mammogram, JPEG 2000",
    "Angiogram, JPEG lossless SV1",
    "Ultrasound, JPEG",
)
NAMES = {
    "ours": "this API's function",
    "weekend": "pydicom + Pillow",
    "Orthanc": "Orthanc, over HTTP",
    "DCMTK": "DCMTK",
}
BAR, GAP, LEFT, WIDTH, TOP, RIGHT = 13, 14, 220, 540, 60, 70
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f } .grid { stroke: #24292f; opacity: .15 }
.floor { stroke: #24292f }
.ours { fill: #1a7f37 } .weekend { fill: #8c959f } .Orthanc { fill: #bc6c25 } .DCMTK { fill: #6e7fb8 }
.value { font-size: 10px } .title { font-size: 14px; font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #d0d7de } .grid, .floor { stroke: #d0d7de } .ours { fill: #3fb950 } .weekend { fill: #6e7681 } }
"""


def chart(rows: Sequence[Row]) -> str:
    """SVG. A stroke in a bar of ours is the floor: what the codecs take by themselves on one core."""
    shown = [row for row in rows if row.name in SHOWN]
    low, high = _decades(shown)
    group = (1 + len(PEERS)) * BAR + GAP
    bottom = TOP + len(shown) * group
    parts = [_legend()]
    for power in range(low, high + 1):
        x = _x(10.0**power, low, high)
        label = f"{10**power:g} ms" if power < 3 else f"{10 ** (power - 3):g} s"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    for number, row in enumerate(shown):
        parts += _group(row, TOP + GAP // 2 + number * group, low, high)
    width, height = LEFT + WIDTH + RIGHT, bottom + 26
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _legend() -> str:
    parts = ['<text class="title" x="8" y="20">A DICOM file to JSON with a PNG of every frame: milliseconds</text>']
    x = 8.0
    for name, text in NAMES.items():
        parts.append(f'<rect class="{name}" x="{x}" y="33" width="12" height="12"/>')
        parts.append(f'<text x="{x + 17}" y="43">{escape(text)}</text>')
        x += 42 + 6.4 * len(text)
    parts.append(_stroke(x + 4, 32, 46))
    parts.append(f'<text x="{x + 12}" y="43">the codecs alone, on one core</text>')
    return "\n".join(parts)


def _group(row: Row, y: int, low: int, high: int) -> list[str]:
    middle = y + (1 + len(PEERS)) * BAR / 2
    parts = [f'<text x="{LEFT - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(row.name)}</text>']
    for number, program in enumerate(("ours", *PEERS)):
        top = y + number * BAR
        times = row.times[program]
        if not times.rounds:
            parts.append(
                f'<text class="value" x="{LEFT + 4}" y="{top + 10}">{escape(f"{program}: {times.why}")}</text>'
            )
            continue
        end = _x(times.median, low, high)
        parts.append(f'<rect class="{program}" x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{BAR - 1}"/>')
        if program == "ours":
            floor = _x(row.times["floor"].median, low, high)
            parts.append(_stroke(floor, top, top + BAR - 1))
            end = max(end, floor)
        text = f"{times.median:,.1f}" if times.median < 100 else f"{times.median:,.0f}"
        parts.append(f'<text class="value" x="{end + 4:.1f}" y="{top + 10}">{text}</text>')
    return parts


def _stroke(x: float, top: float, bottom: float) -> str:
    return f'<line class="floor" stroke-width="2" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'


def _decades(rows: Sequence[Row]) -> tuple[int, int]:
    medians = [times.median for row in rows for times in row.times.values() if times.rounds]
    return math.floor(math.log10(min(medians))), math.ceil(math.log10(max(medians)))


def _x(milliseconds: float, low: int, high: int) -> float:
    return LEFT + (math.log10(milliseconds) - low) / (high - low) * WIDTH
