"""Real files, de-identified: nothing that the profile takes out of them is anywhere in the bytes of the result."""

import io
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag

import imaging.deidentification
from imaging.budget import PART, Budget
from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.values import characters_of, read_element
from imaging.deidentification import deidentify, read_options
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import Frames, open_frames
from problems import Problem, Unusable
from tests.dicom_files import all_files

KEY = "sixteen bytes or more"
TABLE = Path(imaging.deidentification.__file__).parent / "table.tsv"
ACTIONS = {line.split("\t")[1]: line.split("\t")[4] for line in TABLE.read_text().splitlines()}
FREE_VRS = ("LO", "LT", "PN", "SH", "ST", "UC", "UT")
CODE = (0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119)


def opened(content: bytes) -> DicomFile:
    return open_file(content, Budget(limits=PART), keep_places=True)


def is_readable(path: Path) -> bool:
    try:
        file = opened(path.read_bytes())
    except Problem:
        return False
    return 0x00041220 not in file.dataset


FILES = [path for path in all_files() if is_readable(path)]


def texts(dataset: pydicom.Dataset, outer: CharacterSet, place: str = "") -> Iterator[tuple[bool, str]]:
    """Every text in a data set, and whether it has to go. `place`: what happens to the sequence that it is in."""
    characters = characters_of(dataset, outer, [])
    for tag in list(dataset.keys()):
        action = ACTIONS.get(f"({tag.group:04X},{tag.element:04X})", "")
        element = read_element(dataset, tag, characters)
        free = place == "D" and element.vr in FREE_VRS and tag not in CODE
        goes = place == "X" or action or tag.is_private or not dictionary_has_tag(tag) or free
        for value in element.values:
            if isinstance(value, pydicom.Dataset):
                stays = {"": place, "X/Z/U*": place, "D": "D"}  # whose items stay
                yield from texts(value, characters, "X" if place == "X" else stays.get(action, "X"))
            elif isinstance(value, str):
                yield bool(goes), value.strip()


def pictures(file: DicomFile) -> list[bytes | str]:
    """The stored values of the first frames, or why there are none."""
    try:
        frames = open_frames(file)
    except Unusable as reason:
        return [reason.message]
    return [values(frames, index) for index in range(min(frames.count, 3))] if frames else []


def values(frames: Frames, index: int) -> bytes | str:
    try:
        return frames.frame(index).samples.tobytes()
    except Unusable as reason:
        return reason.message


def is_short_number(text: str) -> bool:
    """Such as the pseudonyms have by chance."""
    return text.isdigit() and len(text) < 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_that_is_taken_out_is_in_the_result(path: Path) -> None:
    file = opened(path.read_bytes())
    found = list(texts(file.dataset, CharacterSet()))
    before = pictures(file)
    made = deidentify(file, read_options({"key": KEY}))
    again = opened(b"".join(made.parts))
    assert pictures(again) == before
    rest = b"".join(made.parts).replace(bytes(again.pixels.value) if again.pixels else b"", b"")
    kept = {value for listed, value in found if not listed}
    removed = {value for listed, value in found if listed and len(value) >= 4 and value not in UID_dictionary}
    removed = {value for value in removed if not is_short_number(value)}
    left = [value for value in removed if value.encode("utf-8") in rest or value.encode("utf-16-le") in rest]
    # Shorter words that are kept, or that stand in longer ones.
    assert not [value for value in left if not any(value in other for other in kept)]
    pydicom.dcmread(io.BytesIO(b"".join(made.parts)), force=True).to_json(suppress_invalid_tags=True)
