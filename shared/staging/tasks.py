"""Work that is divided into parts: it is planned, done part by part, and joined."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

Write = Callable[[bytes], object]
Note = dict[str, Any]  # what joining has to know of a piece, as JSON


class Part(Protocol):
    """`frames`: its share of the work. `spans`: the ranges of the upload that it needs."""

    @property
    def frames(self) -> int: ...
    @property
    def spans(self) -> list[tuple[int, int]]: ...


class Plan(Protocol):
    """How the work on one upload is divided."""

    @property
    def parts(self) -> Sequence[Part]: ...
    @property
    def frames(self) -> int: ...
    def to_json(self) -> bytes: ...


class Result(Protocol):
    """The result while it is written in order. `size`: what it has by now."""

    @property
    def size(self) -> int: ...
    def write(self, content: bytes, /) -> None: ...

    def piece(self, number: int, length: int, /) -> None:
        """Adds the first `length` bytes of a piece."""

    def rest(self, number: int, start: int, /) -> Iterator[bytes]:
        """The bytes of a piece from `start` on, in chunks."""


class Task(Protocol):
    """The work of one job. Its plans are of its own kind. `counted`: its metrics.

    Each step may be repeated, by another worker, and does the same each time.
    """

    counted: tuple[str, ...]

    def plan(self, content: memoryview, deadline: float | None) -> Plan:
        """Divides the work on an upload. Raises Problem if it can't be done."""

    def read_plan(self, text: bytes) -> Plan:
        """The plan of which this is the JSON."""

    def work(self, plan: Any, number: int, ranges: list[memoryview], write: Write, deadline: float | None) -> Note:
        """Writes a piece, made of the ranges of a part. Raises Problem."""

    def headers(self, plan: Any, notes: list[Note]) -> dict[str, str]:
        """ContentType, and ContentDisposition, of the result."""

    def join(self, plan: Any, notes: list[Note], result: Result) -> None:
        """Writes the result of the pieces. Raises Problem if there is nothing to give."""
