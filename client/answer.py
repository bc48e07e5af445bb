"""The answer to a read, taken in while it comes: one picture at a time, since all may be gigabytes."""

from collections.abc import Callable, Iterable
from typing import Any

import ijson

from client.api import ApiError

PICTURES = ("Images.item", "Files.item.Images.item")

# Is given a file's object as far as it has come, and its next picture in base64; gives what stands for the picture.
Picture = Callable[[dict[str, Any], str], str]


def parse(chunks: Iterable[bytes], picture: Picture) -> dict[str, Any]:
    """The answer, in whose `Images` each picture is what `picture` makes of it. Raises ApiError if it is broken."""
    builder = ijson.ObjectBuilder()
    try:
        for place, event, value in ijson.parse(ijson.from_iter(iter(chunks)), use_float=True):
            given = value
            if place in PICTURES and event == "string":
                file = builder.value["Files"][-1] if place.startswith("Files") else builder.value
                given = picture(file, value)
            builder.event(event, given)
    except ijson.JSONError:
        raise ApiError("The answer is not whole, or not from this API: try again.") from None
    if not isinstance(builder.value, dict):
        raise ApiError("The answer is not from this API: see whether the address is right.")
    return builder.value
