"""The tables of attributes: their shape, and rows that a person has compared with the standard (PS3.15 E)."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_has_tag

import imaging.deidentification
from imaging.deidentification import table
from imaging.deidentification.profile_options import PROFILE_OPTIONS, option_name
from imaging.deidentification.safe_private import safe_vr

ROOM = Path(imaging.deidentification.__file__).parent
ACTIONS = {"D", "Z", "X", "U", "X/Z", "X/D", "X/Z/D", "Z/D", "X/Z/U*"}  # of the profile (Table E.1-1a)
PATTERNS = {"(50xx,xxxx)", "(60xx,3000)", "(60xx,4000)", "(odd,xxxx)"}
TAG = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)")


def rows(name: str) -> list[dict[str, str]]:
    lines = (ROOM / name).read_text().splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


TABLE, ADDITIONS, SAFE = rows("table.tsv"), rows("additions.tsv"), rows("safe_private.tsv")


def test_the_table_has_every_row_of_its_edition() -> None:
    assert table.EDITION == "2026d"
    assert len(TABLE) == 657
    actions = Counter(row["profile"] for row in TABLE)
    assert actions == Counter(
        {"X": 417, "D": 93, "U": 55, "Z": 42, "X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2}
    )


def test_rows_have_the_columns_of_the_standard() -> None:
    columns = [name for name in TABLE[0] if name in PROFILE_OPTIONS]
    assert [PROFILE_OPTIONS[name].clause for name in columns] == [
        *("E.3.10", "E.3.9", "E.3.8", "E.3.11", "E.3.7", "E.3.6", "E.3.6", "E.3.5", "E.3.4", "E.3.3")
    ]
    for row in (*TABLE, *ADDITIONS):
        assert None not in row.values()
        assert row["profile"] in ACTIONS
        assert {row[name] for name in columns} <= {"", "K", "C"}
        assert TAG.fullmatch(row["tag"]) or row["tag"] in PATTERNS


def test_no_attribute_has_two_rows() -> None:
    tags = [row["tag"] for row in (*TABLE, *ADDITIONS)]
    assert len(set(tags)) == len(tags)


def test_additions_say_why() -> None:
    assert all(row["why"] for row in ADDITIONS)
    assert all(dictionary_has_tag(int(re.sub("[(),]", "", row["tag"]), 16)) for row in ADDITIONS)


# Of each action, and of each option, as they are printed in the standard.
PRINTED = [
    ("Accession Number", "(0008,0050)", "Z", {}),
    ("Patient ID", "(0010,0020)", "Z/D", {}),
    ("Patient's Age", "(0010,1010)", "X", {"retain-patient-characteristics": "K"}),
    ("Allergies", "(0010,2110)", "X", {"retain-patient-characteristics": "C", "clean-descriptors": "C"}),
    ("Study Date", "(0008,0020)", "Z", {"retain-full-dates": "K", "retain-modified-dates": "C"}),
    ("Device UID", "(0018,1002)", "U", {"retain-uids": "K", "retain-device-identity": "K"}),
    ("Station AE Title", "(0008,0055)", "X", {"retain-device-identity": "C"}),
    ("Institution Name", "(0008,0080)", "X/Z/D", {"retain-institution-identity": "K"}),
    ("Content Sequence", "(0040,A730)", "D", {"clean-structured-content": "C"}),
    ("Graphic Annotation Sequence", "(0070,0001)", "D", {"clean-graphics": "C"}),
    ("Source Image Sequence", "(0008,2112)", "X/Z/U*", {"retain-uids": "K"}),
    ("Private Attributes", "(odd,xxxx)", "X", {"retain-safe-private": "C"}),
    ("Unformatted Text Value", "(0070,0006)", "D", {"clean-descriptors": "C"}),
]


@pytest.mark.parametrize(("name", "tag", "profile", "options"), PRINTED, ids=[name for name, *_ in PRINTED])
def test_a_row(name: str, tag: str, profile: str, options: dict[str, str]) -> None:
    (row,) = [row for row in TABLE if row["name"] == name]
    assert (row["tag"], row["profile"]) == (tag, profile)
    assert {option: row[option] for option in PROFILE_OPTIONS if row.get(option)} == options


def test_safe_private_attributes() -> None:
    assert len(SAFE) == 479
    assert len({row["creator"] for row in SAFE}) == 20
    assert safe_vr("SIEMENS MR HEADER", 0x0019, 0x0C) == "IS"
    assert safe_vr("Philips Imaging DD 001", 0x2001, 0x5F) == "SQ"
    assert safe_vr("SIEMENS MR HEADER", 0x0019, 0x08) is None
    assert safe_vr("siemens mr header", 0x0019, 0x0C) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("retain-uids", "retain-uids"),
        ("RETAIN_UIDS", "retain-uids"),
        ("Retain UIDs Option", "retain-uids"),
        ("Retain Longitudinal Temporal Information with Full Dates Option", "retain-full-dates"),
        ("Retain Longitudinal Temporal Information with Modified Dates", "retain-modified-dates"),
        ("Retain Safe Private", "retain-safe-private"),
        ("retain", None),
    ],
)
def test_names_of_options(text: str, name: str | None) -> None:
    assert option_name(text) == name


def test_all_options_have_their_names() -> None:
    for name, option in PROFILE_OPTIONS.items():
        assert option_name(name) == option_name(option.title) == option_name(f"{option.title} Option") == name
