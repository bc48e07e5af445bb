"""The walk through a data set, to any depth: what is removed, and what becomes of the rest (PS3.15 E.1.1)."""

import struct
from dataclasses import replace

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from imaging.budget import Budget
from imaging.dataset.elements import PIXEL_DATA_TAGS, Item
from imaging.dataset.tags import NOT_IN_DATA_SETS
from imaging.dataset.texts import TEXT_VRS, known_vr
from imaging.dataset.values import MAX_VALUES, NUMBER_FORMATS, characters_of
from imaging.dataset.writing import element, sequence
from imaging.deidentification.identity import Identity
from imaging.deidentification.options import DeidentifyOptions
from imaging.deidentification.profile_options import PROFILE_OPTIONS, RETAIN_SAFE_PRIVATE, RETAIN_UIDS
from imaging.deidentification.pseudonyms import Pseudonyms
from imaging.deidentification.replacing import replacement
from imaging.deidentification.report import CLEANED, EMPTIED, KEPT, REMOVED, REPLACED, Report, name
from imaging.deidentification.safe_private import creators, safe_vr
from imaging.deidentification.table import (
    BEYOND_TABLE,
    CLEAN,
    DUMMY,
    EMPTY,
    IN_TABLE,
    KEEP,
    NEW_UID,
    REMOVE,
    Decision,
    decide,
)
from imaging.deidentification.values import NO_BYTES, Place, Values

Found = RawDataElement | DataElement

GRAPHICS = (0x50, 0x60)  # the first halves of the groups of curves and overlays
BY_NAME = "keep"  # the clause of what the client keeps
ENCAPSULATED_DOCUMENT, DOCUMENT_LENGTH = 0x00420011, 0x00420015
UNREADABLE = "This could not be read as what the standard says that it is, and was removed."
PRIVATE_KEPT = "Private attributes that PS3.15 Table E.3.10-1 calls safe were kept."
DOCUMENT_REMOVED = "The encapsulated document was replaced by two empty bytes, as nobody can judge what is in it."


