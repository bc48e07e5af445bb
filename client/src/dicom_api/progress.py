"""How far a request is."""

from collections.abc import Callable
from typing import Literal, NamedTuple

Step = Literal["upload", "work", "download"]


class Progress(NamedTuple):
    """`done` of `total`: bytes of an upload or a download, frames of the work (of a zip: files). None: not known."""

    step: Step
    done: int
    total: int | None


Report = Callable[[Progress], None]


def unreported(_: Progress) -> None:
    pass
