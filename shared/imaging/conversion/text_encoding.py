"""A data set's text in another character set (PS3.3 C.12.1.1.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataelem import DataElement, RawDataElement

from imaging.conversion.edits import Edit
from imaging.dataset.attributes import value
from imaging.dataset.character_sets import ESCAPE, REPLACEMENT, CharacterSet, character_set
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import Item
from imaging.dataset.tags import name
from imaging.dataset.texts import encoded, known_vr
from imaging.dataset.values import SPECIFIC_CHARACTER_SET, TEXT_DELIMITERS, characters_of
from imaging.dataset.writing import element, put
from problems import Invalid, not_valid


def change(file: DicomFile, edits: Sequence[Edit]) -> CharacterSet | None:
    """Converts all text, if an edit gives the data set another character set, which is returned; None if none does.

    Items with a character set of their own keep it, and text in ASCII stays as it is. Raises Invalid for text that the
    old character set can't read, or the new one can't write.
    """
    found = [edit for edit in edits if edit.path.tag == SPECIFIC_CHARACTER_SET]
    if not found:
        return None
    edit = found[0]
    target = character_set(edit.value or "")
    field = "remove" if edit.value is None else "set"
    old = characters_of(file.dataset, CharacterSet(), [])
    edited = frozenset(edit.text for edit in edits)
    _Conversion(file, old, target, field, edited).item(file.dataset, "")
    return target


@dataclass(frozen=True)
class _Conversion:
    """From `old` to `new`. Paths in `edited` get other values anyway."""

    file: DicomFile
    old: CharacterSet
    new: CharacterSet
    field: str
    edited: frozenset[str]

    def item(self, item: Item, path: str) -> None:
        """The texts of an item, and of the items in it."""
        for place in item.places:
            self.file.budget.spend_item()
            found = place.element
            here = f"{path}{name(place.tag)}"
            if isinstance(found, DataElement):
                for index, inner in enumerate(found.value):
                    if value(inner, "SpecificCharacterSet") is None:
                        self.item(inner, f"{here}[{index}].")
            elif found is not None and here not in self.edited:
                self.text(item, found, here)

    def text(self, item: Item, found: RawDataElement, path: str) -> None:
        """An element that may have a text that is not in ASCII."""
        vr = found.VR if found.VR not in (None, "UN") else known_vr(found.tag)
        content = found.value or b""
        if vr not in TEXT_DELIMITERS or (content.isascii() and ESCAPE not in content):
            return
        self.file.budget.spend_bytes(len(content))
        text, whole = self.old.decode(content, TEXT_DELIMITERS[vr])
        if REPLACEMENT in text:
            why = f"{path} has bytes that the present character set lacks: set it, too, or remove it."
            raise Invalid(why, fields={self.field: why})
        if not whole:
            self.file.warnings.append(
                f"{path} had bytes that its character set lacks; it was read as what it most likely is."
            )
        made = encoded([text], vr, self.new)
        if made is None:
            raise not_valid(self.field, f"The new character set has no way to write {path}: choose ISO_IR 192.")
        put(item, element(found.tag, vr, made))
