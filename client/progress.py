"""Bars on standard error, if it is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from rich import progress
from rich.console import Console

CHUNK_BYTES = 1 << 18


@contextmanager
def uploading(size: int) -> Iterator[Callable[[int], None]]:
    """To be told how many bytes of `size` are sent."""
    with _bar(*_bytes()) as bar:
        task = bar.add_task("uploading", total=size)
        yield lambda sent: bar.update(task, completed=sent)


@contextmanager
def processing() -> Iterator[Callable[[dict[str, Any]], None]]:
    """To be told each answer about an upload's status."""
    with _bar(progress.MofNCompleteColumn(), progress.TextColumn("{task.fields[left]}")) as bar:
        task = bar.add_task("waiting", total=None, left="")

        def show(job: dict[str, Any]) -> None:
            remaining = job.get("remaining_seconds")
            left = f"{remaining:.0f} s left" if isinstance(remaining, int | float) else ""
            bar.update(
                task, description=job["status"], completed=job["frames_done"], total=job["frames_total"], left=left
            )

        yield show


def fetched(answer: requests.Response) -> Iterator[bytes]:
    """The answer's body, as it comes."""
    size = answer.headers.get("Content-Length", "")
    with _bar(*_bytes()) as bar:
        task = bar.add_task("fetching", total=int(size) if size.isdecimal() else None)
        for chunk in answer.iter_content(CHUNK_BYTES):
            bar.advance(task, len(chunk))
            yield chunk


def _bytes() -> list[progress.ProgressColumn]:
    return [progress.DownloadColumn(), progress.TransferSpeedColumn(), progress.TimeRemainingColumn()]


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
