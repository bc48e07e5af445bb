"""One element's value: kept if nothing in it names the patient, or else replaced, emptied or moved in time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydicom._uid_dict import UID_dictionary
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from imaging.dataset.character_sets import CharacterSet, character_set
from imaging.dataset.texts import TEXT_VRS, encoded, values_of
from imaging.dataset.writing import element
from imaging.deidentification import dates
from imaging.deidentification.dummies import TEXT, dummy
from imaging.deidentification.profile_options import CLEAN_DESCRIPTORS, CLEAN_STRUCTURED_CONTENT
from imaging.deidentification.pseudonyms import Pseudonyms
from imaging.deidentification.report import CLEANED, EMPTIED, KEPT, REPLACED, Report
from imaging.deidentification.table import CLEAN, DUMMY, EMPTY, KEEP, NEW_UID, Decision
from imaging.deidentification.words import LONG_WORD, Words

FREE_VRS = ("LO", "LT", "PN", "SH", "ST", "UC", "UT")  # in which people write
DATE_VRS = ("DA", "DT", "TM")
BINARY_VRS = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")
NO_BYTES = bytes(2)  # a dummy for bytes
# What these VRs may contain, whoever wrote it. Text in them is nobody's number, age or UID.
FORMS = {
    "AS": re.compile(r"[0-9]{1,3}[DWMY]|"),
    "DS": re.compile(r"[0-9+\-.,eE ]*"),
    "IS": re.compile(r"[0-9+\-.,eE ]*"),
    "UI": re.compile(r"[0-9.]{1,64}|"),
}
NUMBERS = re.compile(rb"[0-9+\-.,eE \\\0]*")
SPECIFIC_CHARACTER_SET = 0x00080005
TIMEZONE_OFFSET = 0x00080201
GRAPHIC_DATA, GRAPHIC_OBJECTS = 0x00700022, "GraphicObjectSequence["  # not the coordinates in reports
PATIENT_NAME = 0x00100010
# Identifiers that the profile lets be empty (Z), and that get a code: they tell things apart.
CODED = {
    0x00080050,  # AccessionNumber
    PATIENT_NAME,
    0x00200010,  # StudyID
    0x00402016,  # PlacerOrderNumberImagingServiceRequest
    0x00402017,  # FillerOrderNumberImagingServiceRequest
}
# The attributes of a code (PS3.3 8.8).
CODE = {0x00080100, 0x00080101, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120}
OWN_WORDS = "PS3.15 E.1.1"  # the clause of what goes since a name or identifier is in it
OWN_WORDS_FOUND = "A name or identifier of the patient, or the name of another person, was in a value, and was removed."


@dataclass(frozen=True)
class Place:
    """Where an element is. `path`: that of its item, with a dot at its end. `characters`: the item's character set.

    `hidden`: within a sequence of dummies. `coded`: directly within one, where a code tells as much as a name.
    """

    path: str
    characters: CharacterSet
    hidden: bool = False
    coded: bool = False


class Values:
    """What becomes of the values of one data set. `patient` tells its patient from others; `days`: how far dates move.

    Each method returns the element that takes the place of `found`: the same one if nothing changes.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all that is the same for a whole data set
        self, profile: frozenset[str], words: Words, patient: str, pseudonyms: Pseudonyms, days: int, report: Report
    ) -> None:
        self.words = words
        self.patient = patient.strip("^= ")
        self.pseudonyms = pseudonyms
        self.days = days
        self.report = report
        cleaning = [name for name in (CLEAN_DESCRIPTORS, CLEAN_STRUCTURED_CONTENT) if name in profile]
        self.masks = bool(cleaning)

    def by(self, decision: Decision, found: RawDataElement, vr: str, path: str, place: Place) -> RawDataElement:
        """By an action of the table that leaves the attribute in its place."""
        if decision.action == EMPTY:
            coded = found.tag in CODED
            made = self._coded(found, vr, place.characters) if coded else element(found.tag, vr, b"")
            done = REPLACED if coded else EMPTIED
        elif decision.action == DUMMY:
            made, done = self._dummy(found, vr, place.characters), REPLACED
        elif decision.action == NEW_UID:
            made, done = self._with_new_uids(found, place.characters), REPLACED
        elif decision.action == CLEAN and vr in DATE_VRS:
            made, done = self._moved(found, vr, place.characters), CLEANED
        else:
            made = self._checked(found, vr, path, place)
            done = KEPT if decision.action == KEEP and made is found else CLEANED
        self.report.attribute(path, found.tag, done if made.value else EMPTIED, decision.clause)
        return made

    def checked(self, found: RawDataElement, vr: str, path: str, place: Place) -> RawDataElement:
        """As it is, if it is what its VR says, and nothing in it names anybody."""
        made = self._checked(found, vr, path, place)
        if made is not found:
            done = (CLEANED if self.masks and not place.hidden else REPLACED) if made.value else EMPTIED
            self.report.attribute(path, found.tag, done, OWN_WORDS)
        return made

    def _checked(self, found: RawDataElement, vr: str, path: str, place: Place) -> RawDataElement:
        content = found.value or b""
        if place.hidden and _says_something(found.tag, vr, place):
            return self._dummy(found, vr, place.characters)
        if found.tag == SPECIFIC_CHARACTER_SET:
            return _character_set(found)
        if vr in ("DS", "IS") and NUMBERS.fullmatch(content) and not self.words.may_be_in_numbers(content):
            return found  # of which there may be millions in an element
        made = found
        if vr in TEXT_VRS:
            made = self._each(found, vr, place.characters, lambda value: self._text(value, found.tag, vr, path))
            content = _without_terms(made.value or b"") if vr == "CS" else made.value or b""
        if len(content) >= LONG_WORD and vr not in (*DATE_VRS, *FORMS) and self.words.are_in_bytes(content):
            self.report.finding("own_words", OWN_WORDS_FOUND, path)
            return element(found.tag, vr, b"")
        return made

    def _text(self, value: str, tag: BaseTag, vr: str, path: str) -> str:
        """One value of a text, with what may not stay taken out."""
        if vr in DATE_VRS:
            return value if dates.is_whole(value, vr) else ""
        if tag == TIMEZONE_OFFSET:
            return value if dates.ZONE.fullmatch(value) else ""
        if vr in FORMS:
            fits = FORMS[vr].fullmatch(value) and (vr == "UI" or not self.words.are_number(value))
            return value if fits else ""
        if (vr == "CS" and value in _terms()) or not self.words.are_in(value):
            return value
        masked = self.words.masked(value) if self.masks and vr in FREE_VRS else None
        self.report.finding("own_words", OWN_WORDS_FOUND, path)
        return masked or (TEXT if vr in FREE_VRS else "")

    def _each(
        self, found: RawDataElement, vr: str, characters: CharacterSet, change: Callable[[str], str]
    ) -> RawDataElement:
        """With each value changed; the same element if none is."""
        values = values_of(found.value or b"", vr, characters)
        changed = [change(value) for value in values]
        return found if changed == values else _made(found, vr, changed, characters)

    def _dummy(self, found: RawDataElement, vr: str, characters: CharacterSet) -> RawDataElement:
        if vr in TEXT_VRS:
            values = dummy(values_of(found.value or b"", vr, characters), vr, self.pseudonyms)
            return _made(found, vr, values, characters)
        if vr in BINARY_VRS:
            return element(found.tag, vr, NO_BYTES)
        return element(found.tag, vr, bytes(len(found.value or b"")))

    def _coded(self, found: RawDataElement, vr: str, characters: CharacterSet) -> RawDataElement:
        if found.tag == PATIENT_NAME and self.patient:  # named as its identifier
            return element(found.tag, vr, self.pseudonyms.name(self.patient).encode())
        return self._dummy(found, vr, characters)

    def _with_new_uids(self, found: RawDataElement, characters: CharacterSet) -> RawDataElement:
        return self._each(
            found, "UI", characters, lambda uid: uid if uid in UID_dictionary or not uid else self.pseudonyms.uid(uid)
        )

    def _moved(self, found: RawDataElement, vr: str, characters: CharacterSet) -> RawDataElement:
        if vr == "TM":
            return self._each(found, vr, characters, lambda value: value if dates.is_whole(value, vr) else "")
        return self._each(found, vr, characters, lambda value: dates.moved(value, vr, self.days) or "")


