"""Attributes that a client sets and removes, by path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.tag import BaseTag

from imaging.conversion.paths import Path, items_on, read_path
from imaging.dataset.attributes import value
from imaging.dataset.character_sets import CharacterSet, character_set
from imaging.dataset.dicom_file import DIRECTORY, DicomFile
from imaging.dataset.given_values import element
from imaging.dataset.tags import NOT_IN_DATA_SETS, tag_text
from imaging.dataset.texts import encoded_element
from imaging.dataset.values import SPECIFIC_CHARACTER_SET, characters_of
from imaging.dataset.writing import SOP_CLASS_UID, Written, put, remove, sequence
from imaging.dataset.writing import element as raw_element
from imaging.form_fields import NotAValue, names, pairs
from imaging.pixels import image_pixel
from problems import Unusable, not_valid

MAX_EDITS = 1000
# Attributes that the pixel data decides (PS3.3 C.7.6.3, C.7.6.1.1.5), wherever they are.
DECIDED = {
    BaseTag(tag_for_keyword(keyword) or 0)
    for keyword in (
        *image_pixel.KEYWORDS,
        *("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"),
    )
}
NEEDED = {BaseTag(0x00080016), BaseTag(0x00080018)}  # SOP Class UID and SOP Instance UID
PIXEL_GROUP = 0x7FE0


@dataclass(frozen=True)
class Edit:
    """`value`: the new value as text; None if the attribute is to be removed."""

    path: Path
    value: str | None = None

    @property
    def text(self) -> str:
        """The path as text."""
        return str(self.path)


def settings(text: str) -> tuple[Edit, ...]:
    """Lines of path=value, or a JSON object of paths and values. Raises NotAValue, whose message says what to send."""
    edits = tuple(Edit(read_path(path), given) for path, given in pairs(text))
    for edit in edits:
        _check(edit)
    return _distinct(edits)


def removals(text: str) -> tuple[Edit, ...]:
    """Paths with commas between them. Raises NotAValue, whose message says what to send."""
    edits = tuple(Edit(read_path(path)) for path in names(text))
    for edit in edits:
        _check(edit)
    return _distinct(edits)


def _distinct(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    if len(edits) > MAX_EDITS:
        raise NotAValue(f"Send at most {MAX_EDITS} paths.")
    seen: set[str] = set()
    for edit in edits:
        if edit.text in seen:
            raise NotAValue(f"{edit.text} is named twice.")
        seen.add(edit.text)
    return edits


def _check(edit: Edit) -> None:
    """Raises NotAValue for what can't be edited, or not to that value, in any file."""
    tag = edit.path.tag
    if any(each.group in NOT_IN_DATA_SETS for each in (tag, *(step.tag for step in edit.path.steps))):
        raise NotAValue(f"{edit.text} is not an attribute of a data set.")
    if tag in DECIDED or tag.group == PIXEL_GROUP:
        raise NotAValue(f"{edit.text} is decided by the pixel data: leave it out.")
    if tag == SPECIFIC_CHARACTER_SET and edit.path.steps:
        raise NotAValue(f"{edit.text} can't be edited: only that of the whole data set can, which converts all text.")
    if tag in NEEDED and not edit.path.steps and not edit.value:
        raise NotAValue(f"{edit.text} can't be removed: every file has its own.")
    if edit.value is not None:
        _check_value(tag, edit.value, edit)


def _check_value(tag: BaseTag, text: str, edit: Edit) -> None:
    """The same, for an edit of this attribute that gives it a value."""
    if tag.is_private or not keyword_for_tag(tag) or tag.element == 0:
        raise NotAValue(f"{edit.text} is not in the DICOM dictionary, so that it can only be removed.")
    if tag == SOP_CLASS_UID and not edit.path.steps and text == DIRECTORY:
        raise NotAValue(f"{edit.text} can't have this value: no file becomes a directory.")
    if tag == SPECIFIC_CHARACTER_SET and character_set(text).problem:
        raise NotAValue(f"The value of {edit.text} is none of the character sets of PS3.3 C.12.1.1.2.")
    if text:
        try:
            element(tag, text, signed=_may_be_signed(edit))
        except Unusable as reason:
            raise NotAValue(f"The value of {edit.text} is not valid. {reason.message}") from None


def lost(edits: Sequence[Edit]) -> str | None:
    """The path of an edit within a sequence that another edit removes or empties; None if there is none."""
    paths = {edit.path for edit in edits}
    for edit in edits:
        steps = edit.path.steps
        if any(Path(steps[:depth], step.tag) in paths for depth, step in enumerate(steps)):
            return edit.text
    return None


def _may_be_signed(edit: Edit) -> bool:
    return (edit.value or "").lstrip().startswith("-")


def apply(file: DicomFile, edits: Sequence[Edit], *, new_characters: CharacterSet | None) -> list[dict[str, Any]]:
    """Changes the data set, and returns what was done, for the report. Raises Invalid with the field that is wrong.

    `new_characters`: what the data set's own character set becomes, if it does not stay.
    """
    return [_applied(file, edit, new_characters) for edit in edits]


def _applied(file: DicomFile, edit: Edit, new_characters: CharacterSet | None) -> dict[str, Any]:
    tag = edit.path.tag
    try:
        holders = items_on(file.dataset, edit.path)
        item = holders[-1]
        had = tag in item
        if edit.value is None:
            if not had:
                raise NotAValue(f"The file has no {edit.text}.")
            remove(item, tag)
        else:
            characters = new_characters or characters_of(file.dataset, CharacterSet(), [])
            for holder in holders[1:]:
                characters = characters_of(holder, characters, [])
            put(item, _made(file, edit, characters))
    except NotAValue as reason:
        raise not_valid("remove" if edit.value is None else "set", str(reason)) from None
    done = "removed" if edit.value is None else "changed" if had else "added"
    return {"path": edit.text, "tag": tag_text(tag), "keyword": keyword_for_tag(tag), "action": done}


def _made(file: DicomFile, edit: Edit, characters: CharacterSet) -> Written:
    """The element with the edit's value, in this character set."""
    tag = edit.path.tag
    vr = str(dictionary_VR(tag)).rpartition(" or ")[2]
    if not edit.value:
        return sequence(tag, []) if vr == "SQ" else raw_element(tag, "US" if vr == "SS" else vr, b"")
    signed = value(file.dataset, "PixelRepresentation") == 1
    try:
        made = encoded_element(element(tag, edit.value, signed=signed), characters)
    except Unusable as reason:  # of a VR that depends on the file's sign
        raise NotAValue(f"The value of {edit.text} is not valid. {reason.message}") from None
    if made is None:
        raise NotAValue(
            f"The value of {edit.text} can't be written in the file's character set: "
            "set SpecificCharacterSet to ISO_IR 192 as well."
        )
    return made
