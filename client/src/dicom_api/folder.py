"""Pictures as files in a folder."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from dicom_api.answer import decoded
from dicom_api.errors import ForeignAnswer


class Folder:
    """0001.png is frame 1 of a file. Each file of a zip has its own folder, named like the file."""

    def __init__(self, path: Path, picture_format: str, frames: str | None) -> None:
        """`frames` are the requested ones, "1,4-7"; None for all, or for an animation."""
        path.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._suffix = picture_format
        self._frames = frames
        self._file: dict[str, Any] | None = None
        self._folder = path
        self._folders: set[str] = set()
        self._numbers: Iterator[int] = count(1)

    def save(self, file: dict[str, Any], picture: str) -> str:
        """The picture's path; "" for a frame that could not be shown."""
        if file is not self._file:
            self._begin(file)
        number = next(self._numbers, None)
        if number is None:
            raise ForeignAnswer(
                "The answer has more pictures than frames were asked for: see whether the address is right."
            )
        if not picture:
            return ""
        path = self._folder / f"{number:04}.{self._suffix}"
        path.write_bytes(decoded(picture))
        return str(path)

    def _begin(self, file: dict[str, Any]) -> None:
        self._file = file
        self._numbers = frame_numbers(self._frames) if self._frames else count(1)
        if "FileName" in file:
            self._folder = self._path / self._own_name(str(file["FileName"]))
            self._folder.mkdir(parents=True, exist_ok=True)

    def _own_name(self, file_name: str) -> str:
        """A safe relative path: names in a zip may be anything, and two may be the same."""
        steps = [re.sub(r"[^\w .,()+=@-]", "_", step) for step in re.split(r"[/\\]", file_name)]
        name = "/".join(step for step in steps if step.strip(". ")) or "file"
        names = (name if number == 1 else f"{name} ({number})" for number in count(1))
        free = next(name for name in names if name.lower() not in self._folders)
        self._folders.add(free.lower())
        return free


def frame_numbers(text: str) -> Iterator[int]:
    """The frames of a text such as "4-7,1", which the API has accepted, in the order of their pictures."""
    ranges = [[int(number) for number in part.split("-")] for part in text.split(",")]
    last = 0
    for bounds in sorted(ranges):
        yield from range(max(bounds[0], last + 1), bounds[-1] + 1)
        last = max(last, bounds[-1])
