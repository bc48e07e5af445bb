"""The answer to a read, parsed while it arrives, one picture at a time, as all of them may be gigabytes."""

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ijson

from dicom_api.errors import ForeignAnswer

if TYPE_CHECKING:
    from numpy import ndarray

# The path to a picture in the answer: keys of objects, and None for a place in an array.
PICTURES = (["Images", None], ["Files", None, "Images", None])
DEEPEST = 200  # steps: nested sequences are not that deep, and Python's JSON allows a thousand
BROKEN = "The answer is not whole, or not from this API: try again."

# Takes a file's object so far and its next picture in base64, and returns what replaces the picture.
Picture = Callable[[dict[str, Any], str], str]


class Answer(dict[str, Any]):
    """The answer to a read: metadata by keyword, `ImageFormat`, `Images` in base64, and perhaps `Warnings`.

    For a zip with several files it has only `Files`: a list of such objects, each with its `FileName`.
    """

    @property
    def files(self) -> "list[Answer]":
        """The objects of the files: one, or all of a zip."""
        return [Answer(file) for file in self["Files"]] if "Files" in self else [self]

    @property
    def warnings(self) -> list[str]:
        """The warnings about all files."""
        return [warning for file in self.files for warning in file.get("Warnings", [])]

    def pictures(self) -> list[bytes]:
        """The pictures of all files in order; empty for a frame that could not be shown."""
        return [decoded(text) for file in self.files for text in file.get("Images", [])]

    def arrays(self) -> "list[ndarray[Any, Any] | None]":
        """The pictures of all files as uint8 of (rows, columns) or (rows, columns, 3 or 4); None for one not shown.

        It needs numpy and Pillow: `pip install 'dicom-api-client[arrays]'`. An animation gives its first frame.
        """
        import io

        import numpy as np
        from PIL import Image

        def array(content: bytes) -> "ndarray[Any, Any]":
            with Image.open(io.BytesIO(content)) as picture:
                plain = picture.convert("RGB") if picture.mode == "P" else picture
                return np.asarray(plain)

        return [array(content) if content else None for content in self.pictures()]


def report_of(content: bytes | bytearray) -> dict[str, Any]:
    """The report of a de-identification. Raises ForeignAnswer."""
    try:
        report = json.loads(content)
    except (ValueError, RecursionError):
        raise ForeignAnswer(BROKEN) from None
    if not isinstance(report, dict):
        raise ForeignAnswer(BROKEN)
    return report


class Parser:
    """A sink for an answer. It replaces each picture in `Images` by the result of `picture`."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._builder = ijson.ObjectBuilder()
        # ijson's own paths are one text, in which a key with a dot looks like two steps.
        self._place: list[str | None] = []
        self._events = ijson.sendable_list()
        self._parser = ijson.basic_parse_coro(self._events, use_float=True)

    def feed(self, chunk: bytes) -> None:
        """Raises ForeignAnswer."""
        try:
            self._parser.send(chunk)
            self._take()
        except (ijson.JSONError, ValueError, StopIteration):
            raise ForeignAnswer(BROKEN) from None

    def close(self) -> Answer:
        """The complete answer. Raises ForeignAnswer."""
        try:
            self._parser.close()
            self._take()
        except (ijson.JSONError, ValueError):
            raise ForeignAnswer(BROKEN) from None
        return _checked(getattr(self._builder, "value", None))

    def _take(self) -> None:
        for event, value in self._events:
            given = value
            if event == "string" and self._place in PICTURES:
                file = self._builder.value["Files"][-1] if self._place[0] == "Files" else self._builder.value
                given = self._picture(file, value)
            self._builder.event(event, given)
            self._step(event, value)
        del self._events[:]

    def _step(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._place[-1] = value
        elif event in ("start_map", "start_array"):
            self._place.append(None)
            if len(self._place) > DEEPEST:
                raise ForeignAnswer
        elif event in ("end_map", "end_array"):
            self._place.pop()


def as_it_came(_: dict[str, Any], picture: str) -> str:
    return picture


def decoded(picture: str) -> bytes:
    """Raises ForeignAnswer."""
    try:
        return base64.b64decode(picture, validate=True)
    except ValueError:
        raise ForeignAnswer("The answer has a picture that is not base64: see whether the address is right.") from None


def _checked(answer: Any) -> Answer:
    files = answer.get("Files", [answer]) if isinstance(answer, dict) else None
    if not (isinstance(files, list) and all(map(_is_file, files))):
        raise ForeignAnswer
    return Answer(answer)


def _is_file(value: Any) -> bool:
    match value:
        case {"Images": images} if not isinstance(images, list) or not all(isinstance(each, str) for each in images):
            return False
        case {"FileName": name} if not isinstance(name, str):
            return False
    return isinstance(value, dict)
