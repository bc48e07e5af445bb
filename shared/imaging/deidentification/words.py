"""Words that no text may keep, and where they are: in any case, with or without accents, and encoded within bytes."""

import base64
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import AnyStr, Generic

MASK = "***"
MAX_MASKED = 1 << 16  # characters of a text that loses only what was found; a longer one goes as a whole
# Shorter words are only found where no letter or digit is beside them. Within bytes they are not looked for.
LONG_WORD = 5
MIN_BASE64 = 6
MIN_NUMBER_ALONE = 6  # of an identifier that could be any other number
START = 4  # characters or bytes of a word by which it is found
CHUNK = 1 << 12  # of a long text
FEW = 4
# How letters are written where they are missing: some by two others, and some that Unicode does not take apart.
TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "þ": "th"})
SIMPLIFIED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\N{LATIN SMALL LETTER DOTLESS I}": "i"})


class Index(Generic[AnyStr]):
    """Finds any of many words in a text or in bytes, in a time that hardly depends on how many and which there are.

    Words are looked up by their first `size` characters, and those of which many begin alike by twice as many.
    """

    def __init__(self, words: Iterable[AnyStr], size: int = START) -> None:
        groups: dict[int, dict[AnyStr, set[AnyStr]]] = defaultdict(lambda: defaultdict(set))
        self._longest = 0
        for word in words:
            self._longest = max(self._longest, len(word))
            groups[min(size, len(word))][word[:size]].add(word)
        self._by_start: dict[int, dict[AnyStr, tuple[AnyStr, ...] | Index[AnyStr]]] = {
            length: {
                start: tuple(group) if len(group) <= FEW else Index(group, 2 * size) for start, group in starts.items()
            }
            for length, starts in groups.items()
        }

    def find(self, text: AnyStr) -> Iterator[AnyStr]:
        """Those that are in it; one may be given several times."""
        for begin in range(0, len(text), CHUNK):
            yield from self._in_chunk(text[begin : begin + CHUNK + self._longest])

    def _in_chunk(self, chunk: AnyStr) -> Iterator[AnyStr]:
        for size, starts in self._by_start.items():
            windows = {chunk[at : at + size] for at in range(len(chunk) - size + 1)}
            for start in windows & starts.keys():
                group = starts[start]
                if isinstance(group, Index):
                    yield from group._in_chunk(chunk)
                    continue
                at = chunk.find(start)
                while at >= 0:
                    yield from (word for word in group if chunk.startswith(word, at))
                    at = chunk.find(start, at + 1)


class Words:
    """Words to be found. `bounded`: those that count only where no letter or digit is beside them, such as dates."""

    def __init__(self, words: Iterable[str], bounded: Iterable[str] = ()) -> None:
        apart = {form for word in bounded for form in _forms(word)}
        forms = {form for word in words for form in _forms(word)}
        self._long = {form for form in forms if len(form) >= LONG_WORD}
        self._numbers = {form for form in forms if len(form) >= MIN_NUMBER_ALONE}
        self._digits = [form.encode() for form in self._numbers if form.isascii() and form[0] in "0123456789+-."]
        self._index = Index(forms | apart)
        self._bytes = Index({made for form in self._long for made in _encodings(form)})
        self._base64 = Index({made for word in words for made in _base64s(word)})

    def are_in(self, text: str) -> bool:
        """Whether a text has one of them."""
        return any(True for _ in self._find(text))

    def masked(self, text: str) -> str | None:
        """The text with *** in the place of each; None if it is too long, or if a word leaves no place for that."""
        if len(text) > MAX_MASKED:
            return None
        found = sorted(set(self._find(text)), key=len, reverse=True)
        pattern = re.compile("|".join(map(self._pattern, found)), re.IGNORECASE)
        masked = pattern.sub(lambda place: MASK[: len(place[0])], unicodedata.normalize("NFC", text))
        return None if self.are_in(masked) else masked

    def are_number(self, text: str) -> bool:
        """Whether a text is one of them as a whole."""
        return text.strip().casefold() in self._numbers

    def may_be_in_numbers(self, content: bytes) -> bool:
        """Whether one of them might be one of the numbers in a text of numbers."""
        return any(number in content for number in self._digits)

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether bytes have one of the long words in ASCII, UTF-8, ISO 8859-1, UTF-16 or base64."""
        return any(True for _ in self._bytes.find(content.lower())) or any(True for _ in self._base64.find(content))

    def _find(self, text: str) -> Iterator[str]:
        folded = _folded(text)
        for written in (folded,) if folded.isascii() else (folded, _plain(folded)):
            for word in self._index.find(written):
                if word in self._long or re.search(self._pattern(word), written):
                    yield word

    def _pattern(self, word: str) -> str:
        return re.escape(word) if word in self._long else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _plain(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFKD", text).translate(SIMPLIFIED)
    return _folded("".join(character for character in parts if not unicodedata.combining(character)))


def _forms(word: str) -> Iterator[str]:
    """The spellings of a word."""
    folded = _folded(word)
    yield folded
    if not folded.isascii():
        yield from {_plain(folded), folded.translate(TRANSCRIBED)} - {folded}


def _encodings(word: str) -> Iterator[bytes]:
    yield word.encode("utf-8")
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    with suppress(UnicodeEncodeError):
        yield word.encode("iso8859_1")


def _base64s(word: str) -> Iterator[bytes]:
    """What base64 makes of the word at each of the three offsets, in the usual cases."""
    if len(word) < MIN_BASE64:
        return
    for written in {word, word.lower(), word.upper(), word.title()}:
        content = written.encode("utf-8")
        for offset in range(3):
            made = base64.b64encode(bytes(offset) + content)
            # The first and the last characters have bits of what is beside the word, too.
            yield made[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]
