"""Words that no text may keep, and where they are: in any case, with or without accents, and encoded within bytes."""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress

MASK = "***"
# Shorter words are only found where no letter or digit is beside them. As bytes they are not looked for.
LONG_WORD = 5
MIN_BASE64 = 6
MIN_NUMBER_ALONE = 6  # of an identifier that could be any other number
TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})


class Words:
    """Words to be found. `bounded`: those that count only where no letter or digit is beside them, such as dates."""

    def __init__(self, words: Iterable[str], bounded: Iterable[str] = ()) -> None:
        apart = {form for word in bounded for form in _forms(word)}
        forms = {form for word in words for form in _forms(word)}
        self._long = sorted(form for form in forms if len(form) >= LONG_WORD)
        self._short = sorted((forms | apart) - set(self._long))
        self._pattern = _pattern(self._long, self._short)
        self._bytes = sorted({made for form in self._long for made in _encodings(form)})
        self._base64 = sorted({made for word in words for made in _base64s(word)})
        self._numbers = frozenset(form for form in forms if len(form) >= MIN_NUMBER_ALONE)

    def are_in(self, text: str) -> bool:
        """Whether a text has one of them."""
        folded = _folded(text)
        if any(word in folded for word in self._long) or self._is_apart(folded):
            return True
        plain = folded if folded.isascii() else _plain(folded)
        return plain != folded and (any(word in plain for word in self._long) or self._is_apart(plain))

    def masked(self, text: str) -> str | None:
        """The text with *** in the place of each; None if one of them is written in a way that leaves no place."""
        masked = self._pattern.sub(lambda found: MASK[: len(found[0])], unicodedata.normalize("NFC", text))
        return None if self.are_in(masked) else masked

    def are_number(self, text: str) -> bool:
        """Whether a text is one of them as a whole."""
        return text.strip().casefold() in self._numbers

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether bytes have one of the long words in ASCII, UTF-8, ISO 8859-1, UTF-16 or base64."""
        lower = content.lower()
        return any(word in lower for word in self._bytes) or any(word in content for word in self._base64)

    def _is_apart(self, folded: str) -> bool:
        return any(word in folded for word in self._short) and self._pattern.search(folded) is not None


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _plain(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(character for character in parts if not unicodedata.combining(character))


def _forms(word: str) -> Iterator[str]:
    """The spellings of a word."""
    folded = _folded(word)
    yield folded
    if not folded.isascii():
        yield from {_folded(_plain(folded)), folded.translate(TRANSCRIBED)} - {folded}


def _pattern(long: list[str], short: list[str]) -> re.Pattern[str]:
    """Finds the longest first. Without words it finds nothing."""
    anywhere = "|".join(map(re.escape, sorted(long, key=len, reverse=True)))
    apart = "|".join(map(re.escape, sorted(short, key=len, reverse=True)))
    either = [part for part in (anywhere, apart and rf"(?<![^\W_])(?:{apart})(?![^\W_])") if part]
    return re.compile("|".join(either) or r"(?!)", re.IGNORECASE)


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