class Walk:
    """One walk through the data set of a file. What was done goes to `report`."""

    def __init__(self, options: DeidentifyOptions, identity: Identity, report: Report, budget: Budget) -> None:
        self.options = options
        self.report = report
        self.budget = budget
        pseudonyms = Pseudonyms(options.key)
        days = pseudonyms.days(identity.patient) if options.date_shift is None else options.date_shift
        self.values = Values(options.profile, identity.words, identity.patient, pseudonyms, days, report)

    def item(self, item: Item, place: Place) -> None:
        """De-identifies the data set, or an item of a sequence, and what is nested in it."""
        place = replace(place, characters=characters_of(item, place.characters, []))
        private = creators(item)
        changes: dict[BaseTag, Found | None] = {}
        blocks = set()  # the creators of what stays
        # Of elements with the same tag the last one counts, and it is the only one that is written.
        for tag, found in {one.tag: one.element for one in item.places if one.element is not None}.items():
            if tag.element == 0 or tag.group in NOT_IN_DATA_SETS:  # lengths of groups (PS3.5 7.2)
                changes[tag] = None
                continue
            self.budget.check_time()
            made = found if tag in private else self._element(tag, found, place, private)
            if made is not found:
                changes[tag] = made
            if made is not None and tag.is_private:
                blocks.add(_creator(tag))
        for tag in [tag for tag in private if tag not in blocks]:
            changes[tag] = None
            self.report.attribute(f"{place.path}{name(tag)}", tag, REMOVED, IN_TABLE)
        item.changes = {**item.changes, **changes}

    def _element(self, tag: BaseTag, found: Found, place: Place, private: dict[BaseTag, str]) -> Found | None:
        """What stands in the place of an element: the same one if it may stay, None if it is removed."""
        path = f"{place.path}{name(tag)}"
        if tag in self.options.replace:
            self.report.attribute(path, tag, REPLACED, "replace")
            return replacement(self.options.replace[tag], place.characters)
        vr, decision = self._decision(tag, found, private)
        if not (decision and decision.action == REMOVE) and not _is_readable(found, vr):
            self.report.finding("unreadable", UNREADABLE, path)
            decision = Decision(REMOVE, decision.clause if decision else IN_TABLE)
        if decision and (decision.action == REMOVE or (decision.action == CLEAN and tag >> 24 in GRAPHICS)):
            self.report.attribute(path, tag, REMOVED, decision.clause)
            return None
        if isinstance(found, DataElement):
            return self._sequence(tag, found, decision, path, place)
        return self._value(tag, found, vr or found.VR or "UN", decision, path, place)

    def _decision(self, tag: BaseTag, found: Found, private: dict[BaseTag, str]) -> tuple[str, Decision | None]:
        """The VR of an attribute, "" if it is not known, and what is to be done with it; None if it may stay."""
        vr = known_vr(tag)
        if tag in self.options.remove:
            return vr, Decision(REMOVE, "remove")
        if tag in self.options.keep:
            return "SQ" if isinstance(found, DataElement) else vr or "UN", Decision(KEEP, BY_NAME)
        if tag in PIXEL_DATA_TAGS:  # within an item, where nobody looks at the picture
            return vr, Decision(REMOVE, BEYOND_TABLE)
        if not tag.is_private:
            return vr, decide(tag, self.options.profile, is_sequence=isinstance(found, DataElement))
        creator = private.get(_creator(tag))
        safe = safe_vr(creator, tag.group, tag.element & 0xFF) if creator else None
        if safe is None or RETAIN_SAFE_PRIVATE not in self.options.profile:
            return "", Decision(REMOVE, IN_TABLE)
        self.report.finding("private_data_kept", PRIVATE_KEPT)
        action = NEW_UID if safe == "UI" and RETAIN_UIDS not in self.options.profile else KEEP
        return safe, Decision(action, f"PS3.15 {PROFILE_OPTIONS[RETAIN_SAFE_PRIVATE].clause}")

    def _sequence(self, tag: BaseTag, found: DataElement, decision: Decision | None, path: str, place: Place) -> Found:
        """A sequence that stays, if only an empty one. Its items are looked through."""
        if not found.value:
            return found
        action = decision.action if decision else KEEP
        if decision:
            done = {EMPTY: EMPTIED, KEEP: KEPT, CLEAN: CLEANED}.get(action, REPLACED)
            self.report.attribute(path, tag, done, decision.clause)
        if action == EMPTY:
            return sequence(tag, [])
        hides = action == DUMMY
        for index, nested in enumerate(found.value):
            self.item(nested, Place(f"{path}[{index}].", place.characters, place.hidden or hides, hides))
        return found

    def _value(  # noqa: PLR0913, PLR0917 - what is known of one element
        self, tag: BaseTag, found: RawDataElement, vr: str, decision: Decision | None, path: str, place: Place
    ) -> RawDataElement:
        """An element that stays, if only with another value, or none."""
        if not found.value:
            return found
        if decision and decision.clause == BY_NAME:
            self.report.attribute(path, tag, KEPT, BY_NAME)
            return found
        if vr in TEXT_VRS:
            self.budget.spend_values(found.value.count(b"\\") + 1)
        if tag == DOCUMENT_LENGTH and ENCAPSULATED_DOCUMENT not in self.options.keep:
            return element(tag, "UL", struct.pack("<L", len(NO_BYTES)))
        if tag == ENCAPSULATED_DOCUMENT:
            self.report.finding("encapsulated_document", DOCUMENT_REMOVED, path)
        return (
            self.values.by(decision, found, vr, path, place)
            if decision
            else self.values.checked(found, vr, path, place)
        )


def _creator(tag: BaseTag) -> BaseTag:
    """The tag of what reserves the block of a private attribute (PS3.5 7.8.1)."""
    return BaseTag(tag.group << 16 | tag.element >> 8)


def _is_readable(found: Found, vr: str) -> bool:
    """Whether an element is a sequence if it should be, and no sequence if not. What has no VR may be anything."""
    if not vr:
        return isinstance(found, DataElement) or found.VR not in (None, "UN")
    if vr in NUMBER_FORMATS and isinstance(found, RawDataElement):
        return len(found.value or b"") % struct.calcsize(f"={NUMBER_FORMATS[vr]}") == 0
    if vr in TEXT_VRS and isinstance(found, RawDataElement) and (found.value or b"").count(b"\\") > MAX_VALUES:
        return False
    return (vr == "SQ") == isinstance(found, DataElement)
