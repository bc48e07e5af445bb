"""Zip archives of DICOM files: their members, with everything refused that a hostile archive can do."""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PureWindowsPath

from problems import Invalid

MAX_MEMBERS = 5000
MAX_TOTAL_BYTES = 512 * 1024 * 1024
# Deflate's best is 1,032 to 1. Blank frames come near it, so a high ratio alone is refused only where the sum is large.
SUSPECT_TOTAL_BYTES = 64 * 1024 * 1024
SUSPECT_RATIO = 200
CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file in the archive, in its order. Raises Invalid if it can't be read or trusted."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
            _check(infos, len(content))
            for info in infos:
                yield info.filename, _member(archive, info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Invalid(f"The file is not a readable zip archive ({type(error).__name__}).") from None


def _check(infos: list[zipfile.ZipInfo], size: int) -> None:
    if not infos:
        raise Invalid("The zip archive is empty: put a DICOM file into it.")
    if len(infos) > MAX_MEMBERS:
        raise Invalid(f"The zip archive has more than {MAX_MEMBERS} files.")
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES or (total > SUSPECT_TOTAL_BYTES and total > size * SUSPECT_RATIO):
        raise Invalid("The zip archive grows too large when it is unpacked.")
    for info in infos:
        if info.flag_bits & 0x1:
            raise Invalid("The zip archive has an encrypted member: send it unencrypted.")
        path = info.orig_filename.replace("\\", "/")
        if path.startswith("/") or PureWindowsPath(path).drive or ".." in path.split("/"):
            raise Invalid("The zip archive has a member with an absolute or parent path.")
        if path.lower().endswith(".zip"):
            raise Invalid("The zip archive has another one in it: send the inner one.")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise Invalid("The zip archive has a member that is larger than it says.")
    if content[:4] == b"PK\x03\x04":
        raise Invalid("The zip archive has another one in it: send the inner one.")
    return content


def _is_clutter(name: str) -> bool:
    return name.startswith(CLUTTER[0]) or name.rpartition("/")[2] in CLUTTER[1:]
