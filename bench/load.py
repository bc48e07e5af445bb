"""Whether the machine was quiet: processor time that other programs took while this one slept."""

import os
import time
from pathlib import Path

SECONDS = 3
BUSY = 0.1  # of one processor
TICKS = os.sysconf("SC_CLK_TCK")  # of /proc/stat, a second


def load() -> float:
    """How many processors others keep busy, by what they do in three seconds."""
    before = _busy()
    time.sleep(SECONDS)
    return (_busy() - before) / SECONDS


def _busy() -> float:
    """Seconds that all processors have worked since the machine started, by proc(5)."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS
