"""The options of a read, as fields of the form."""

from collections.abc import Iterable
from typing import Literal, TypedDict


class ReadOptions(TypedDict, total=False):
    """Options that are left out have the API's defaults.

    fields: keywords and tags, `["PatientName", "(0029,1010)"]` or "PatientName,(0029,1010)"; all if left out.
    return_format: of the pictures, png by default.
    frames: numbers from 1, `[1, 4]`, or a text with ranges, "1,4-7".
    window: `(40, 400)`, or a text with a function, "40,400,sigmoid".
    viewport: columns and rows that the pictures are to fit inside.
    quality: 1 to 100, of JPEG.
    overlays: whether the file's overlays are drawn into the pictures.
    animation: one GIF or WebP of all frames.
    images: False for metadata only.
    """

    fields: str | Iterable[str]
    return_format: Literal["png", "jpeg", "gif", "webp"]
    frames: str | Iterable[int]
    window: str | tuple[float, float]
    viewport: str | tuple[int, int]
    quality: int
    overlays: bool
    animation: bool
    images: bool


def form(options: ReadOptions) -> dict[str, str]:
    """The form's fields. Raises TypeError for a name that is no option."""
    unknown = sorted(options.keys() - ReadOptions.__annotations__.keys())
    if unknown:
        raise TypeError(f"A read has no option {unknown[0]!r}: it has {', '.join(ReadOptions.__annotations__)}.")
    return {name: _text(value) for name, value in options.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ",".join(map(str, value))
