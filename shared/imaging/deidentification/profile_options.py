"""The options of the Basic Application Level Confidentiality Profile, under their own names (PS3.15 E.3)."""

import re
from typing import NamedTuple


class ProfileOption(NamedTuple):
    """`title` and `code` are those of CID 7050 (PS3.16), without the word Option. `clause` is the one of PS3.15."""

    title: str
    code: str
    clause: str


CLEAN_PIXEL_DATA = "clean-pixel-data"
CLEAN_GRAPHICS = "clean-graphics"
CLEAN_STRUCTURED_CONTENT = "clean-structured-content"
CLEAN_DESCRIPTORS = "clean-descriptors"
RETAIN_FULL_DATES = "retain-full-dates"
RETAIN_MODIFIED_DATES = "retain-modified-dates"
RETAIN_PATIENT_CHARACTERISTICS = "retain-patient-characteristics"
RETAIN_DEVICE_IDENTITY = "retain-device-identity"
RETAIN_UIDS = "retain-uids"
RETAIN_SAFE_PRIVATE = "retain-safe-private"
RETAIN_INSTITUTION_IDENTITY = "retain-institution-identity"

BASIC_PROFILE = ProfileOption("Basic Application Confidentiality Profile", "113100", "E.2")
_DATES = "Retain Longitudinal Temporal Information"
PROFILE_OPTIONS = {
    CLEAN_PIXEL_DATA: ProfileOption("Clean Pixel Data", "113101", "E.3.1"),
    CLEAN_GRAPHICS: ProfileOption("Clean Graphics", "113103", "E.3.3"),
    CLEAN_STRUCTURED_CONTENT: ProfileOption("Clean Structured Content", "113104", "E.3.4"),
    CLEAN_DESCRIPTORS: ProfileOption("Clean Descriptors", "113105", "E.3.5"),
    RETAIN_FULL_DATES: ProfileOption(f"{_DATES} Full Dates", "113106", "E.3.6"),
    RETAIN_MODIFIED_DATES: ProfileOption(f"{_DATES} Modified Dates", "113107", "E.3.6"),
    RETAIN_PATIENT_CHARACTERISTICS: ProfileOption("Retain Patient Characteristics", "113108", "E.3.7"),
    RETAIN_DEVICE_IDENTITY: ProfileOption("Retain Device Identity", "113109", "E.3.8"),
    RETAIN_UIDS: ProfileOption("Retain UIDs", "113110", "E.3.9"),
    RETAIN_SAFE_PRIVATE: ProfileOption("Retain Safe Private", "113111", "E.3.10"),
    RETAIN_INSTITUTION_IDENTITY: ProfileOption("Retain Institution Identity", "113112", "E.3.11"),
}


def option_name(text: str) -> str | None:
    """The option that a text names: its short name, or the standard's, in any spelling. None if there is none."""
    return _NAMES.get(_letters(text))


def _letters(text: str) -> str:
    """Only what tells the names apart: not their spaces and hyphens, nor the words Option and with."""
    return re.sub(r"with(?=full|modified)|option$|[^a-z]", "", re.sub(r"[^a-z]", "", text.lower()))


_NAMES = {_letters(text): name for name, option in PROFILE_OPTIONS.items() for text in (name, option.title)}
