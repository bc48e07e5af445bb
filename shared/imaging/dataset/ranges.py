"""A file of which only some ranges are available."""

import errno
import io
from collections.abc import Sequence


class Ranges(io.RawIOBase):
    """Reads like the file of `size` bytes, within the available ranges, each given as its start and its bytes.

    Bytes between them read as zeros.
    """

    def __init__(self, size: int, ranges: Sequence[tuple[int, bytes | memoryview]]) -> None:
        self.size = size
        self.ranges = ranges
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "The position is before the beginning.")  # as files do, which zipfile relies on
        self.position = start + offset
        return self.position

    def tell(self) -> int:
        return self.position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed has a wider type, readers do not
        count = max(0, min(len(buffer), self.size - self.position))
        for start, content in self.ranges:
            if start <= self.position < start + len(content):
                part = content[self.position - start :][:count]
                buffer[: len(part)] = part
                self.position += len(part)
                return len(part)
        count = min([count, *(start - self.position for start, _ in self.ranges if start > self.position)])
        buffer[:count] = bytes(count)
        self.position += count
        return count
