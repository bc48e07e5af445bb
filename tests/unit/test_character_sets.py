"""Text in every character set of PS3.3 C.12.1.1.2, with valid and invalid terms and escape sequences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.answers.metadata import describe
from imaging.dataset.character_sets import character_set
from imaging.dataset.dicom_file import parse
from imaging.dataset.values import FOREIGN, UNDECODED
from tests.dicom_bytes import element, file_of, item

VALUES = b"\\"
NAMES = b"\\^="


def shown(term: str, vr: str, value: bytes) -> tuple[str, list[str]]:
    """A value as the answer to a read gives it, and the answer's warnings."""
    tag = {"PN": 0x00100010, "LO": 0x00104000, "UT": 0x00104000}[vr]
    file = parse(file_of(element(0x00080005, "CS", term.encode()), element(tag, vr, value)))
    return list(describe(file, None).values())[1], file.warnings


@pytest.mark.parametrize(
    ("number", "final", "codec", "text"),
    [
        ("100", b"-A", "iso8859_1", "Ærø"),
        ("101", b"-B", "iso8859_2", "Wałęsa"),
        ("109", b"-C", "iso8859_3", "ĉapelo"),
        ("110", b"-D", "iso8859_4", "Šķēle"),
        ("126", b"-F", "iso8859_7", "Διονυσιος"),
        ("127", b"-G", "iso8859_6", "قباني"),
        ("138", b"-H", "iso8859_8", "שרון"),
        ("144", b"-L", "iso8859_5", "Люкceмбypг"),
        ("148", b"-M", "iso8859_9", "Çavuşoğlu"),
        ("166", b"-T", "tis_620", "ยูวเรศ"),
        ("203", b"-b", "iso8859_15", "Œuvre €"),
        ("13", b")I", "shift_jis", "ﾔﾏﾀﾞ"),
    ],
)
def test_single_byte_sets(number: str, final: bytes, codec: str, text: str) -> None:
    encoded = text.encode(codec)
    assert shown(f"ISO_IR {number}", "LO", encoded) == (text, [])
    escape = b"\x1b" + final
    assert shown(f"\\ISO 2022 IR {number}", "LO", b"x" + escape + encoded) == ("x" + text, [])


@pytest.mark.parametrize(
    ("term", "codec", "character"),
    [("GBK", "gbk", "乗"), ("GB18030", "gb18030", "乗"), ("ISO_IR 13", "shift_jis", "ソ")],
)
@pytest.mark.parametrize("vr", ["LO", "PN"])
def test_a_character_whose_second_byte_is_a_backslash_is_not_split(
    term: str, codec: str, character: str, vr: str
) -> None:
    encoded = character.encode(codec)
    assert encoded[1] == 0x5C
    assert shown(term, vr, b"a" + encoded + b"b") == (f"a{character}b", [])
    two, _ = shown(term, vr, encoded + b"\\" + encoded)
    assert two.replace("'", "") == f"[{character}, {character}]"


def test_a_double_byte_set_in_the_lower_half_may_use_the_bytes_of_delimiters() -> None:
    for text in (
        "構＋",
        "山田^太郎".replace("^", "＾"),
        "弌",
    ):  # in JIS X 0208 the bytes 5C, 5E and 3D are halves of characters
        encoded = text.encode("iso2022_jp")
        assert shown("\\ISO 2022 IR 87", "PN", encoded) == (text, [])
    every = bytes(range(0x21, 0x7F))
    for second in every:
        encoded = b"\x1b$B" + bytes([0x30, second]) + b"\x1b(B"
        text, whole = character_set("\\ISO 2022 IR 87").decode(encoded, NAMES)
        assert (text, whole) == (encoded.decode("iso2022_jp"), True)


def test_supplementary_kanji() -> None:
    assert shown("\\ISO 2022 IR 159", "LO", "丂".encode("iso2022_jp_1")) == ("丂", [])


@pytest.mark.parametrize("delimiter", ["^", "=", "\\"])
def test_delimiters_bring_the_first_set_back(delimiter: str) -> None:
    # PS3.5 6.1.2.5.3 for a name: the last letter has no escape sequence before it.
    encoded = "ç".encode("latin-1") + b"^\x1b$)C" + "ㅊ".encode("euc_kr") + delimiter.encode() + "ç".encode("latin-1")
    text, warnings = shown("ISO 2022 IR 100\\ISO 2022 IR 149", "PN", encoded)
    assert text.strip("[]").replace(", ", "\\") == f"ç^ㅊ{delimiter}ç"
    assert warnings == []


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\f"])
def test_control_characters_bring_the_first_set_back(control: str) -> None:
    encoded = b"\x1b-F" + "Δ".encode("iso8859_7") + control.encode() + "ç".encode("latin-1")
    assert shown("ISO 2022 IR 100\\ISO 2022 IR 126", "UT", encoded) == (f"Δ{control}ç", [])


