"""The progress of a request."""

from collections.abc import Callable
from typing import Literal, NamedTuple

Step = Literal["upload", "work", "download"]


class Progress(NamedTuple):
    """`done` of `total`: bytes of an upload or download, frames of the work (files of a zip). None if unknown."""

    step: Step
    done: int
    total: int | None


Report = Callable[[Progress], None]


def unreported(_: Progress) -> None:
    pass
