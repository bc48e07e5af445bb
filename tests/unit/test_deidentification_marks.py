"""Marks in every attribute of the dictionary, none of which is anywhere in the bytes of the result."""

import base64
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import RawDataElement
from pydicom.encaps import encapsulate, generate_frames

import imaging.deidentification
from imaging.budget import PART, Budget
from imaging.deidentification import deidentify, read_options
from imaging.deidentification.profile_options import PROFILE_OPTIONS, RETAIN_FULL_DATES
from imaging.pixels.encapsulation import open_file
from tests import dicom_bytes
from tests.dicom_bytes import LONG, SEQUENCE_END, UNDEFINED
from tests.dicom_files import file_bytes

ROOM = Path(imaging.deidentification.__file__).parent
# Attributes that always go, or get another value: those with a row in one of the tables.
LISTED = {
    line.split("\t")[1] for name in ("table.tsv", "additions.tsv") for line in (ROOM / name).read_text().splitlines()
}
EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in (".1", "", ".2", ".1.99"))
# What the transfer syntax and the picture depend on, and what is no data.
NOT_MARKED = {0x00080005, 0x00280103, 0x7FE00008, 0x7FE00009, 0x7FE00010}
NO_DATA = (0x0000, 0x0002, 0x0004, 0xFFFE)
ATTRIBUTES = [
    (tag, entry[0].split(" or ")[0])
    for tag, entry in sorted(DicomDictionary.items())
    if tag not in NOT_MARKED and tag >> 16 not in NO_DATA
]
TEXT_VRS = ("LO", "LT", "PN", "SH", "ST", "UC", "UT")
# Character sets, each with the codec of Python and letters that it has.
CHARACTER_SETS = {
    "": ("ascii", "abcdefghijklmnopqrstuvwxyz"),
    "ISO_IR 100": ("iso8859_1", "abcdefxyzßàäéñøüþ"),
    "ISO_IR 101": ("iso8859_2", "abcxyząčđłőşž"),
    "ISO_IR 144": ("iso8859_5", "бгджилфцшщэюя"),
    "ISO_IR 126": ("iso8859_7", "βγδεζθλξπσφψω"),
    "ISO_IR 192": ("utf_8", "abcäłıßжщאבمنกขกี山田洪길동"),
    "GB18030": ("gb18030", "abc王小东張三李四誠功夫乗"),
    "\\ISO 2022 IR 87": ("iso2022_jp", "山田太郎鈴木やまだたろうヤマダ"),
}

OWN = re.compile(rb"Z\0?q\0?(?:[a-p]\0?){5}")  # a word of Marks.own, in UTF-16, too

Element = tuple[int, str, "bytes | list[list[Element]]"]


