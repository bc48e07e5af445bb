"""Text to one data element, by the VR and VM of its keyword (PS3.5 6.2, PS3.6)."""

import datetime
import re
import sys
from typing import Any

from pydicom import DataElement, config
from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.tag import Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VALUE_LENGTH, validate_value

from problems import Unusable

_ASCII = r"[ -~]*"
_NO_TEXT = r"\x7f-\x9f\ud800-\udfff"  # control characters, and surrogates, which have no UTF-8
_LINE = rf"[^\x00-\x1f{_NO_TEXT}]*"
_LINES = rf"[^\x00-\x09\x0b\x0e-\x1f{_NO_TEXT}]*"  # CR, LF and FF are text (PS3.5 6.1.3)
_UID = r"(?!2\.999(\.|$))[12](\.[0-9]+)+"  # 2.999 is for examples alone (ITU-T X.660)
_COMPONENT = rf"[^=^\x00-\x1f{_NO_TEXT}]*"
_NAME = rf"{_COMPONENT}(\^{_COMPONENT}){{0,4}}"  # PS3.5 6.2.1
_WHOLE = r"[+-]?[0-9]{1,20}"
_REAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"

# The form of a value of each VR, for the check and for the client. pydicom's validators check the rest, but accept what
# only queries may contain, such as ranges of dates, and digits of any script.
_FORMS = {
    "AE": (_ASCII, "at most 16 ASCII characters"),
    "AS": (_ASCII, "an age such as 045Y: three digits and D, W, M or Y"),
    "AT": (r"\([0-9a-fA-F]{4},[0-9a-fA-F]{4}\)|[0-9a-fA-F]{8}", "a tag such as (0010,0020)"),
    "CS": (_ASCII, "at most 16 capital letters, digits, spaces and underscores"),
    "DA": (r"[0-9]{8}", "a date written YYYYMMDD"),
    "DS": (_REAL, "a decimal number of at most 16 characters"),
    "DT": (r"[0-9.]+([+-](0[0-9]|1[0-4])[0-5][0-9])?", "a date and time written YYYYMMDDHHMMSS.FFFFFF+ZZXX"),
    "FD": (_REAL, "a finite number"),
    "FL": (_REAL, "a finite number of single precision"),
    "IS": (_WHOLE, "a whole number from -2147483648 to 2147483647"),
    "LO": (_LINE, "one line of at most 64 characters"),
    "LT": (_LINES, "at most 10240 characters, no tabs or other control characters"),
    "PN": (f"{_NAME}(={_NAME}){{0,2}}", "a name written Family^Given^Middle^Prefix^Suffix, at most 64 characters"),
    "SH": (_LINE, "one line of at most 16 characters"),
    "SL": (_WHOLE, "a whole number from -2147483648 to 2147483647"),
    "SS": (_WHOLE, "a whole number from -32768 to 32767"),
    "ST": (_LINES, "at most 1024 characters, no tabs or other control characters"),
    "SV": (_WHOLE, "a whole number from -9223372036854775808 to 9223372036854775807"),
    "TM": (r"[0-9.]+", "a time written HHMMSS.FFFFFF"),
    "UC": (_LINE, "one line of text"),
    "UI": (_UID, "a UID: numbers with dots between them, under 1 or 2, at most 64 characters"),
    "UL": (_WHOLE, "a whole number from 0 to 4294967295"),
    "UR": (_ASCII, "a URI"),
    "US": (_WHOLE, "a whole number from 0 to 65535"),
    "UT": (_LINES, "text without tabs or other control characters"),
    "UV": (_WHOLE, "a whole number from 0 to 18446744073709551615"),
}
_FORM_OF = {vr: re.compile(form) for vr, (form, _) in _FORMS.items()}

_BACKSLASH_IS_TEXT = {"LT", "ST", "UR", "UT"}  # PS3.5 6.2
_INTEGERS = {"SL", "SS", "SV", "UL", "US", "UV"}
_NUMBER_BYTES = VALUE_LENGTH | {"AT": 4}
_MAX_LENGTH_16 = 65534  # the most that a 16-bit length can say and be even (PS3.5 7.1.1, 7.1.2)
_MAX_FL = (2 - 2**-23) * 2.0**127


def element(tag: int, text: str, *, signed: bool = False) -> DataElement:
    """The element of `tag` with the value in `text`, or several values separated by backslashes.

    `signed`: the pixels have a sign, and so have attributes that say something of their values (PS3.5 A.2). Raises
    Unusable, whose message says what the text must be.
    """
    vr = dictionary_VR(tag)
    if vr == "US or SS":
        vr = "SS" if signed else "US"
    if vr not in _FORMS:
        raise Unusable(f"Cannot be given as text: its VR is {vr}.")
    parts = [text] if vr in _BACKSLASH_IS_TEXT else [part.strip() for part in text.split("\\")]
    multiplicity = dictionary_VM(tag)
    if not _allows(multiplicity, len(parts)):
        raise Unusable(f"The number of values, with \\ between them, must be {multiplicity}, not {len(parts)}.")
    size = len(parts) * _NUMBER_BYTES[vr] if vr in _NUMBER_BYTES else len(text.encode(errors="replace"))
    if size > _MAX_LENGTH_16 and vr not in EXPLICIT_VR_LENGTH_32:
        raise Unusable(f"Is longer than {_MAX_LENGTH_16} bytes.")
    try:
        values = [_value(vr, part) for part in parts]
    except ValueError:
        raise Unusable(f"Must be {_FORMS[vr][1]}.") from None
    return DataElement(tag, vr, values if len(values) > 1 else values[0])


def _allows(multiplicity: str, count: int) -> bool:
    """Whether a VM such as 1, 1-3, 1-n or 2-2n (PS3.6) allows `count` values."""
    low, _, high = multiplicity.partition("-")
    if high.endswith("n"):
        return count >= int(low) and count % int(high[:-1] or 1) == 0
    return int(low) <= count <= int(high or low)


def _value(vr: str, text: str) -> Any:
    if not _FORM_OF[vr].fullmatch(text):
        raise ValueError
    value = _converted(vr, text)
    validate_value(vr, value, config.RAISE)
    if vr in {"DA", "DT"} and len(day := text[:8]) == 8 and day.isdigit():
        datetime.date.fromisoformat(day)  # no 30 February
    if vr in {"DS", "FD", "FL"} and abs(float(text)) > (_MAX_FL if vr == "FL" else sys.float_info.max):
        raise ValueError
    if vr == "IS":
        validate_value("SL", int(text), config.RAISE)
    return value


def _converted(vr: str, text: str) -> Any:
    if vr in _INTEGERS:
        return int(text)
    if vr in {"FD", "FL"}:
        return float(text)
    if vr == "AT":
        return Tag(int(re.sub("[(),]", "", text), 16))
    return text
