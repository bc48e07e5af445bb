"""What is to be done with each attribute: Table E.1-1 of PS3.15, our additions to it, and rules by VR for the others.

`table.tsv` has the table's rows in its order and with its columns, of the edition EDITION. `additions.tsv` has
attributes that it does not list, though they may tell who the patient is, and says why.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from pydicom.datadict import dictionary_VR

from imaging.deidentification.profile_options import (
    CLEAN_DESCRIPTORS,
    PROFILE_OPTIONS,
    RETAIN_FULL_DATES,
    RETAIN_MODIFIED_DATES,
    RETAIN_UIDS,
)

EDITION = "2026d"
IN_TABLE = "PS3.15 Table E.1-1"
BEYOND_TABLE = "beyond PS3.15 Table E.1-1"
UNKNOWN = "not an attribute of PS3.6"
TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")

REMOVE, EMPTY, DUMMY, KEEP, CLEAN, NEW_UID = "X", "Z", "D", "K", "C", "U"


class Row(NamedTuple):
    """`profile`: the action of the Basic Profile, such as X/Z/D; `options`: those of the options that have one."""

    profile: str
    options: dict[str, str]
    source: str


class Decision(NamedTuple):
    """An action: one of the letters above. `clause` says where it is from."""

    action: str
    clause: str


@lru_cache(maxsize=4096)
def decide(tag: int, options: frozenset[str], *, is_sequence: bool) -> Decision | None:
    """The action for an attribute of the standard under the chosen options; None if it may stay."""
    row = _rows().get(_pattern(tag)) or _rule(tag)
    if row is None:
        return None
    actions = {row.options[name]: name for name in PROFILE_OPTIONS if name in options and name in row.options}
    # What is cleaned is safe, and where one option keeps what another cleans, both were asked for.
    for action in (CLEAN, KEEP):
        if action in actions:
            return Decision(action, f"PS3.15 {PROFILE_OPTIONS[actions[action]].clause}")
    return Decision(_simple(row.profile, is_sequence), row.source)


def _simple(action: str, is_sequence: bool) -> str:
    """One action of a compound one, which depends on the type of the attribute in its IOD (PS3.15 Table E.1-1a).

    The IOD is not looked at. A dummy value is valid for every type, and an empty one for all but type 1; where neither
    is offered, no IOD requires the attribute. A sequence that need not be there (X/D) is removed, as its items would
    have to hold something. One with U* has little but UIDs in it, and keeps its items.
    """
    offered = action.split("/")
    if "U*" in offered:
        return NEW_UID
    if is_sequence and offered == [REMOVE, DUMMY]:
        return REMOVE
    return next((one for one in (DUMMY, EMPTY, REMOVE) if one in offered), offered[0])


def _pattern(tag: int) -> int:
    """The tag of the row for repeating groups: all of a curve (50xx) or an overlay (60xx) goes with its data."""
    return {0x50: 0x50000000, 0x60: 0x60003000}.get(tag >> 24, tag)


@cache
def _rows() -> dict[int, Row]:
    return dict(_read("table.tsv", IN_TABLE)) | dict(_read("additions.tsv", BEYOND_TABLE))


def _read(name: str, source: str) -> Iterator[tuple[int, Row]]:
    lines = (files(__package__) / name).read_text("utf-8").splitlines()
    for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        options = {option: line[option] for option in PROFILE_OPTIONS if line.get(option)}
        written = line["tag"].replace("(50xx,xxxx)", "(5000,0000)").replace("(60xx,", "(6000,")
        if found := TAG.fullmatch(written):  # private attributes have rules of their own
            yield int("".join(found.groups()), 16), Row(line["profile"], options, source)


_DATE_OPTIONS = {RETAIN_FULL_DATES: KEEP, RETAIN_MODIFIED_DATES: CLEAN}
_RULES = {
    **dict.fromkeys(("DA", "DT", "TM"), Row("Z", _DATE_OPTIONS, BEYOND_TABLE)),
    "PN": Row("Z", {}, BEYOND_TABLE),
    "UI": Row("U", {RETAIN_UIDS: KEEP}, BEYOND_TABLE),
    "UR": Row("X", {CLEAN_DESCRIPTORS: CLEAN}, BEYOND_TABLE),  # addresses of servers, with identifiers in them
}
# UIDs and URIs that name a kind of thing, and not the thing itself.
_KINDS = frozenset(
    {
        0x00080016,  # SOPClassUID
        0x0008001A,  # RelatedGeneralSOPClassUID
        0x0008001B,  # OriginalSpecializedSOPClassUID
        0x00080062,  # SOPClassesInStudy
        0x0008010C,  # CodingSchemeUID
        0x0008010D,  # ContextGroupExtensionCreatorUID
        0x0008010E,  # CodingSchemeURL
        0x00080117,  # ContextUID
        0x00080118,  # MappingResourceUID
        0x00080120,  # URNCodeValue
        0x0008040E,  # StoredInstanceTransferSyntaxUID
        0x00081150,  # ReferencedSOPClassUID
        0x0008115A,  # SOPClassesSupported
        0x00083002,  # AvailableTransferSyntaxUID
        0x00340003,  # FlowTransferSyntaxUID
        0x04000010,  # MACCalculationTransferSyntaxUID
        0x04000510,  # EncryptedContentTransferSyntaxUID
        0x30100052,  # PertinentSOPClassesInStudy
        0x30100053,  # PertinentSOPClassesInSeries
    }
)


def _rule(tag: int) -> Row | None:
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return Row("X", {}, UNKNOWN)
    return None if tag in _KINDS else _RULES.get(vr)
