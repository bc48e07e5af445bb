"""Bars on standard error, if it is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich import progress
from rich.console import Console


@contextmanager
def uploading(size: int) -> Iterator[Callable[[int], None]]:
    """To be told how many bytes of `size` are sent."""
    with _bar(progress.DownloadColumn(), progress.TransferSpeedColumn(), progress.TimeRemainingColumn()) as bar:
        task = bar.add_task("uploading", total=size)
        yield lambda sent: bar.update(task, completed=sent)


@contextmanager
def processing() -> Iterator[Callable[[dict[str, Any]], None]]:
    """To be told each answer about an upload's status."""
    with _bar(progress.MofNCompleteColumn(), progress.TextColumn("{task.fields[left]}")) as bar:
        task = bar.add_task("waiting", total=None, left="")

        def show(job: dict[str, Any]) -> None:
            remaining = job.get("remaining_seconds")
            left = "" if remaining is None else f"{remaining:.0f} s left"
            bar.update(
                task, description=job["status"], completed=job["frames_done"], total=job["frames_total"], left=left
            )

        yield show


def _bar(*columns: progress.ProgressColumn) -> progress.Progress:
    console = Console(stderr=True)
    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
