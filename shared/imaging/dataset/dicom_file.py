"""The bytes of a DICOM file to its data set, tolerant of the faults of real files (PS3.5 7, PS3.10 7)."""

import re
import struct
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Literal

from pydicom import config
from pydicom.datadict import dictionary_has_tag
from pydicom.filereader import data_element_generator
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from imaging.budget import Budget
from imaging.dataset.attributes import value
from imaging.dataset.deflate import Oversized, inflate
from imaging.dataset.elements import COMMANDS, UNDEFINED_LENGTH, ElementReader, Encoding, Item, PixelElement
from imaging.dataset.odd_headers import VRS, is_vr_like, odd_header
from problems import Invalid, Unusable

config.settings.reading_validation_mode = config.IGNORE

STANDARD = "1.2.840.10008."
PAPYRUS = "1.2.840.10008.1.20"  # Papyrus 3, which is implicit too (retired)
GE_PRIVATE = "1.2.840.113619.5.2"  # as Implicit VR Little Endian, but for pixel data, which is big endian

DIRECTORY = "1.2.840.10008.1.3.10"  # Media Storage Directory, a file that lists others (PS3.10 8.6)
DIRECTORY_RECORDS = 0x00041220

# Deflated Explicit VR Little Endian, and JPIP and JPIP HTJ2K Referenced Deflate (PS3.5 A.5, A.7, A.12)
DEFLATED = (DeflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205")

PREAMBLE = 128
LAST_FIRST_GROUP = 0x0010  # data sets begin with group 0008, or with 0002, 0004 or 0010 without their first elements
BYTE_ORDERS: tuple[Literal["little"], Literal["big"]] = ("little", "big")
DELIMITERS = re.compile(rb"((\xfe\xff|\xff\xfe).{6})+", re.DOTALL)  # of group FFFE, in both byte orders
MAX_INFLATED_BYTES = 1 << 29
MAX_META_BYTES = 1 << 20


class NotDicom(Invalid):
    """The bytes are not even a broken DICOM file."""


@dataclass
class DicomFile:
    """A parsed file. `dataset` holds everything but the pixel data, in tag order.

    `body`: the encoded data set, inflated. `start`: where in the file it begins; None if it was deflated. `budget`: the
    request's, from which later steps spend as well.
    """

    dataset: Item
    transfer_syntax: str
    encoding: Encoding
    body: memoryview
    start: int | None
    budget: Budget
    pixels: PixelElement | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def is_directory(self) -> bool:
        return value(self.dataset, "SOPClassUID") == DIRECTORY or DIRECTORY_RECORDS in self.dataset

    @property
    def little_endian(self) -> bool:
        return self.encoding.little_endian

    @property
    def little_endian_pixels(self) -> bool:
        """The byte order of uncompressed pixel data."""
        return self.little_endian and self.transfer_syntax != GE_PRIVATE


def parse(content: bytes | memoryview, budget: Budget | None = None, *, keep_places: bool = False) -> DicomFile:
    """Parses a file. Faults that leave it readable go to `warnings`. `budget`: what it may use, by default REQUEST.

    `keep_places`: the file will be written again, by `writing`.

    Raises NotDicom if it is no DICOM file, TooLarge if it holds more than fits into memory, Spent beyond the budget.
    """
    budget = budget or Budget()
    warnings: list[str] = []
    meta_start = _meta_start(content, warnings)
    body_start, transfer_syntax = _file_meta(content, meta_start, warnings)
    body = memoryview(content)[body_start:]
    if transfer_syntax in DEFLATED:
        most = min(MAX_INFLATED_BYTES, budget.bytes)
        try:
            body = memoryview(inflate(body, most))
        except Oversized as reason:
            budget.spend_bytes(most + 1)
            raise Invalid(f"The data set can't be read: {reason.message}.") from None
        except Unusable as reason:
            raise Invalid(f"The data set can't be read: {reason.message}.") from None
        budget.spend_bytes(len(body))
    declared = encoding_of(transfer_syntax)
    commands = _commands_end(body)
    if commands:
        warnings.append(
            "The file begins with commands, which belong to messages (PS3.7 6.3); they are given with its data set."
        )
    encoding = _encoding(body[commands:], declared)
    has_meta = body_start > meta_start  # which proves what follows
    if encoding is None or not (has_meta or _plausible_start(body[commands:], encoding)):
        what = "is not a DICOM file" if len(content) else "is empty"
        raise NotDicom(f"The file {what}: send a DICOM Part 10 file, or a bare DICOM data set.")
    if not transfer_syntax:
        transfer_syntax = _native_syntax(encoding)
        warnings.append("The file does not say its transfer syntax; it was read as what it looks like.")
    elif not transfer_syntax.startswith((STANDARD, GE_PRIVATE)):
        warnings.append("The transfer syntax is not a known one; the file was read as what it looks like.")
    elif len(body) > 0 and encoding != declared:
        warnings.append("The data set is not encoded as its transfer syntax says; it was read as what it is.")
    reader = ElementReader(body, encoding, warnings, budget, commands, keep_places)
    dataset = reader.read()
    start = None if transfer_syntax in DEFLATED else body_start
    file = DicomFile(dataset, transfer_syntax, encoding, body, start, budget, warnings=warnings)
    if reader.pixels is not None:
        file.pixels = replace(reader.pixels, little_endian=file.little_endian_pixels)
    return file


def _meta_start(content: bytes | memoryview, warnings: list[str]) -> int:
    """Where the file meta information begins: after a preamble of 128 bytes and "DICM" (PS3.10 7.1)."""
    if content[PREAMBLE : PREAMBLE + 4] == b"DICM":
        return PREAMBLE + 4
    warnings.append("The file does not begin as PS3.10 7.1 says, with DICM after a preamble; it was read as it is.")
    if content[:4] == b"DICM":
        return 4
    return PREAMBLE if content[:PREAMBLE] == bytes(PREAMBLE) else 0


def _file_meta(content: bytes | memoryview, start: int, warnings: list[str]) -> tuple[int, str]:
    """Where the data set begins, and the transfer syntax UID ("" if not said) (PS3.10 7.1)."""
    stream = BytesIO(content[:MAX_META_BYTES])
    stream.seek(start)
    end = start
    transfer_syntax = ""
    explicit = bytes(content[start + 4 : start + 6]) in VRS
    try:
        # Group 0002 is in Explicit VR Little Endian, though some writers use the implicit form.
        for element in data_element_generator(stream, not explicit, True, stop_when=lambda tag, *_: tag >> 16 != 2):
            end = stream.tell()
            if element.tag == 0x00020010 and isinstance(element.value, bytes):
                transfer_syntax = element.value.decode("ascii", "replace").rstrip("\0 ")
    except Exception:  # pydicom raises anything on broken input, and the rest of the file may still be readable
        warnings.append("The file meta information is broken.")
    return end, transfer_syntax


def _commands_end(body: memoryview) -> int:
    """Where the commands before the data set end; 0 if there are none.

    They are little endian, in the explicit or the implicit form, and in order (PS3.7 6.3.1).
    """
    position, last = 0, -1
    while len(body) - position >= 8:
        group, number, vr, length = struct.unpack_from("<HH2sH", body, position)
        if group != COMMANDS:
            return position
        if vr not in VRS:
            (length,) = struct.unpack_from("<L", body, position + 4)
        if number <= last or not dictionary_has_tag(number):
            return 0
        position, last = position + 8 + length, number
    return position if position == len(body) else 0


def _encoding(body: memoryview, declared: Encoding) -> Encoding | None:
    """How the data set is encoded, from its first element; None if it can't be told. An empty one fits anything."""
    body = _from_first_element(body)
    if len(body) == 0:
        return Encoding(implicit=False, little_endian=declared.little_endian)
    if len(body) < 8:
        return None
    # The first group is low: 0008 would read as 0800 in the wrong byte order.
    little, big = (int.from_bytes(body[:2], order) <= LAST_FIRST_GROUP for order in BYTE_ORDERS)
    little_endian = little if little != big else declared.little_endian
    explicit = is_vr_like(bytes(body[4:6]))
    if not explicit and not declared.implicit:
        explicit = odd_header(body, 0, len(body), "<" if little_endian else ">").explicit
    return Encoding(not explicit, little_endian)


def _from_first_element(body: memoryview) -> memoryview:
    """The data set without delimiters at its beginning."""
    found = DELIMITERS.match(body)
    return body[found.end() :] if found else body


def _plausible_start(body: memoryview, encoding: Encoding) -> bool:
    """Whether bytes without file meta begin like a data set: with a low group, and a length that fits."""
    if len(body) < 8:
        return False
    order = "<" if encoding.little_endian else ">"
    group, _, length = struct.unpack_from(f"{order}HHL", body)
    if not encoding.implicit:
        (length,) = struct.unpack_from(f"{order}H", body, 6)
    fits = length <= len(body) - 8 or length == UNDEFINED_LENGTH
    return bool(group <= LAST_FIRST_GROUP and group % 2 == 0 and fits)


def _native_syntax(encoding: Encoding) -> str:
    if encoding.implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if encoding.little_endian else ExplicitVRBigEndian


def encoding_of(transfer_syntax: str) -> Encoding:
    """Every other transfer syntax is in Explicit VR Little Endian (PS3.5 A)."""
    implicit = transfer_syntax in (ImplicitVRLittleEndian, GE_PRIVATE, PAPYRUS)
    return Encoding(implicit, transfer_syntax != ExplicitVRBigEndian)
