"""What an upload is, by its name and, where that leaves it open, by its content."""

from problems import Invalid

# A browser's `blob`, a CD's `IM000001`, Siemens' .ima.
DICOM_EXTENSIONS = ("dcm", "dicom", "dic", "ima")
ZIP_EXTENSION = "zip"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")  # APPNOTE.TXT 4.3.7, and 4.3.16 of an empty one


def extension(file_name: str) -> str:
    """What follows the name's last dot, in lower case; empty if nothing does, or a number, as in the name of a UID."""
    _, dot, after = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    return "" if not dot or after.isdecimal() else after.lower()


def may_be_dicom(file_name: str) -> bool:
    """Whether the name is one of a DICOM file or a zip, or leaves that to the content."""
    return extension(file_name) in ("", *DICOM_EXTENSIONS, ZIP_EXTENSION)


def is_archive(file_name: str, content: bytes | memoryview) -> bool:
    """Whether it is a zip, and not one DICOM file. Raises Invalid if the name says that it is neither."""
    if not may_be_dicom(file_name):
        why = "Send the file under a name that ends in .dcm, .DCM or .zip, or has no extension."
        raise Invalid(f"The file's name says that it is no DICOM file. {why}", fields={"file": why})
    if extension(file_name) == ZIP_EXTENSION:
        return True
    # A preamble may be anything, the beginning of a zip included (PS3.10 7.1).
    return bytes(content[128:132]) != b"DICM" and bytes(content[:4]) in ZIP_STARTS