def _without_terms(content: bytes) -> bytes:
    values = content.split(b"\\")
    return b"\\".join(value for value in values if value.decode("ascii", "replace").strip() not in _terms())


@cache
def _terms() -> frozenset[str]:
    lines = (files(__package__) / "terms.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _says_something(tag: BaseTag, vr: str, place: Place) -> bool:
    """Whether people may have written or drawn it, so that no dummy keeps it: text, but no codes; and lines."""
    if tag == GRAPHIC_DATA:
        return GRAPHIC_OBJECTS in place.path
    return vr in FREE_VRS and (place.coded or tag not in CODE)


def _made(found: RawDataElement, vr: str, values: list[str], characters: CharacterSet) -> RawDataElement:
    """The element with other values, or as much of them as its character set can write."""
    content = encoded(values, vr, characters)
    if content is None:
        content = encoded([value if value.isascii() else TEXT for value in values], vr, characters)
    return element(found.tag, vr, content or b"")


def _character_set(found: RawDataElement) -> RawDataElement:
    """The names of character sets, without what is none."""
    terms = (found.value or b"").decode("ascii", "replace").split("\\")
    meant = [character_set(term) for term in terms]
    kept = [term if read.codec or not read.problem else "" for term, read in zip(terms, meant, strict=True)]
    return found if kept == terms else element(found.tag, "CS", "\\".join(kept).encode())
