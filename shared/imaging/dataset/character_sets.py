"""Text in DICOM's character sets (PS3.3 C.12.1.1.2, PS3.5 6.1), decoded before anything looks for its backslashes."""

import re
from dataclasses import dataclass
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# They replace the whole code table, and no escape sequence selects them (PS3.5 6.1.2.5.4 d).
WHOLE = {"192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
# Python's codecs for the registration numbers in "ISO_IR 100" and "ISO 2022 IR 100" (PS3.3 Tables C.12-2 to C.12-5).
# IR 87 and IR 159 have none: they never begin a text.
CODECS = {
    **WHOLE,
    "13": "shift_jis",  # JIS X 0201, which Shift JIS extends
    "58": "gb2312",
    "100": "iso8859_1",
    "101": "iso8859_2",
    "109": "iso8859_3",
    "110": "iso8859_4",
    "126": "iso8859_7",
    "127": "iso8859_6",
    "138": "iso8859_8",
    "144": "iso8859_5",
    "148": "iso8859_9",
    "149": "euc_kr",
    "166": "tis_620",
    "203": "iso8859_15",
}
WITHOUT_CODEC = ("", "6", "87", "159")
MISNOMERS = {"UTF8": "192", "LATIN1": "100", "88591": "100", "GB2312": "GBK"}
DEFINED_TERM = re.compile(r"(ISO_IR |ISO 2022 IR )(6|[0-9]{2,3})|GB18030|GBK")
ESCAPE = 0x1B
CONTROL = b"\t\n\f\r"  # after which a text is again in its first character set (PS3.5 6.1.2.5.3)

# What escape sequences put into the lower half of the code table, G0, and the upper half, G1 (PS3.3 C.12-3, -4).
LOWER = {b"(B": "ascii", b"(J": "ascii", b"$B": "iso2022_jp", b"$@": "iso2022_jp", b"$(D": "iso2022_jp_1"}
UPPER = {b")I": "shift_jis", b"$)C": "euc_kr", b"$)A": "gb2312"} | {
    b"-" + final: CODECS[number]
    for final, number in zip(
        (b"A", b"B", b"C", b"D", b"F", b"G", b"H", b"L", b"M", b"T", b"b"),
        ("100", "101", "109", "110", "126", "127", "138", "144", "148", "166", "203"),
        strict=True,
    )
}
SEQUENCE = re.compile(rb"\x1b(\$[()][A-D]|\$[@B]|[()-][A-Za-z])")


@dataclass(frozen=True)
class CharacterSet:
    """The meaning of a Specific Character Set: a codec for the whole table, "" for the default repertoire.

    `extensions`: its values, if there are several, between which escape sequences change (PS3.3 C.12.1.1.2).
    """

    codec: str = ""
    problem: str = ""
    extensions: tuple[str, ...] = ()

    def decode(self, content: bytes, delimiters: bytes) -> tuple[str, bool]:
        """The text, and whether all of it could be decoded. What could not is U+FFFD.

        `delimiters`: characters after which the first character set applies again, besides control characters.
        """
        if ESCAPE in content and self.codec not in WHOLE.values():
            return self._with_escapes(content, delimiters + CONTROL)
        if self.codec:
            return _decoded(content, self.codec)
        return _undeclared(content)

    def _with_escapes(self, content: bytes, delimiters: bytes) -> tuple[str, bool]:
        """Text with code extensions (PS3.5 6.1.2.4, 6.1.2.5)."""
        lower, upper = "ascii", self.codec
        pieces: list[tuple[str, bool]] = []
        position = 0
        stops = re.compile(b"[\x1b" + re.escape(delimiters) + b"]")
        while position < len(content):
            if sequence := SEQUENCE.match(content, position):
                name = sequence[1]
                lower, upper = LOWER.get(name, lower), UPPER.get(name, upper)
                if name not in LOWER and name not in UPPER:
                    pieces.append((REPLACEMENT, False))
                position = sequence.end()
                continue
            if lower == "ascii":
                # The first byte may be a delimiter itself, which belongs to what follows it.
                stop = stops.search(content, position + 1)
            else:
                # Each character is two bytes here, and either may look like a delimiter.
                stop = re.compile(b"\x1b").search(content, position + 1)
            end = stop.start() if stop else len(content)
            if lower == "ascii" and content[position] in delimiters:
                # Where the first character set has no upper half, what a careless writer left there serves.
                upper = self.codec or upper
            pieces.append(_run(content[position:end], lower, upper))
            position = end
        return "".join(text for text, _ in pieces), all(whole for _, whole in pieces)


@lru_cache(maxsize=100)
def character_set(value: str) -> CharacterSet:
    """The character set that a value of Specific Character Set names; the default repertoire for unknown names."""
    terms = [term.strip(" \0") for term in value.split("\\")]
    problem = ""
    if any(term and not DEFINED_TERM.fullmatch(term) for term in terms):
        problem = "SpecificCharacterSet is not one of the standard's; text was decoded as what it most likely means."
    names = [_name(term) for term in terms]
    if any(name not in CODECS and name not in WITHOUT_CODEC for name in names):
        problem = "SpecificCharacterSet is not known; text that needs it was decoded as UTF-8 or ISO 8859-1."
    # If the first value is empty, bytes beyond ASCII should follow an escape sequence, and often do not.
    codec = next((CODECS[name] for name in names if name in CODECS), "")
    several = len(terms) > 1 or terms[0].startswith("ISO 2022")
    return CharacterSet(codec, problem, tuple(terms) if several and not problem else ())


def runs(content: bytes, delimiters: bytes) -> int:
    """The maximum number of pieces in which a text with code extensions is decoded; 0 for one without."""
    if ESCAPE not in content:
        return 0
    return sum(map(content.count, {ESCAPE, *delimiters, *CONTROL}))


def _name(term: str) -> str:
    """The registration number or name in a term, in any spelling: ISO_IR 100, ISO-IR-100, iso2022ir100."""
    letters = re.sub(r"[^A-Z0-9]", "", term.upper())
    name = re.sub(r"^(ISO)?(2022)?(IR)?", "", letters)
    return MISNOMERS.get(name, name)


def _run(content: bytes, lower: str, upper: str) -> tuple[str, bool]:
    """A run without escape sequences, in one lower and one upper half."""
    if lower != "ascii":
        # Python's codecs want the escape sequence.
        sequence = b"\x1b$B" if lower == "iso2022_jp" else b"\x1b$(D"
        return _decoded(sequence + content, lower)
    return _decoded(content, upper) if upper else _undeclared(content)


def _undeclared(content: bytes) -> tuple[str, bool]:
    """Text in the default repertoire, ASCII. Other bytes should not be there, and are UTF-8 or else ISO 8859-1."""
    if content.isascii():
        return content.decode("ascii"), True
    try:
        return content.decode("utf_8"), False
    except UnicodeDecodeError:
        return content.decode("iso8859_1"), False


def _decoded(content: bytes, codec: str) -> tuple[str, bool]:
    try:
        return content.decode(codec), True
    except UnicodeDecodeError:
        return content.decode(codec, "replace"), False