def test_where_the_first_set_has_no_upper_half_the_last_one_serves() -> None:
    encoded = b"\x1b$)C" + "김^희중".encode("euc_kr")
    assert shown("\\ISO 2022 IR 149", "PN", encoded) == ("김^희중", [])
    assert shown("ISO 2022 IR 149", "PN", "김^희중".encode("euc_kr")) == ("김^희중", [])


@pytest.mark.parametrize(
    ("term", "codec"),
    [
        ("ISO-IR 144", "iso8859_5"),
        ("iso_ir 144", "iso8859_5"),
        ("ISO IR 144", "iso8859_5"),
        ("ISO_IR_144", "iso8859_5"),
        ("ISO_IR144", "iso8859_5"),
        ("ISO2022IR144", "iso8859_5"),
        ("UTF-8", "utf_8"),
        ("GB2312", "gbk"),
    ],
)
def test_misspelt_terms_are_understood_and_told(term: str, codec: str) -> None:
    text = "Люк" if codec != "gbk" else "王"
    assert shown(term, "LO", text.encode(codec)) == (
        text,
        ["SpecificCharacterSet is not one of the standard's; text was decoded as what it most likely means."],
    )


@pytest.mark.parametrize(("encoding", "text"), [("utf_8", "Ærø 山"), ("latin-1", "Ærø")])
@pytest.mark.parametrize("term", ["", "ISO_IR 6", "ISO_IR 999", "KLINGON"])
def test_unknown_and_missing_sets_are_guessed_and_told(encoding: str, text: str, term: str) -> None:
    seen, warnings = shown(term, "LO", text.encode(encoding))
    assert seen == text
    assert any("PatientComments has bytes that its character set lacks" in warning for warning in warnings)
    assert any("SpecificCharacterSet is not known" in warning for warning in warnings) == (term[-1:] not in "6")
    assert shown(term, "LO", b"plain")[0] == "plain"


def test_what_can_not_be_decoded_is_replaced_and_told() -> None:
    seen, warnings = shown("ISO_IR 192", "LO", b"ab\xffcd")
    assert seen == "ab\N{REPLACEMENT CHARACTER}cd"
    assert warnings == [f"PatientComments {UNDECODED}."]
    assert shown("\\ISO 2022 IR 87", "LO", b"a\x1b(Zb")[0] == "a\N{REPLACEMENT CHARACTER}b"


def test_items_have_the_character_set_of_the_data_set_and_a_wrong_one_is_told_once() -> None:
    wrong, name = element(0x00080005, "CS", b"ISO-IR 144"), element(0x00100010, "PN", "Дюк".encode("iso8859_5"))
    file = parse(file_of(wrong, element(0x00081140, "SQ", item(name) + item(wrong + name))))
    described = describe(file, None)
    assert [inner["PatientName"] for inner in described["ReferencedImageSequence"]] == ["Дюк", "Дюк"]
    assert len(file.warnings) == 1


@pytest.mark.parametrize("vr", ["AE", "AS", "CS", "DA", "DT", "TM", "UI", "UR"])
def test_codes_have_no_character_set_but_writers_use_the_data_sets(vr: str) -> None:
    told = [f"(0009,1010) {FOREIGN}."]
    for term, encoded, text in (
        ("GB18030", "胸部".encode("gb18030"), "胸部"),
        ("ISO_IR 192", "Čelo ".encode(), "Čelo"),
        ("\\ISO 2022 IR 87", "胸部".encode("iso2022_jp"), "胸部"),
        ("", "Brücke".encode("latin-1"), "Brücke"),
    ):
        file = parse(file_of(element(0x00080005, "CS", term.encode()), element(0x00091010, vr, encoded)))
        assert describe(file, None)["(0009,1010)"] == text
        assert file.warnings == told
    characters = element(0x00080005, "CS", b"GB18030 ")
    file = parse(
        file_of(characters, element(0x00091010, "CS", "乗\\乗".encode("gb18030")))
    )  # half of each character is the byte 5C
    assert describe(file, None)["(0009,1010)"] == "['乗', '乗']"


@given(st.binary(max_size=40), st.sampled_from(["", "ISO_IR 13", "\\ISO 2022 IR 87", "ISO_IR 192", "GB18030", "é"]))
def test_any_bytes_decode(content: bytes, term: str) -> None:
    for delimiters in (b"", VALUES, NAMES):
        text, whole = character_set(term).decode(content, delimiters)
        assert whole or "\N{REPLACEMENT CHARACTER}" in text or not content.isascii()
        assert text.encode().decode() == text  # no lone surrogate, which JSON can't hold


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=30))
def test_ascii_is_ascii_in_every_set(text: str) -> None:
    for term in ("", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "ISO_IR 13", "\\ISO 2022 IR 149"):
        assert character_set(term).decode(text.encode(), VALUES) == (text, True)
