"""The options of reading, de-identifying and converting, as fields of the form."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict


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


class DeidentifyOptions(TypedDict, total=False):
    """Without options, the Basic Profile of PS3.15 applies, with a random key.

    options: of the profile, `["retain-uids", "clean-descriptors"]`.
    keep, remove: keywords and tags.
    replace: values by keyword, `{"PatientID": "TRIAL-7"}`.
    regions: pixels to blank, `[(x, y, width, height)]`.
    ultrasound: blanks what is outside of the file's ultrasound regions.
    date_shift: days by which dates move.
    key: 16 characters or more, kept secret. The same key gives the same UIDs, codes and dates in every file.
    """

    options: str | Iterable[str]
    keep: str | Iterable[str]
    remove: str | Iterable[str]
    replace: Mapping[str, str]
    regions: str | Iterable[tuple[int, int, int, int]]
    ultrasound: bool
    date_shift: int
    key: str


class ConvertOptions(TypedDict, total=False):
    """What to change of a file.

    transfer_syntax: a UID, or a name such as "explicit", "jpeg-ls" or "htj2k".
    lossy: True allows loss, by `quality` (1 to 100) or `ratio` (above 1).
    set: values by keyword or path, `{"ReferencedSeriesSequence[0].SeriesInstanceUID": "1.2.3"}`.
    remove: keywords and paths.
    uids: "new" gives the file UIDs of its own.
    """

    transfer_syntax: str
    lossy: bool
    quality: int
    ratio: float
    set: Mapping[str, str]
    remove: str | Iterable[str]
    uids: Literal["keep", "new"]


def form(options: Mapping[str, Any], kind: type = ReadOptions) -> dict[str, str]:
    """The form's fields. Raises TypeError for a name that is no option of this kind."""
    known = kind.__annotations__
    unknown = sorted(options.keys() - known.keys())
    if unknown:
        raise TypeError(f"There is no option {unknown[0]!r} here, only {', '.join(known)}.")
    return {name: _text(value) for name, value in options.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return json.dumps(dict(value))
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    parts = list(value)
    regions = any(isinstance(part, tuple) for part in parts)
    return (";" if regions else ",").join(",".join(map(str, p)) if isinstance(p, tuple) else str(p) for p in parts)
