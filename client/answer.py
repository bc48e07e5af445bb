"""The answer to a read, taken in while it comes: one picture at a time, since all may be gigabytes."""

from collections.abc import Callable, Iterable
from typing import Any

import ijson

from client.api import FOREIGN, ApiError

# Steps from the whole to a picture: keys of objects, and None for the place in an array.
PICTURES = (["Images", None], ["Files", None, "Images", None])
DEEPEST = 200  # steps; sequences in sequences are not that deep, and Python's JSON goes no deeper than a thousand

# Is given a file's object as far as it has come, and its next picture in base64; gives what stands for the picture.
Picture = Callable[[dict[str, Any], str], str]


def parse(chunks: Iterable[bytes], picture: Picture) -> dict[str, Any]:
    """The answer, in whose `Images` each picture is what `picture` makes of it. Raises ApiError if it is broken."""
    builder = ijson.ObjectBuilder()
    # ijson's own places are of one text, in which a key with a dot is taken for two steps.
    place: list[str | None] = []
    try:
        for event, value in ijson.basic_parse(ijson.from_iter(iter(chunks)), use_float=True):
            given = value
            if event == "string" and place in PICTURES:
                file = builder.value["Files"][-1] if place[0] == "Files" else builder.value
                given = picture(file, value)
            builder.event(event, given)
            _step(place, event, value)
    except (ijson.JSONError, ValueError):
        raise ApiError("The answer is not whole, or not from this API: try again.") from None
    return _checked(builder.value)


def _step(place: list[str | None], event: str, value: Any) -> None:
    if event == "map_key":
        place[-1] = value
    elif event in ("start_map", "start_array"):
        place.append(None)
        if len(place) > DEEPEST:
            raise ApiError(FOREIGN)
    elif event in ("end_map", "end_array"):
        place.pop()


def _checked(answer: Any) -> dict[str, Any]:
    files = answer.get("Files", [answer]) if isinstance(answer, dict) else None
    if not (isinstance(files, list) and all(map(_is_file, files))):
        raise ApiError(FOREIGN)
    return dict(answer)


def _is_file(value: Any) -> bool:
    match value:
        case {"Images": images} if not isinstance(images, list) or not all(isinstance(each, str) for each in images):
            return False
        case {"FileName": name} if not isinstance(name, str):
            return False
    return isinstance(value, dict)
