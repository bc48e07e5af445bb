"""The options of a conversion, from the fields of a form."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imaging.conversion.edits import Edit, lost, removals, settings
from imaging.conversion.targets import TARGETS, may_lose, name_of, target_of
from imaging.form_fields import NotAValue, Option, flag, quality, values_of
from problems import Invalid

USUAL_QUALITY = 90
MAX_RATIO = 1000


@dataclass(frozen=True)
class ConvertOptions:
    """What to change. `transfer_syntax`: its UID; None: it stays.

    `lossy`: values may change. `quality` is from 1 to 100; `ratio`: how many times smaller than uncompressed a frame is
    to be, at least. Without both, quality is USUAL_QUALITY. `settings` and `removals`: edits of the data set.
    `new_uids`: the file's own UIDs become others, which `seed` decides, so that files of one study stay together.
    """

    transfer_syntax: str | None = None
    lossy: bool = False
    quality: int | None = None
    ratio: float | None = None
    settings: tuple[Edit, ...] = ()
    removals: tuple[Edit, ...] = ()
    new_uids: bool = False
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def _ratio(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) or not 1 < float(text) <= MAX_RATIO:
        raise NotAValue(f"Send a number above 1 and up to {MAX_RATIO}, such as 12.5.")
    return float(text)


def _new_uids(text: str) -> bool:
    if text.lower() not in ("keep", "new"):
        raise NotAValue("Send keep or new.")
    return text.lower() == "new"


OPTIONS = {
    "transfer_syntax": Option("transfer_syntax", target_of),
    "lossy": Option("lossy", flag),
    "quality": Option("quality", quality),
    "ratio": Option("ratio", _ratio),
    "set": Option("settings", settings),
    "remove": Option("removals", removals),
    "uids": Option("new_uids", _new_uids),
}


def read_options(texts: Mapping[str, str]) -> ConvertOptions:
    """Options from form fields; an empty one counts as not sent. Raises Invalid naming every field that is wrong."""
    values = values_of(OPTIONS, texts, _contradictions)
    if not values:
        raise Invalid("Nothing is to be converted: send transfer_syntax, set, remove or uids.")
    return ConvertOptions(**values)


def _contradictions(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with fields that are valid by themselves."""
    target = values.get("transfer_syntax")
    if values.get("lossy") and not (target and may_lose(target)):
        names = ", ".join(name for name, uid in TARGETS.items() if may_lose(uid))
        what = f"{name_of(target)} loses nothing" if target else "There is nothing to compress"
        return {"lossy": f"{what}: leave lossy out, or send one of these as transfer_syntax: {names}."}
    for name in ("quality", "ratio"):
        if name in values and not values.get("lossy"):
            return {name: "It needs lossy=true."}
    if "quality" in values and "ratio" in values:
        return {"ratio": "Send either quality or ratio: each decides the other."}
    inner = lost((*values.get("settings", ()), *values.get("removals", ())))
    if inner:
        return {"set": f"{inner} is in a sequence that another edit removes or empties."}
    edited = {edit.text for edit in values.get("settings", ())} & {edit.text for edit in values.get("removals", ())}
    if edited:
        return {"remove": f"{min(edited)} can't be set and removed."}
    return {}
