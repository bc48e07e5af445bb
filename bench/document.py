"""Writes docs/benchmarks.md: the printed tables, and the machine that they were measured on."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import chart
from bench.load import BUSY
from bench.processes import ROOT
from bench.report import Row

PAGE = ROOT / "docs/benchmarks.md"
GROWTH = ROOT / "docs/growth.svg"
TEXT = """# Benchmarks

Written by `make bench`, on {date}. {machine}

Other programs kept {load} processors busy. Above {busy}, this page is not written.

![How long reading takes, file by file, beside other programs](benchmarks.svg)

To repeat: `bench/install_peers.sh` installs Orthanc and DCMTK on Debian (without them their columns are empty), then
`make bench`. `.venv/bin/python -m bench mammogram` measures only the files with that in their names, and leaves this
page alone. `.venv/bin/python -m bench.instructions "CT, raw" --against COMMIT` counts instructions instead, which tells
two versions apart on any machine.

The files are made by `bench/inputs.py`: a CT slice of 512x512, a mammogram of 4096x3072, an angiogram of 96 frames of
512x512 and a colour ultrasound of 60 frames of 640x480, with noise such that their PNGs are as large as those of real
ones.

- **ours**: `functions/read`, from API Gateway's event to its answer, all frames to PNG; DynamoDB and S3 in memory,
  their calls counted: one read and one update a request, and S3 only for large answers. Files of more than 4.4 MB are
  staged: they are measured as the worker reads them, from its copy of the file to the answer.
- **floor**: the codecs alone, on one core: each frame decoded, deflated at level 1, base64. Threads can bring ours
  below it.
- **weekend**: the plain program with pydicom and Pillow, with the fastest decoder that pydicom has for each transfer
  syntax. Before it is timed, its pictures are compared with ours: no pixel may be more than 1 apart.
- **Orthanc**: over HTTP: a file uploaded, its tags and every frame's rendered picture fetched, and deleted.
- **DCMTK**: dcmdump and its converter to PNG, a process each.

Programs run in turn. Times are medians; ± is half of the interquartile range. The column x after the floor says how
many times as long as the floor ours takes; the others, how many times as long as ours a program takes; the last, how
large our PNGs are beside Pillow's by default.

Time and memory grow in proportion or less. A slope of 1 is growth in proportion, and 0 none at all.

![Time and peak memory by frames and by size](growth.svg)

{tables}
"""


def write(
    rows: Sequence[Row], tables: Sequence[Sequence[str]], versions: Sequence[str], loads: tuple[float, float]
) -> None:
    """Writes the page and its chart."""
    blocks = ["```text\n" + "\n".join(line.rstrip() for line in table) + "\n```" for table in tables]
    machine = f"{processor()}, {os.cpu_count()} cores; {_system()}; Python {platform.python_version()}"
    PAGE.write_text(
        TEXT.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=f"{machine}; {', '.join(versions)}.",
            load="{:.2f} (before) and {:.2f} (after)".format(*loads),
            busy=BUSY,
            tables="\n\n".join(blocks),
        ),
        encoding="utf-8",
    )
    PAGE.with_suffix(".svg").write_text(chart(rows), encoding="utf-8")


def packages() -> list[str]:
    """Names and versions of the programs and libraries."""
    return [f"{name} {importlib.metadata.version(name)}" for name in ("imagecodecs", "isal", "pydicom", "pillow")]


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
