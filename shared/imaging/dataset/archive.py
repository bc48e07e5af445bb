"""Zip archives of DICOM files. Whatever a hostile archive could do is refused."""

import mmap
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import pairwise
from pathlib import PureWindowsPath
from typing import IO

from imaging.dataset.ranges import Ranges
from problems import Invalid, Problem

MAX_MEMBERS = 5000
MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_STAGED_BYTES = 16 << 30  # of an upload whose members are opened one at a time
# Deflate's best is 1,032 to 1. Blank frames come near it, so a high ratio alone is refused only where the sum is large.
SUSPECT_TOTAL_BYTES = 64 * 1024 * 1024
SUSPECT_RATIO = 200
# A directory of so many files is larger only if their names are absurdly long.
MAX_DIRECTORY_BYTES = MAX_MEMBERS * 1000
# What all programs write. The decompressors of other methods take as much memory as the archive asks for.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")

IN_MEMORY_BYTES = 64 * 1024 * 1024  # of a member; a larger one is inflated into a file


class Refused(Invalid):
    """The archive is not to be trusted, so no member of it is read."""


@contextmanager
def opened(content: Ranges, most: int = MAX_TOTAL_BYTES) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """The archive and its files, in its order. `most`: how many bytes they may have together when unpacked.

    Raises Invalid if it can't be read or trusted.
    """
    if not content.size:
        raise Invalid("The file is empty: send a zip archive with DICOM files.")
    with _broken_is_invalid("The file is not a readable zip archive: pack the files again."):
        file = BufferedReader(content)
        _check_directory(file)
        archive = zipfile.ZipFile(file)
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
        _check(infos, content.size, most)
        yield archive, infos


def places(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], size: int) -> tuple[list[slice], slice]:
    """The places of the files, and of their directory, in the archive of `size` bytes."""
    stops = sorted({info.header_offset for info in infos} | {archive.start_dir})
    after = dict(pairwise(stops))
    found = [slice(info.header_offset, after.get(info.header_offset, archive.start_dir)) for info in infos]
    return found, slice(archive.start_dir, size)


def groups(infos: list[zipfile.ZipInfo], found: list[slice], most: int) -> Iterator[list[int]]:
    """The numbers of consecutive files, in groups of at most `most` bytes, or of one file. `found`: their places."""
    group: list[int] = []
    start, stop = around(found[:1])
    unpacked = 0
    for number, (info, place) in enumerate(zip(infos, found, strict=True)):
        start, stop = around([slice(start, stop), place])
        unpacked += info.file_size
        if group and max(stop - start, unpacked) > most:
            yield group
            group, start, stop, unpacked = [], place.start, place.stop, info.file_size
        group.append(number)
    yield group


def around(found: list[slice]) -> tuple[int, int]:
    """The range that holds these places."""
    return min(place.start for place in found), max(place.stop for place in found)


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> memoryview:
    """The bytes of a file in the archive. Raises Invalid if it is not what the directory says."""
    with _opened(archive, info) as file:
        if info.file_size <= IN_MEMORY_BYTES:
            content = memoryview(file.read())
        else:
            with tempfile.TemporaryFile() as unpacked:
                shutil.copyfileobj(file, unpacked, 1 << 20)
                unpacked.flush()
                content = memoryview(mmap.mmap(unpacked.fileno(), 0, access=mmap.ACCESS_READ))
    _refuse_nested(info, content)
    return content


def beginning(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    """The first `size` bytes of a file in the archive, or all that it has. Raises Invalid if it can't be unpacked."""
    with _opened(archive, info) as file:
        head = file.read(size)
    _refuse_nested(info, head)
    return head


@contextmanager
def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    if info.compress_type not in METHODS:
        raise Invalid("The zip archive has a member that is not packed by deflate: pack the files again.")
    with (
        _broken_is_invalid("The zip archive has a member that can't be unpacked: pack the files again."),
        archive.open(info) as file,
    ):
        yield file


@contextmanager
def _broken_is_invalid(message: str) -> Iterator[None]:
    """Turns whatever zipfile and its decompressors raise on malformed bytes, MemoryError included, into Invalid."""
    try:
        yield
    except Problem:
        raise
    except Exception:
        raise Invalid(message) from None


def _check_directory(file: IO[bytes]) -> None:
    """Refuses a directory that would take long to read, at the place where zipfile would look for it."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end and end[zipfile._ECD_SIZE] > MAX_DIRECTORY_BYTES:  # type: ignore[attr-defined]
        raise Refused(f"The zip archive has more than {MAX_MEMBERS} files.")


def _check(infos: list[zipfile.ZipInfo], size: int, most: int) -> None:
    if not infos:
        raise Refused("The zip archive is empty: put a DICOM file into it.")
    if len(infos) > MAX_MEMBERS:
        raise Refused(f"The zip archive has more than {MAX_MEMBERS} files.")
    total = sum(info.file_size for info in infos)
    if total > most or (total > SUSPECT_TOTAL_BYTES and total > size * SUSPECT_RATIO):
        raise Refused("The zip archive grows too large when it is unpacked.")
    for info in infos:
        if info.flag_bits & 0x1:
            raise Refused("The zip archive has an encrypted member: send it unencrypted.")
        path = info.orig_filename.replace("\\", "/")
        if path.startswith("/") or PureWindowsPath(path).drive or ".." in path.split("/"):
            raise Refused("The zip archive has a member with an absolute or parent path.")
        if path.lower().endswith(".zip"):
            raise _nested(info)


def _refuse_nested(info: zipfile.ZipInfo, content: bytes | memoryview) -> None:
    """Raises Refused for an archive within the archive, whatever its name is."""
    if content[:4] == b"PK\x03\x04":
        raise _nested(info)


def _nested(info: zipfile.ZipInfo) -> Refused:
    return Refused(f"The zip archive has another one in it, {info.filename!r}: take it out, and send it by itself.")


def _is_clutter(name: str) -> bool:
    return name.startswith(CLUTTER[0]) or name.rpartition("/")[2] in CLUTTER[1:]
