"""What in a data set names its patient, and the other people that it knows: the words that no text may keep."""

import datetime
import re
from collections.abc import Iterator

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag

from imaging.budget import Budget
from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.elements import Item
from imaging.dataset.texts import known_vr, values_of
from imaging.dataset.values import MAX_VALUES, characters_of
from imaging.deidentification.words import Words

MAX_WORDS = 1000
# Shorter ones are in too many other words. From the first ideogram on, a character may be a syllable or a word.
MIN_NAME, MIN_IDEOGRAMS, MIN_NUMBER, MIN_UID = 3, 2, 4, 12
FIRST_IDEOGRAM = "\u2e80"
MAX_NUMBER = 64  # characters; longer ones are searched by their beginning
NAME_PARTS = re.compile(r"[\s\-.,_']+")
# Words in names that are words of their own.
PARTICLE = re.compile(
    "and|bin|dal|das|della?|den|der|des|dos|ibn|las|los|phd|prof|san|the|van|von|zum|zur", re.IGNORECASE
)

PATIENT_ID, PATIENT_NAME = BaseTag(0x00100020), BaseTag(0x00100010)
BIRTH_DATE = BaseTag(0x00100030)
# UIDs of the instance, its study, its series and its frame of reference
INSTANCES = frozenset({0x00080018, 0x0020000D, 0x0020000E, 0x00200052})
_PATIENT = (
    "PatientID",
    "OtherPatientIDs",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "MedicalRecordLocator",
    "InsurancePlanIdentification",
    "AccessionNumber",
    "StudyID",
    "AdmissionID",
    "ServiceEpisodeID",
    "RequestedProcedureID",
    "ScheduledProcedureStepID",
    "PerformedProcedureStepID",
    "FillerOrderNumberImagingServiceRequest",
    "PlacerOrderNumberImagingServiceRequest",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
    "SpecimenIdentifier",
)
NUMBERS = frozenset(tag_for_keyword(keyword) for keyword in _PATIENT)
MONTHS = [datetime.date(2000, month, 1).strftime("%B") for month in range(1, 13)]


class Identity:
    """Collects words from a data set: at most MAX_WORDS, those of the patient first. `complete`: whether that is all.

    `patient` tells one patient from another: it is the identifier, or else the name. `uids`: whether the data set's own
    UIDs count as well.
    """

    def __init__(self, dataset: Item, budget: Budget, *, uids: bool) -> None:
        self._budget = budget
        self._numbers = NUMBERS | INSTANCES if uids else NUMBERS
        self._patients: dict[str, None] = {}  # in the order in which they are found
        self._others: dict[str, None] = {}
        self._dates: dict[str, None] = {}
        self._ids = ["", ""]
        self._collect(dataset, CharacterSet(), top=True)
        self.patient = self._ids[0] or self._ids[1]
        found = list(self._patients | self._others)
        self.complete = len(found) <= MAX_WORDS
        self.words = Words(found[:MAX_WORDS], list(self._dates)[:MAX_WORDS])

    def _collect(self, item: Item, outer: CharacterSet, *, top: bool) -> None:
        self._budget.check_time()
        characters = characters_of(item, outer, [])
        for place in item.places:
            found = place.element
            if found is None:
                continue
            if isinstance(found, DataElement):
                for nested in found.value or ():
                    self._collect(nested, characters, top=False)
                continue
            vr = known_vr(place.tag) or found.VR or ""
            content = found.value or b""
            if content.count(b"\\") > MAX_VALUES:
                continue
            if vr == "PN" or found.VR == "PN":
                self._name(place.tag, values_of(content, "PN", characters), top)
            elif place.tag in self._numbers:
                self._number(place.tag, values_of(content, vr, characters), top)
            elif place.tag == BIRTH_DATE:
                for value in values_of(content, "DA", characters):
                    self._dates |= dict.fromkeys(_writings(value))

    def _name(self, tag: BaseTag, names: list[str], top: bool) -> None:
        words = self._patients if tag.group == 0x0010 else self._others
        if top and tag == PATIENT_NAME and names:
            self._ids[1] = names[0]
        for name in names:
            words |= dict.fromkeys(_name_words(name))

    def _number(self, tag: BaseTag, numbers: list[str], top: bool) -> None:
        if top and tag == PATIENT_ID and numbers:
            self._ids[0] = numbers[0]
        for number in numbers:
            if len(number.strip()) >= (MIN_UID if tag in INSTANCES else MIN_NUMBER):
                self._patients[number.strip()[:MAX_NUMBER]] = None


def _name_words(name: str) -> Iterator[str]:
    """The family, given and middle names in each of the ways in which a name is written (PS3.5 6.2.1)."""
    for written in name.split("="):
        parts = [part.strip() for part in written.split("^")[:3]]
        joined = "".join(parts)
        if joined >= FIRST_IDEOGRAM and len(joined) >= MIN_IDEOGRAMS:
            yield joined
        for part in parts:
            for word in (part, *NAME_PARTS.split(part)):
                shortest = MIN_IDEOGRAMS if word >= FIRST_IDEOGRAM else MIN_NAME
                if len(word) >= shortest and not PARTICLE.fullmatch(word):
                    yield word[:MAX_NUMBER]


def _writings(text: str) -> Iterator[str]:
    """The usual ways to write a date."""
    try:
        day = datetime.datetime.strptime(text.replace(".", ""), "%Y%m%d").date()
    except ValueError:
        return
    month = MONTHS[day.month - 1]
    days, months = {f"{day.day:02}", str(day.day)}, {f"{day.month:02}", str(day.month)}
    yield from (f"{day:%Y%m%d}", f"{day:%d%m%Y}", f"{day:%m%d%Y}")
    for separator in "-./ ":
        yield f"{day:%Y}{separator}{day:%m}{separator}{day:%d}"
        for first in days:
            for second in months:
                yield f"{first}{separator}{second}{separator}{day.year}"
                yield f"{second}{separator}{first}{separator}{day.year}"
        for first in days:
            for written in (month, month[:3]):
                yield f"{first}{separator}{written}{separator}{day.year}"
    for first in days:
        for written in (month, month[:3]):
            yield from (f"{written} {first}, {day.year}", f"{written} {first} {day.year}")
