"""Tries each line of the tables in docs/supported.md, and finds lines that are missing."""

import re
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom._uid_dict import UID_dictionary

from imaging.answers.options import ReadOptions
from tests.dicom_files import all_files, encapsulated_file, picture_file
from tests.read_answer import read

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")

ROOT = Path(__file__).parents[2]
PATHS = {path.name: path for path in [*all_files(), *(ROOT / "tests/reference/files").glob("*.dcm")]}
TABLE_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/supported.md").read_text().splitlines()
    if line.startswith("|") and not re.match(r"\| (---|.*\| Tried (on|by))", line)
]
DECISIONS = [row for row in TABLE_ROWS if row[-1].startswith("test_")]
ROWS = [row for row in TABLE_ROWS if row not in DECISIONS]
# Without pixels of their own: they are elsewhere (JPIP), or the file is no DICOM file (MIME, XML, Papyrus), or it is
# no file at all (SMPTE ST 2110: a live stream).
NO_FILES_WITH_PIXELS = re.compile(r"1\.2\.840\.10008\.1\.(2\.4\.(94|95|204|205)|2\.[67]\..*|20)")


def uids(cell: str) -> list[str]:
    """The UIDs of "1.2.3" or "1.2.3 to .8"; a cell without any is given as it is."""
    first, _, last = cell.partition(" to .")
    if not last:
        return [cell]
    family, _, number = first.rpartition(".")
    return [f"{family}.{place}" for place in range(int(number), int(last) + 1)]


@pytest.mark.parametrize("row", [row for row in ROWS if row[-2] == "yes"], ids=lambda row: row[0])
def test_what_is_supported(row: list[str]) -> None:
    content = PATHS[row[-1]].read_bytes()
    dataset = pydicom.dcmread(BytesIO(content))
    names = (dataset.file_meta.TransferSyntaxUID, dataset.PhotometricInterpretation)
    bits = f"{dataset.BitsAllocated}/{dataset.get('BitsStored')}/{dataset.get('HighBit')}"
    kinds = [f"{dataset.BitsAllocated}, {element.name}" for element in dataset if element.tag.group == 0x7FE0]
    segmented = [f"{names[1]}, segmented"] if "SegmentedRedPaletteColorLookupTableData" in dataset else []
    assert row[0] in (*names, bits, *kinds, *segmented)
    answer = read(row[-1], content, ReadOptions())
    assert answer["Images"]
    assert all(answer["Images"])
    assert not any("can't" in warning for warning in answer.get("Warnings", []))


NOT = [(name, row[-2]) for row in ROWS if row[-2] != "yes" for name in uids(row[0])]


@pytest.mark.parametrize(("name", "why"), NOT)
def test_what_is_not_supported(name: str, why: str) -> None:
    answer = read("a.dcm", _unsupported(name), ReadOptions())
    assert not any(answer["Images"])
    assert answer["Rows"] == "8"
    assert why.removeprefix('no: "').removesuffix('"') in " ".join(answer["Warnings"])


def _unsupported(name: str) -> bytes:
    """A file in an unsupported transfer syntax, as far as it can be made without an encoder."""
    if not name.startswith("1.2."):
        return picture_file(np.zeros((8, 8, 3 if name == "HSV" else 4), np.uint8), PhotometricInterpretation=name)
    number = int(name.rpartition(".")[2])
    frame = b"\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"  # 8x8 of one component (ITU-T T.81 B.2.2)
    if number in (92, 93):
        stream = bytes(imagecodecs.jpeg2k_encode(np.zeros((8, 8, 2), np.uint8), level=0))
    elif number == 58:
        stream = b"\xff\xd8\xff\xcb" + frame + b"\xff\xd9"
    else:  # a hierarchical stream has one more header, for all of its frames (B.3.2)
        stream = b"\xff\xd8\xff\xde" + frame + b"\xff\xc5" + frame + b"\xff\xd9"
    return encapsulated_file(np.zeros((8, 8), np.uint8), [stream], name)


def test_every_decision_has_its_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert DECISIONS
    assert [row[-1] for row in DECISIONS if f"def {row[-1]}(" not in tests] == []


def test_every_transfer_syntax_has_its_line() -> None:
    known = {uid for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"}
    listed = {uid for row in ROWS if row[0].startswith("1.2.") for uid in uids(row[0])}
    # .100.1 and the like are .100 in several fragments.
    missing = {uid for uid in known - listed if uid.removesuffix(".1") not in listed}
    assert {uid for uid in missing if not NO_FILES_WITH_PIXELS.fullmatch(uid)} == set()
