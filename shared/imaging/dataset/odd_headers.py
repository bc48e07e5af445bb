"""Headers of elements with a VR that does not exist (PS3.5 7.1.2), read in the form that leads to the next element."""

from struct import Struct
from typing import NamedTuple

from pydicom.datadict import dictionary_has_tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

VRS = {vr.encode() for vr in VR if len(vr) == 2}
LONG_VRS = {vr.encode() for vr in EXPLICIT_VR_LENGTH_32}
DELIMITER_GROUP = 0xFFFE
PADDING = b"\0\r\n \x1a"  # padding that some transfers append


class OddHeader(NamedTuple):
    """`explicit`: whether there is a VR at all. `length` and `start` are those of the value."""

    explicit: bool
    length: int
    start: int


def is_vr_like(vr: bytes) -> bool:
    """Whether the third part of an element's header looks like a VR: two capital letters."""
    return vr in VRS or (len(vr) == 2 and vr.isalpha() and vr.isupper())


def odd_header(body: memoryview, position: int, end: int, order: str) -> OddHeader:
    """The header at `position` of an element that ends before `end`, in the byte order `order` of struct."""
    group, number, vr, short = Struct(f"{order}HH2sH").unpack_from(body, position)
    (implicit,) = Struct(f"{order}L").unpack_from(body, position + 4)
    forms = [OddHeader(False, implicit, position + 8), OddHeader(True, short, position + 8)]
    if short == 0 and end - position >= 12:
        (long,) = Struct(f"{order}L").unpack_from(body, position + 8)
        forms.append(OddHeader(True, long, position + 12))
    if is_vr_like(vr):  # future VRs have the long form
        forms = forms[:0:-1]
    tag = group << 16 | number
    found = next((form for form in forms if _leads_on(body, tag, form.start + form.length, end, order)), None)
    if found is None:
        return forms[1 if not is_vr_like(vr) and vr.isascii() and vr.decode().isprintable() else 0]
    return found


def _leads_on(body: memoryview, tag: int, after: int, end: int, order: str) -> bool:
    """Whether the data continues plausibly after `tag`: with a later element, with a delimiter, or not at all."""
    if after > end:
        return False
    if end - after < 8 or not bytes(body[after : min(end, after + 256)]).strip(PADDING):
        return not bytes(body[after:end][:256]).strip(PADDING)
    group, number, vr = Struct(f"{order}HH2s").unpack_from(body, after)
    (length,) = Struct(f"{order}L").unpack_from(body, after + 4)
    following = group << 16 | number
    if group == DELIMITER_GROUP:
        return True
    is_element = vr in VRS or (dictionary_has_tag(following) and after + 8 + length <= end)
    return is_element and following > tag
