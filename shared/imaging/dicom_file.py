"""A DICOM file's bytes to its data set, tolerant of what files in hospitals are like (PS3.5 7, PS3.10 7)."""

import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

from pydicom import config
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

from imaging.deflate import inflate
from problems import Invalid

config.settings.reading_validation_mode = config.IGNORE

PIXEL_DATA_TAGS = (
    0x7FE00008,
    0x7FE00009,
    0x7FE00010,
)  # float, double float, integer samples
PREFIX_END = 132  # of a preamble of 128 bytes and "DICM" (PS3.10 7.1)
LAST_FIRST_GROUP = 0x0010  # data sets begin with group 0008, or with 0002, 0004 or 0010 without their first elements
BYTE_ORDERS: tuple[Literal["little"], Literal["big"]] = ("little", "big")
UNDEFINED_LENGTH = 0xFFFFFFFF
MAX_INFLATED_BYTES = 1 << 30
VRS = {vr.encode() for vr in VR}


@dataclass(frozen=True)
class PixelElement:
    """The value of the pixel data element as it stands in the file, not copied."""

    tag: int
    vr: str
    value: memoryview
    little_endian: bool
    encapsulated: bool  # of undefined length: a sequence of fragments (PS3.5 A.4)


@dataclass
class DicomFile:
    """A parsed file. `dataset` holds everything but the pixel data, in tag order."""

    dataset: Dataset
    transfer_syntax: str
    little_endian: bool
    pixels: PixelElement | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Encoding:
    implicit: bool
    little_endian: bool


def parse(content: bytes) -> DicomFile:
    """Parses a file. Raises Invalid if it is no DICOM file; what is merely broken is named in `warnings`."""
    warnings: list[str] = []
    body_start, transfer_syntax = _file_meta(content, warnings)
    body = memoryview(content)[body_start:]
    if transfer_syntax == DeflatedExplicitVRLittleEndian:
        try:
            body = memoryview(inflate(body, MAX_INFLATED_BYTES))
        except ValueError as error:
            raise Invalid(f"The data set can't be read: {error}.") from None
    encoding = _encoding(body, declared_little=transfer_syntax != ExplicitVRBigEndian)
    vouched_for = body_start not in (0, PREFIX_END)  # by file meta information before it
    if encoding is None or not (vouched_for or _plausible_start(body, encoding)):
        raise Invalid("The file is not a DICOM file: send a DICOM Part 10 file, or a bare DICOM data set.")
    if not transfer_syntax:
        transfer_syntax = _native_syntax(encoding)
        warnings.append("The file does not say its transfer syntax; it was read as what it looks like.")
    elif len(body) > 0 and encoding != _encoding_of(transfer_syntax):
        warnings.append("The data set is not encoded as its transfer syntax says; it was read as what it is.")
    return _DatasetReader(body, encoding, warnings).read(transfer_syntax)


def _file_meta(content: bytes, warnings: list[str]) -> tuple[int, str]:
    """Where the data set begins, and the transfer syntax UID ("" if not said) (PS3.10 7.1)."""
    start = PREFIX_END if content[128:PREFIX_END] == b"DICM" else 0
    if not start:
        warnings.append("The file has no DICM prefix (PS3.10 7.1); it was read as a bare data set.")
    stream = BytesIO(content)
    stream.seek(start)
    end = start
    transfer_syntax = ""
    explicit = content[start + 4 : start + 6] in VRS
    try:
        # Group 0002 is in Explicit VR Little Endian, though some writers use the implicit form.
        for element in data_element_generator(stream, not explicit, True, stop_when=lambda tag, *_: tag >> 16 != 2):
            end = stream.tell()
            if element.tag == 0x00020010 and isinstance(element.value, bytes):
                transfer_syntax = element.value.decode("ascii", "replace").rstrip("\0 ")
    except Exception:  # pydicom raises what it likes on broken input, and the rest of the file may still be good
        warnings.append("The file meta information is broken.")
    return end, transfer_syntax


def _encoding(body: memoryview, *, declared_little: bool) -> _Encoding | None:
    """How the data set is encoded, from its first element. None if it can't be told; an empty one is anything."""
    if len(body) == 0:
        return _Encoding(implicit=False, little_endian=declared_little)
    if len(body) < 8:
        return None
    # Groups begin low: one such as 0008 reads as 0800 in the wrong byte order.
    little, big = (int.from_bytes(body[:2], order) <= LAST_FIRST_GROUP for order in BYTE_ORDERS)
    little_endian = little if little != big else declared_little
    return _Encoding(implicit=bytes(body[4:6]) not in VRS, little_endian=little_endian)


def _plausible_start(body: memoryview, encoding: _Encoding) -> bool:
    """Whether bytes that no file meta vouches for begin like a data set: a low group, and a length that fits."""
    if len(body) < 8:
        return False
    order = "<" if encoding.little_endian else ">"
    group, _, length = struct.unpack_from(f"{order}HHL", body)
    if not encoding.implicit:
        (length,) = struct.unpack_from(f"{order}H", body, 6)
    fits = length <= len(body) - 8 or length == UNDEFINED_LENGTH
    return bool(group <= LAST_FIRST_GROUP and group % 2 == 0 and fits)


