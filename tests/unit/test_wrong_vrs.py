"""Elements with another VR than the standard's: whatever their values become, the file is read."""

import struct
from typing import Any

import pytest

from imaging.answers.options import read_options
from tests.dicom_bytes import element, file_of, item
from tests.read_answer import read

VALUES = {
    "an infinity": ("FD", struct.pack("<d", float("inf"))),
    "three infinities": ("FD", struct.pack("<3d", *[float("inf")] * 3)),
    "no number": ("FD", struct.pack("<d", float("nan"))),
    "the largest number": ("UV", b"\xff" * 8),
    "three of the largest numbers": ("UV", b"\xff" * 24),
    "a number": ("US", b"\1\0"),
    "numbers below zero": ("SS", b"\xff\xff" * 3),
    "a long integer": ("IS", b"9" * 4000),
    "a text": ("LO", b"ab"),
    "texts": ("LO", b"a\\b "),
    "a sequence": ("SQ", item(b"")),
    "bytes": ("OB", b"\xff" * 6),
    "tags": ("AT", b"\1\2\3\4" * 2),
}
IMAGE = {
    0x00280002: ("US", b"\1\0"),
    0x00280004: ("CS", b"MONOCHROME2 "),
    0x00280008: ("IS", b"2 "),
    0x00280010: ("US", b"\2\0"),
    0x00280011: ("US", b"\2\0"),
    0x00280030: ("DS", b"1\\1 "),
    0x00280100: ("US", b"\x08\0"),
    0x00280101: ("US", b"\x08\0"),
    0x00280102: ("US", b"\7\0"),
    0x00280103: ("US", b"\0\0"),
    0x00280120: ("US", b"\0\0"),
    0x00280121: ("US", b"\0\0"),
    0x00281050: ("DS", b"40"),
    0x00281051: ("DS", b"40"),
    0x60000010: ("US", b"\2\0"),
    0x60000011: ("US", b"\2\0"),
    0x60000015: ("IS", b"2 "),
    0x60000050: ("SS", b"\1\0\1\0"),
    0x60000051: ("US", b"\1\0"),
    0x60003000: ("OB", b"\xff\0"),
    0x7FE00010: ("OB", b"\0\1\2\3\4\5\6\7"),
}
PALETTE = {
    0x00280004: ("CS", b"PALETTE COLOR "),
    **{0x00281101 + colour: ("US", b"\2\0\0\0\x10\0") for colour in range(3)},
    **{0x00281201 + colour: ("OW", b"\0\1\0\2") for colour in range(3)},
}
OTHERS = (
    *(0x00080005, 0x00082144, 0x00181063, 0x00181065, 0x00280034, 0x00281052, 0x00281053, 0x00281056, 0x00282000),
    *(0x00283000, 0x00283010, 0x00287FE0, 0x00480105, 0x52009229, 0x52009230, 0x60000102, 0x7FE00001),
)
OPTIONS: dict[str, dict[str, str]] = {
    "pictures": {"overlays": "true", "viewport": "3,3"},
    "animation": {"return_format": "gif", "animation": "true"},
}


def _read(elements: dict[int, tuple[str, bytes]], options: dict[str, str]) -> dict[str, Any]:
    content = file_of(*(element(tag, *elements[tag]) for tag in sorted(elements)))
    return read("a.dcm", content, read_options(options))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_any_element_of_any_vr(value: tuple[str, bytes], options: dict[str, str]) -> None:
    for tag in (*IMAGE, *OTHERS):
        assert "Images" in _read({**IMAGE, tag: value}, options), hex(tag)
    for tag in PALETTE:
        assert "Images" in _read({**IMAGE, **PALETTE, tag: value}, options), hex(tag)


@pytest.mark.parametrize("bits", [0, 1, 17, 65535])
@pytest.mark.parametrize("table", [0x00283000, 0x00283010])
def test_lookup_tables_of_odd_bits(table: int, bits: int) -> None:
    descriptor = element(0x00283002, "US", struct.pack("<3H", 4, 0, bits))
    lut = item(descriptor + element(0x00283006, "OW", b"\0\0\1\0\2\0\3\0"))
    answer = _read({**IMAGE, table: ("SQ", lut)}, {})
    assert all(answer["Images"])


@pytest.mark.parametrize("window", ["", "0,1", "1e308,1e308", "-1e308,1e308,sigmoid", "0,1e-300,linear_exact"])
@pytest.mark.parametrize("intercept", ["0", "1e308", "-1e308"])
@pytest.mark.parametrize("slope", ["1e308", "-1e308", "1e-320", "inf", "nan"])
def test_numbers_at_the_ends_of_what_there_is(slope: str, intercept: str, window: str) -> None:
    rescale = {0x00281052: ("DS", intercept.encode()), 0x00281053: ("DS", slope.encode())}
    assert all(_read({**IMAGE, **rescale}, {"window": window})["Images"])
