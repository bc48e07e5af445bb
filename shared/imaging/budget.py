"""What a request may use. Every loop over a client's input spends from it, so that no input runs for ever.

| What          | How it is counted                                                         | REQUEST | PART   |
| ------------- | ------------------------------------------------------------------------- | ------- | ------ |
| time          | by the clock, every few thousand items or values, and at every picture    | of the function  |
| items         | elements, items of sequences, fragments and frames, of all files together | 500,000 | 1 M    |
| values        | numbers and texts in elements, before they are converted                  | 4 M     | 32 M   |
| bytes         | unpacked or copied: archives' members, deflated data sets and values      | 512 MB  | 768 MB |
| bytes, a file | of a file's values besides its pixel data                                 | 16 MB   | 256 MB |
| characters    | text and pictures of the answer                                           | 300 M   | 300 M  |

A direct read has REQUEST for all files of an archive together. A staged read has PART for each file, as it holds one at
a time. The largest real data sets are those of enhanced multi-frame files: ten thousand frames with fifty elements and
items each make half a million. An item takes 650 bytes of memory, so even a million of them leave room for the answer.
"""

import time
from dataclasses import dataclass

from problems import TooLarge

LOOK = 4096  # items or values from one look at the clock to the next; a power of two


@dataclass(frozen=True)
class Limits:
    """The amounts; the table above says what counts."""

    items: int
    values: int
    bytes: int
    file_bytes: int
    characters: int


REQUEST = Limits(500_000, 4_000_000, 512 << 20, 16 << 20, 300_000_000)
PART = Limits(1_000_000, 32_000_000, 768 << 20, 256 << 20, 300_000_000)


class Spent(TooLarge):
    """The budget is used up, which ends the whole request."""


class Budget:
    """What is left of `limits`, and of the time until `deadline` (of time.monotonic(), None: no end).

    Every method raises Spent when there is not enough. It says to ask for fewer frames and fields, or to send less if
    the request is for `whole_files`. Several threads may spend at the same time: CPython switches threads between
    calls, and not within a subtraction.
    """

    def __init__(self, deadline: float | None = None, limits: Limits = REQUEST, *, whole_files: bool = False) -> None:
        self.deadline = deadline
        self.limits = limits
        self.items = limits.items + 1  # at 0, which every look finds, it is used up
        self.values = limits.values
        self.bytes = limits.bytes
        self.characters = limits.characters
        self._less = "send fewer or smaller files" if whole_files else "ask for fewer with frames and fields"
        self._or_fewer = "" if whole_files else ", or ask for fewer {0} with the field {0}"
        self._next_look = max(0, limits.values - LOOK)

    def spend_item(self) -> None:
        """One element, or one item of a sequence."""
        self.items -= 1
        if not self.items & (LOOK - 1):
            self.spend_items(0)

    def spend_items(self, items: int) -> None:
        """Several items, fragments or frames at once, before they take memory."""
        self.items -= items
        if self.items <= 0:
            raise Spent(
                f"The upload has more than {self.limits.items} elements, items and frames: "
                f"send fewer files at once{self._or_fewer.format('frames')}."
            )
        self.check_time()

    def spend_values(self, values: int) -> None:
        """The values of an element, before they are converted."""
        self.values -= values
        if self.values < self._next_look:
            if self.values < 0:
                raise Spent(
                    f"The upload has more than {self.limits.values} values: "
                    f"send fewer files at once{self._or_fewer.format('fields')}."
                )
            self._next_look = max(0, self.values - LOOK)
            self.check_time()

    def spend_bytes(self, count: int) -> None:
        """Bytes that were unpacked or copied."""
        self.bytes -= count
        if self.bytes < 0:
            raise Spent(f"The upload has more than {self.limits.bytes} bytes when it is unpacked: send fewer files.")
        self.check_time()

    def spend_characters(self, characters: int) -> None:
        """Text or pictures of the answer."""
        self.characters -= characters
        if self.characters < 0:
            raise Spent(f"The file's pictures or values are too many at once: {self._less}.")

    def check_time(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise Spent(f"The upload takes longer than a request may take: {self._less}.")