def _native_syntax(encoding: _Encoding) -> str:
    if encoding.implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if encoding.little_endian else ExplicitVRBigEndian


def _encoding_of(transfer_syntax: str) -> _Encoding:
    """Every transfer syntax but two is in Explicit VR Little Endian (PS3.5 A)."""
    return _Encoding(transfer_syntax == ImplicitVRLittleEndian, transfer_syntax != ExplicitVRBigEndian)


class _DatasetReader:
    """Reads a data set with pydicom's element reader, but for the pixel data: that is found here without a copy.

    pydicom looks for the end of encapsulated pixel data by its bytes, which may also occur within a compressed frame;
    here the fragments' own lengths lead to it.
    """

    def __init__(self, body: memoryview, encoding: _Encoding, warnings: list[str]) -> None:
        self.body = body
        self.encoding = encoding
        self.warnings = warnings
        self.stream = BytesIO(body)
        self.pixels: PixelElement | None = None

    def read(self, transfer_syntax: str) -> DicomFile:
        elements: dict[BaseTag, RawDataElement | DataElement] = {}
        try:
            self._read_elements(elements)
            while self._at_pixel_data():
                self._read_pixel_data()
                self._read_elements(elements)
        except Exception:  # pydicom raises what it likes on broken input; what was read until then is kept
            self.warnings.append(f"The file can't be read beyond byte {self.stream.tell()} of its data set.")
        dataset = Dataset(dict(sorted(elements.items())))
        dataset.set_original_encoding(self.encoding.implicit, self.encoding.little_endian, _character_set(elements))
        return DicomFile(dataset, transfer_syntax, self.encoding.little_endian, self.pixels, self.warnings)

    def _read_elements(self, elements: dict[BaseTag, RawDataElement | DataElement]) -> None:
        for element in data_element_generator(
            self.stream,
            self.encoding.implicit,
            self.encoding.little_endian,
            stop_when=lambda tag, *_: tag in PIXEL_DATA_TAGS,
        ):
            elements[element.tag] = element
            if isinstance(element, RawDataElement) and len(element.value or b"") < element.length < UNDEFINED_LENGTH:
                self.warnings.append(f"The file ends within the value of {element.tag}.")

    def _at_pixel_data(self) -> bool:
        # data_element_generator also ends at an item delimiter or at the end of the file.
        position = self.stream.tell()
        if len(self.body) - position < 8:
            return False
        group, element = struct.unpack_from("<HH" if self.encoding.little_endian else ">HH", self.body, position)
        return group << 16 | element in PIXEL_DATA_TAGS

    def _read_pixel_data(self) -> None:
        order = "<" if self.encoding.little_endian else ">"
        position = self.stream.tell()
        group, element = struct.unpack_from(f"{order}HH", self.body, position)
        vr = "OW" if self.encoding.implicit else bytes(self.body[position + 4 : position + 6]).decode("latin-1")
        if self.encoding.implicit:
            (length,) = struct.unpack_from(f"{order}L", self.body, position + 4)
            start = position + 8
        elif vr in EXPLICIT_VR_LENGTH_32:
            (length,) = struct.unpack_from(f"{order}L", self.body, position + 8)
            start = position + 12
        else:
            (length,) = struct.unpack_from(f"{order}H", self.body, position + 6)
            start = position + 8
        encapsulated = length == UNDEFINED_LENGTH
        end, after = self._fragments_end(start) if encapsulated else (start + length, start + length)
        if end > len(self.body):
            self.warnings.append("The file ends within its pixel data.")
        self.pixels = PixelElement(
            group << 16 | element, vr, self.body[start:end], self.encoding.little_endian, encapsulated
        )
        self.stream.seek(min(after, len(self.body)))

    def _fragments_end(self, start: int) -> tuple[int, int]:
        """Where the fragments end, and where what follows them begins (PS3.5 A.4: items, then a delimiter)."""
        position = start
        while position + 8 <= len(self.body):
            group, element, length = struct.unpack_from("<HHL", self.body, position)
            if (group, element) == (0xFFFE, 0xE0DD):
                return position, position + 8
            if (group, element) != (0xFFFE, 0xE000):
                self.warnings.append("The fragments of the pixel data have no end marker.")
                return position, position
            position += 8 + length
        self.warnings.append("The fragments of the pixel data have no end marker.")
        return len(self.body), len(self.body)


def _character_set(elements: dict[BaseTag, RawDataElement | DataElement]) -> list[str]:
    """Python's names of the Specific Character Set's encodings (PS3.3 C.12.1.1.2)."""
    element = elements.get(BaseTag(0x00080005))
    value = element.value if element is not None else None
    if not isinstance(value, bytes):
        return convert_encodings(None)
    return convert_encodings(value.decode("latin-1").strip(" \0").split("\\"))