def encode(elements: list[Element], syntax: str, *, defined: bool) -> bytes:
    """A data set. `defined`: sequences and items say their lengths."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    made = bytearray()
    for tag, vr, value in sorted(elements, key=lambda element: element[0]):
        if isinstance(value, list):
            content = b"".join(
                _item(encode(nested, syntax, defined=defined), order, defined=defined) for nested in value
            )
            length = len(content) if defined else 0xFFFFFFFF
            content += b"" if defined else struct.pack(f"{order}HHL", 0xFFFE, 0xE0DD, 0)
        else:
            content = value + b" " * (len(value) % 2)
            length = len(content)
        made += struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF)
        if syntax == IMPLICIT:
            made += struct.pack("<L", length)
        elif vr in LONG:
            made += vr.encode() + struct.pack(f"{order}xxL", length)
        else:
            made += vr.encode() + struct.pack(f"{order}H", length)
        made += content
    return bytes(made)


def _item(content: bytes, order: str, *, defined: bool) -> bytes:
    if defined:
        return struct.pack(f"{order}HHL", 0xFFFE, 0xE000, len(content)) + content
    end = struct.pack(f"{order}HHL", 0xFFFE, 0xE00D, 0)
    return struct.pack(f"{order}HHL", 0xFFFE, 0xE000, 0xFFFFFFFF) + content + end


def file_of(elements: list[Element], syntax: str, marks: "Marks", *, defined: bool) -> bytes:
    """A file with marks in its preamble, its file meta and its commands, too."""
    body = encode(elements, syntax, defined=defined)
    commands = struct.pack("<HHL", 0x0000, 0x0600, 16) + marks.own().ljust(16)
    if syntax == BIG_ENDIAN:  # in which commands are not
        commands = b""
    if syntax == DEFLATED:
        packer = zlib.compressobj(wbits=-15)
        body, commands = packer.compress(body) + packer.flush(), b""
    meta = encode(
        [(0x00020003, "UI", marks.own()), (0x00020010, "UI", syntax.encode() + b"\0"), (0x00020016, "AE", marks.own())],
        EXPLICIT,
        defined=True,
    )
    return marks.own().ljust(128, b"\0") + b"DICM" + meta + commands + body


class Marks:
    """Values for attributes: words that are nowhere else where the profile takes them out, and else the patient's."""

    def __init__(self, family: str, given: str, number: str, character_set: str, *, lies: bool) -> None:
        self.codec = CHARACTER_SETS[character_set][0]
        self.words = [family, given, number]
        self.number = number
        self.lies = lies
        self._count = count()

    def own(self) -> bytes:
        """A word that is nowhere else."""
        letters = "abcdefghijklmnop"
        index = next(self._count)
        return ("Zq" + "".join(letters[index >> shift & 15] for shift in (16, 12, 8, 4, 0))).encode()

    def of_patient(self, vr: str) -> bytes:
        """The patient's name or number, written in one way or another."""
        index = next(self._count)
        word = self.words[index % 3]
        ways = [word, word.upper(), f"for {word}", f"{word}, 1", f"({word.title()})"]
        if vr in TEXT_VRS:
            return ways[index % len(ways)].encode(self.codec, "replace")
        if vr in ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"):
            return self.number.encode()
        ascii_word = word if word.isascii() else self.number
        content = ascii_word.encode(("ascii", "utf-16-le", "utf-16-be")[index % 3])
        if index % 4 == 0:
            content = base64.b64encode(b"." * (index % 3) + ascii_word.encode() + b".")
        return content.ljust(-(-len(content) // 8) * 8, b"\0")

    def element(self, tag: int, vr: str) -> Element:
        named = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        listed = named in LISTED or tag >> 24 in (0x50, 0x60)
        value = self.own() if listed else self.of_patient(vr)
        lie = self.lies and next(self._count) % 5 == 0 and value.isascii()
        return tag, ("UN", "OB", "LO", "UT")[tag % 4] if lie else vr, value


def plain(marks: Marks) -> list[Element]:
    """Every attribute that is no sequence."""
    return [marks.element(tag, vr) for tag, vr in ATTRIBUTES if vr != "SQ"]


def commented(jpeg: bytes, text: bytes) -> bytes:
    """A JPEG with a comment and EXIF data (T.81 B.2.4.5)."""
    segments = b"".join(
        b"\xff" + marker + struct.pack(">H", len(text) + 8) + b"Exif\0\0" + text for marker in (b"\xfe", b"\xe1")
    )
    return jpeg[:2] + segments + jpeg[2:]


def full(marks: Marks) -> list[Element]:
    """Every attribute of the dictionary, some in every sequence, and each at the second or third level, too."""
    sequences: list[Element] = []
    for tag, vr in ATTRIBUTES:
        if vr == "SQ":
            inner = [marks.element(0x00100010, "PN"), marks.element(0x00080070, "LO"), marks.element(0x0040A160, "UT")]
            sequences.append((tag, "SQ", [[*inner, (0x00081115, "SQ", [[marks.element(0x00080060, "CS")]])]]))
    deep: list[Element] = [*plain(marks)[::2], (0x00081115, "SQ", [plain(marks)[1::2]])]
    family, given, number = marks.words
    patient: list[Element] = [
        (0x00100010, "PN", f"{family}^{given}".encode(marks.codec)),
        (0x00100020, "LO", number.encode()),
    ]
    private: list[Element] = [
        (0x00190010, "LO", marks.own()),
        (0x00191001, "LO", marks.own()),
        (0x001910FF, "SQ", [[(0x00100010, "PN", marks.own())]]),
        (0x00190001, "UN", marks.own()),
        (0x00080003, "LO", marks.own()),  # not in the dictionary
        (0x60023000, "OW", marks.own() + b" "),
        (0x60021500, "LO", marks.own()),
    ]
    taken = {tag for tag, *_ in patient} | {0x00081115}
    others = [element for element in (*plain(marks), *sequences) if element[0] not in taken]
    return [*patient, *private, *others, (0x00081115, "SQ", [deep])]


def encodings(word: str) -> Iterator[bytes]:
    for written in {word, word.lower(), word.upper(), word.title()}:
        for codec in (
            "utf-8",
            "utf-16-le",
            "utf-16-be",
            "iso8859_1",
            "gb18030",
            "iso8859_5",
            "iso8859_7",
            "iso2022_jp",
        ):
            yield written.encode(codec, "ignore")
        content = written.encode()
        for offset in range(3):
            made = base64.b64encode(bytes(offset) + content)
            yield made[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]


def found_in(marks: Marks, content: bytes) -> set[bytes]:
    """What of the patient is in bytes, however it is encoded, and words that are nowhere else."""
    ways = {way for word in marks.words for way in encodings(word)}
    return {way for way in ways if len(way) > 3 and way in content} | set(OWN.findall(content))


def unpacked(content: bytes, syntax: str) -> bytes:
    if syntax != DEFLATED:
        return content
    (length,) = struct.unpack_from("<L", content, 140)
    return content[: 144 + length] + zlib.decompress(content[144 + length :], -15)


@st.composite
def patients(draw: st.DrawFn) -> tuple[str, str, str, str]:
    """Family name, given name, number and character set."""
    character_set = draw(st.sampled_from(list(CHARACTER_SETS)))
    letters = st.text(CHARACTER_SETS[character_set][1], min_size=6, max_size=9)
    number = draw(st.text("bcdfghjkmnpqrstvwxz23456789", min_size=7, max_size=12).map(lambda text: f"x{text}"))
    return draw(letters), draw(letters), number, character_set


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    patients(),
    st.sampled_from([EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED]),
    st.sets(st.sampled_from(sorted(set(PROFILE_OPTIONS) - {RETAIN_FULL_DATES}))),
    st.booleans(),
    st.booleans(),
)
@example(("müllerß", "jörgøþ", "x23456789", "ISO_IR 100"), EXPLICIT, set(), False, False)
@example(
    ("山田鈴木やま", "たろうヤマダ", "x23456789", "\\ISO 2022 IR 87"), IMPLICIT, {"clean-descriptors"}, False, True
)
def test_no_mark_is_in_the_result(
    patient: tuple[str, str, str, str], syntax: str, options: set[str], lies: bool, defined: bool
) -> None:
    family, given_name, number, character_set = patient
    marks = Marks(family, given_name, number, character_set, lies=lies)
    if options:  # which may keep what the profile alone would not
        marks.own = marks.number.encode  # type: ignore[method-assign]
    elements = full(marks)
    if character_set:
        elements.append((0x00080005, "CS", character_set.encode()))
    content = file_of(elements, syntax, marks, defined=defined)
    file = open_file(content, Budget(limits=PART), keep_places=True)
    made = deidentify(file, read_options({"options": ",".join(options), "key": "k" * 16}))
    assert syntax == DEFLATED or found_in(marks, content)
    assert found_in(marks, unpacked(b"".join(made.parts), syntax)) == set()
    assert found_in(marks, json.dumps(made.report, ensure_ascii=False).encode()) == set()
    again = open_file(b"".join(made.parts), Budget(limits=PART))
    assert len(again.dataset) > 1000  # what stays, if only empty


@pytest.mark.parametrize("name", ["SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm", "MR_small.dcm"])
def test_no_mark_is_in_a_picture(name: str) -> None:
    """The same with pixels, compressed in several ways or not at all, and with text in a JPEG."""
    original = open_file(file_bytes(name), keep_places=True)
    assert original.pixels is not None
    marks = Marks("Featherstonehaugh", "Cholmondeley", "x23456789", "", lies=True)
    structure: list[Element] = [
        (int(place.tag), str(place.element.VR), place.element.value or b"")
        for place in original.dataset.places
        if isinstance(place.element, RawDataElement) and (place.tag.group == 0x0028 or place.tag == 0x00080016)
    ]
    taken = {tag for tag, *_ in structure}
    picture = {tag for tag, _ in ATTRIBUTES if tag >> 16 in (0x0028, 0x7FE0)}
    elements = [element for element in full(marks) if element[0] not in taken | picture]
    pixels = bytes(original.pixels.value)
    if original.pixels.encapsulated:
        frames = list(generate_frames(pixels, number_of_frames=1))
        if "jpeg" in name:
            frames = [commented(frame, marks.own()) for frame in frames]
        pixels = encapsulate(frames) + SEQUENCE_END
    length = UNDEFINED if original.pixels.encapsulated else None
    body = encode([*elements, *structure], EXPLICIT, defined=True)
    body += dicom_bytes.element(0x7FE00010, "OB" if length else "OW", pixels, length)
    content = dicom_bytes.file_of(body, syntax=original.transfer_syntax)
    made = deidentify(open_file(content, Budget(limits=PART), keep_places=True), read_options({"key": "k" * 16}))
    assert found_in(marks, content)
    assert found_in(marks, b"".join(made.parts)) == set()
    again, before = (pydicom.dcmread(io.BytesIO(one)) for one in (b"".join(made.parts), file_bytes(name)))
    assert (again.pixel_array == before.pixel_array).all()
