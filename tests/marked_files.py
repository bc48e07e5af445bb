"""Valid and broken files that hold a mark everywhere. A log that has the mark in it has leaked their content."""

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.dicom_bytes import EXPLICIT, UNDEFINED, element, file_of, item

MARK = "qzmarkzq"
BYTES = MARK.encode()

VRS = re.findall("..", "AEASATCSDADSDTFDFLISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUVZZ")
# JPEG, lossless JPEG, JPEG-LS, JPEG 2000, HTJ2K, JPEG XL, RLE, deflated frames, and an unknown one.
COMPRESSED = ["4.50", "4.51", "4.57", "4.70", "4.80", "4.90", "4.91", "4.201", "4.110", "5", "8.1", "99"]


def is_in(log: str) -> bool:
    """Whether the log has the mark in it as text (in any case), hexadecimal or base64."""
    # Base64 has three forms of it, one for each offset modulo 3. Their ends depend on the bytes beside the mark.
    in_base64 = [base64.b64encode(bytes(place) + BYTES)[4:8].decode() for place in range(3)]
    return any(form in log.lower() for form in (MARK, BYTES.hex())) or any(form in log for form in in_base64)


def dicom_file(*more: bytes, syntax: str = EXPLICIT, pixels: bytes = b"") -> bytes:
    """A file with the mark in a value of each VR, in a sequence and in the pixels, and with `more` elements."""
    image = [
        element(0x00280002, "US", b"\1\0"),
        element(0x00280004, "CS", b"MONOCHROME2 "),
        element(0x00280010, "US", b"\x08\0"),
        element(0x00280011, "US", b"\x08\0"),
        *(element(0x00280000 | number, "US", value) for number, value in enumerate((b"\x08\0", b"\x08\0"), 0x100)),
        element(0x00280102, "US", b"\7\0"),
        element(0x00280103, "US", b"\0\0"),
    ]
    nested = element(0x00400275, "SQ", item(element(0x00100010, "PN", BYTES) + element(0x00104000, "LT", BYTES)))
    private = [element(0x00290010, "LO", BYTES)]
    private += [element(0x00291000 + number, vr, BYTES) for number, vr in enumerate(VRS)]
    person = [element(tag, vr, BYTES) for tag, vr in ((0x00100010, "PN"), (0x00100020, "LO"), (0x00100030, "DA"))]
    return file_of(
        *person, *image, *private, *more, nested, pixels or element(0x7FE00010, "OB", BYTES * 8), syntax=syntax
    )


def dicom_files() -> Iterator[bytes]:
    """A valid file, and many kinds of broken ones."""
    whole = dicom_file()
    yield whole
    yield BYTES * 100
    yield whole[132:]
    for end in range(150, len(whole), 61):
        yield whole[:end]
    for tag, vr in ((0x00281050, "DS"), (0x00281052, "DS"), (0x00280008, "IS"), (0x00080005, "CS"), (0x00280034, "IS")):
        yield file_of(element(tag, vr, BYTES), dicom_file()[156:])
        yield dicom_file(element(tag, vr, BYTES))
    for length in (3, 5, 0xFFFE, UNDEFINED):
        yield dicom_file(element(0x00400254, "UT", BYTES, length))
        yield dicom_file(element(0x00400275, "SQ", BYTES, length))
    for number in COMPRESSED:
        stream = element(0x7FE00010, "OB", b"", UNDEFINED) + item(b"") + item(b"\xff\xd8\xff\xe0" + BYTES * 8)
        yield dicom_file(syntax=f"1.2.840.10008.1.2.{number}", pixels=stream)


def archives() -> Iterator[bytes]:
    """Zips of these files and of others, and bytes that are no zip."""
    for names in (
        [f"{MARK}.dcm"],
        [f"{MARK}1.dcm", f"{MARK}2.dcm"],
        [f"../{MARK}.dcm"],
        [f"{MARK}.txt"],
        [f"{MARK}.zip"],
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = BYTES
            archive.writestr(f"{MARK}-notes.txt", BYTES)
            for name in names:
                archive.writestr(name, BYTES if name.endswith("txt") else dicom_file())
        yield file.getvalue()
    yield file.getvalue()[:-30]
    yield BYTES * 20


def pictures() -> Iterator[bytes]:
    """Valid and broken PNGs and JPEGs with the mark in text, comments and EXIF."""
    image = Image.fromarray(np.frombuffer(BYTES * 32, np.uint8).reshape(16, 16))
    text = PngInfo()
    text.add_text(MARK, MARK)
    text.add_itxt(MARK, MARK, zip=True)
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = MARK
    for picture_format, more in (("PNG", {"pnginfo": text}), ("JPEG", {"exif": exif, "comment": BYTES})):
        yield from _broken(image, picture_format, more)
    yield BYTES * 20


def _broken(image: Image.Image, picture_format: str, more: dict[str, Any]) -> Iterator[bytes]:
    file = io.BytesIO()
    image.save(file, picture_format, **more)
    whole = file.getvalue()
    yield whole
    for end in range(10, len(whole), 37):
        yield whole[:end]
    for start in range(20, len(whole), 53):
        yield whole[:start] + BYTES + whole[start + len(BYTES) :]
