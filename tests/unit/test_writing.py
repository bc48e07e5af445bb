"""Data sets that are read and written again, with and without changes."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.tag import Tag

from imaging.answers.json_model import JsonObject, json_model
from imaging.dataset.dicom_file import DicomFile, parse
from imaging.dataset.elements import Item
from imaging.dataset.writing import PixelValue, element, new_item, put, remove, sequence, write_file
from problems import Problem
from tests.dicom_bytes import EXPLICIT, IMPLICIT, SEQUENCE_END, UNDEFINED, file_of, item
from tests.dicom_bytes import element as encoded
from tests.dicom_files import all_files, file_bytes, picture_file

BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
NATIVE = (EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED)
# Warnings of faults that a new file does not have: what could not be read, or was read twice, is left out.
MENDED = ("occurs twice", "can't be read beyond", "A delimiter without", "begins with commands", "not encoded as")


def read(content: bytes) -> DicomFile:
    return parse(content, keep_places=True)


def written(file: DicomFile, *arguments: object, **options: bool) -> bytes:
    return b"".join(write_file(file, *arguments, **options))  # type: ignore[arg-type]


def is_readable(content: bytes) -> bool:
    try:
        parse(content)
    except Problem:
        return False
    return True


FILES = [path for path in all_files() if is_readable(path.read_bytes())]


def model(content: bytes) -> JsonObject:
    """Everything that is in a file, but the lengths of groups."""
    found = json_model(parse(content), None)
    return {tag: value for tag, value in found.items() if not tag.endswith("0000")}


def nested(file: DicomFile, *tags: int) -> Item:
    found: Item = file.dataset
    for tag in tags:
        found = found.get_item(tag).value[0]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_without_changes_has_the_same_data_set(path: Path) -> None:
    file = read(path.read_bytes())
    if any(mended in warning for warning in file.warnings for mended in MENDED):
        assert model(written(file)) == model(path.read_bytes())
        return
    parts = write_file(file)
    if file.start is None:  # deflated, perhaps in other words
        assert bytes(parse(b"".join(parts)).body) == bytes(file.body)
    else:
        assert b"".join(parts[1:]) == bytes(file.body)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_that_is_encoded_anew_says_the_same(path: Path) -> None:
    content = path.read_bytes()
    file = read(content)
    assert model(written(file, copies=False)) == model(content)


VALUES = [
    encoded(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
    encoded(0x00080018, "UI", b"1.2.3\0"),
    encoded(
        0x00081140,
        "SQ",
        item(encoded(0x00081155, "UI", b"1.2\0") + encoded(0x00281201, "OW", b"\1\2")),
    ),
    encoded(0x00091010, "UN", b"\1\2\3\4"),
    encoded(0x00101030, "DS", b"70.5"),
    encoded(0x00181063, "DS", b"1 "),
    encoded(0x00189073, "FD", np.array([1.5], "<f8").tobytes()),
    encoded(0x00280009, "AT", b"\x18\0\x63\x10"),
    encoded(0x00280010, "US", b"\1\0"),
    encoded(0x00280103, "US", b"\1\0"),
    encoded(0x00280106, "SS", b"\xfe\xff"),
    encoded(0x00660016, "OF", np.array([1, 2], "<f4").tobytes()),
    encoded(0x7FE00010, "OW", b"\1\2\3\4"),
]


@pytest.mark.parametrize("first", NATIVE)
@pytest.mark.parametrize("second", NATIVE)
def test_values_survive_every_encoding(first: str, second: str) -> None:
    content = file_of(*VALUES)
    there = written(read(written(read(content), first)), second)
    file = parse(there)
    assert (file.transfer_syntax, file.warnings) == (second, [])
    back = written(read(there), EXPLICIT)
    assert model(back) == model(content)
    assert back[-4:] == b"\1\2\3\4"


def test_the_file_meta_is_new() -> None:
    content = written(read(file_bytes("CT_small.dcm")))
    assert content[:132] == bytes(128) + b"DICM"
    assert b"DICOM_API_1" in content[:400]
    assert b"CLUNIE1" not in content[:400]  # the AE that the file came from


def test_changes_are_where_they_were_made_and_nowhere_else() -> None:
    inner = encoded(0x00081155, "UI", b"1.2\0") + encoded(0x00091001, "LO", b"odd")
    content = file_of(
        encoded(0x00081140, "SQ", item(inner) + item(inner)),
        encoded(0x00100010, "PN", b"A^B "),
        encoded(0x00100020, "LO", b"odd"),
        encoded(0x00200010, "SH", b"1 "),
    )
    file = read(content)
    put(nested(file, 0x00081140), element(0x00081155, "UI", b"3.4.5"))
    remove(file.dataset, 0x00100010)
    put(file.dataset, element(0x00100030, "DA", b"19700101"))
    made = parse(written(file))
    assert b"".join(write_file(file)[1:]).count(b"odd") == 3  # of an odd length, as it was
    assert [str(item.ReferencedSOPInstanceUID) for item in made.dataset.ReferencedImageSequence] == ["3.4.5", "1.2"]
    assert "PatientName" not in made.dataset
    assert list(made.dataset.keys()) == [Tag(tag) for tag in (0x00081140, 0x00100020, 0x00100030, 0x00200010)]


def test_new_sequences_and_items() -> None:
    file = read(file_of(encoded(0x00080018, "UI", b"1.2\0")))
    code = new_item([element(0x00080100, "SH", b"113100"), element(0x00080102, "SH", b"DCM")])
    put(file.dataset, sequence(0x00120064, [code]))
    for syntax in NATIVE:
        (made,) = parse(written(file, syntax)).dataset.DeidentificationMethodCodeSequence
        assert (made.CodeValue, made.CodingSchemeDesignator) == ("113100", "DCM")


def test_the_length_of_a_group_goes_with_a_change_in_it() -> None:
    length = encoded(0x00100000, "UL", b"\x10\0\0\0")
    other = encoded(0x00080000, "UL", b"\x0c\0\0\0") + encoded(0x00080060, "CS", b"CT")
    file = read(file_of(other, length, encoded(0x00100020, "LO", b"1 "), encoded(0x00100040, "CS", b"F ")))
    remove(file.dataset, 0x00100020)
    body = b"".join(write_file(file)[1:])
    assert other in body
    assert length not in body


def test_nothing_that_was_not_read_gets_into_a_file_that_is_encoded_anew() -> None:
    name = encoded(0x00100010, "PN", b"SECRET")
    broken = encoded(0x00081140, "SQ", item(encoded(0x00081155, "UI", b"1.2\0")) + b"SECRET..", UNDEFINED)
    content = file_of(broken + SEQUENCE_END, name, encoded(0x00100010, "PN", b"B "), b"SECRET")
    made = written(read(content), copies=False)
    assert b"SECRET" not in made
    assert b"1.2" in made


@pytest.mark.parametrize("syntax", NATIVE)
def test_bytes_that_look_like_fragments_are_none(syntax: str) -> None:
    document = b"\xfe\xff\x00\xe0abcdefgh"
    made = parse(written(read(file_of(encoded(0x00420011, "OB", document))), syntax))
    assert made.dataset[0x00420011].value == document


def test_pixel_data_can_be_replaced() -> None:
    file = read(picture_file(np.arange(4, dtype=np.uint8).reshape(2, 2)))
    made = parse(written(file, EXPLICIT, PixelValue("OB", [b"\4\5", memoryview(b"\6\7\1")], encapsulated=False)))
    assert made.pixels is not None
    assert bytes(made.pixels.value) == b"\4\5\6\7\1\0"
    fragments = item(b"") + item(b"\xff\xd8\xff\xd9")
    made = parse(written(file, "1.2.840.10008.1.2.4.50", PixelValue("OB", [fragments], encapsulated=True)))
    assert made.pixels is not None
    assert (made.pixels.encapsulated, bytes(made.pixels.value)) == (True, fragments)
    assert made.warnings == []
