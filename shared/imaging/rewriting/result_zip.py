"""A zip of results that is written in order, by one worker or by several: files, their report, the directory."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Write = Callable[[bytes], object]

REPORT = "report.json"
LEVEL = 1  # of deflate: uncompressed pixel data halves, at several times the speed of the usual level
CHUNK_BYTES = 1 << 20
SIZES_FOLLOW = 0x08  # flag: checksum and sizes come after the content (APPNOTE.TXT 4.3.9)
DESCRIPTOR = 0x08074B50
DATED = 1.05  # as zipfile: deflate may add to what it can't compress


@dataclass(frozen=True)
class Entry:
    """A file in the zip, from its header at `offset` to `stop`. `packed` and `size`: bytes of its content."""

    name: str
    offset: int
    checksum: int
    packed: int
    size: int
    stop: int

    def info(self, start: int) -> zipfile.ZipInfo:
        """Its line in the directory of a zip in which the offsets count from `start`."""
        info = _info(self.name, self.size)
        info.header_offset = start + self.offset
        info.CRC, info.compress_size, info.flag_bits = self.checksum, self.packed, SIZES_FOLLOW
        return info


def add_file(name: str, parts: Sequence[bytes | memoryview], offset: int, write: Write) -> Entry:
    """Writes a file, of which `parts` are the content, at `offset`, deflated while it is written."""
    size = sum(memoryview(part).nbytes for part in parts)
    info = _info(name, size)
    info.flag_bits = SIZES_FOLLOW
    long = size * DATED > zipfile.ZIP64_LIMIT
    checksum = packed = 0
    deflator = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    header = info.FileHeader(long)
    write(header)
    for chunk in _chunks(parts):
        checksum = zlib.crc32(chunk, checksum)
        deflated = deflator.compress(chunk)
        packed += len(deflated)
        write(deflated)
    rest = deflator.flush()
    packed += len(rest)
    descriptor = struct.pack("<LLQQ" if long else "<LLLL", DESCRIPTOR, checksum, packed, size)
    write(rest + descriptor)
    return Entry(name, offset, checksum, packed, size, offset + len(header) + packed + len(descriptor))


def finish(
    files: Iterable[zipfile.ZipInfo], report: Iterable[bytes], report_size: int, position: int, write: Write
) -> None:
    """Writes the report, and the directory of it and of the files that were written before `position`."""
    with zipfile.ZipFile(_Sink(write, position), "w") as archive:
        for info in files:
            archive.filelist.append(info)
        with archive.open(_info(REPORT, report_size), "w") as opened:
            for chunk in report:
                opened.write(chunk)


def _info(name: str, size: int) -> zipfile.ZipInfo:
    """A file with the date of 1980, as nothing says when it was made."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.file_size = size
    return info


def _chunks(parts: Sequence[bytes | memoryview]) -> Iterable[memoryview]:
    for part in parts:
        content = memoryview(part).cast("B")
        for start in range(0, len(content), CHUNK_BYTES):
            yield content[start : start + CHUNK_BYTES]


class _Sink(io.RawIOBase):
    """A file that goes on at `position`, and can only be written."""

    def __init__(self, write: Write, position: int) -> None:
        super().__init__()
        self._write = write
        self._position = position

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, content: Any) -> int:
        self._write(bytes(content))
        self._position += len(content)
        return len(content)
