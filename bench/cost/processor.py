"""As much of a processor as Lambda gives for a memory size: a control group of Linux with a quota (needs root)."""

import os
from pathlib import Path

ONE_PROCESSOR_MB = 1769  # the equivalent of one vCPU (AWS Lambda's guide, "Configure Lambda function memory")
PERIOD = 20_000  # microseconds, in which Lambda deals its shares out, and no more than that at once

V1, V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
UNLIMITED = 0


class Processor:
    """The share that one process has. Raises PermissionError without root."""

    def __init__(self) -> None:
        self._v2 = (V2 / "cgroup.controllers").exists()
        self._group = (V2 if self._v2 else V1) / f"bench-cost-{os.getpid()}"
        self._group.mkdir()
        if self._v2:
            (V2 / "cgroup.subtree_control").write_text("+cpu")
        else:
            (self._group / "cpu.cfs_period_us").write_text(str(PERIOD))

    def take(self, pid: int) -> None:
        """The process, and what it starts from now on."""
        (self._group / "cgroup.procs").write_text(str(pid))

    def limit(self, memory: int) -> None:
        """What `memory` MB buy, or UNLIMITED."""
        quota = PERIOD * memory // ONE_PROCESSOR_MB
        if self._v2:
            (self._group / "cpu.max").write_text(f"{quota or 'max'} {PERIOD}")
        else:
            (self._group / "cpu.cfs_quota_us").write_text(str(quota or -1))

    def close(self) -> None:
        """Once its process has ended."""
        self._group.rmdir()
