"""Files to send: from a path, bytes, or a file object."""

import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

File = str | os.PathLike[str] | bytes | BinaryIO


@dataclass(frozen=True)
class Source:
    """A file that can be sent again from its beginning. `size` is in bytes."""

    name: str
    size: int
    open: Callable[[], AbstractContextManager[BinaryIO]]


def source(file: File, name: str | None, unnamed: str) -> Source:
    """`name` replaces the file's own, and `unnamed` is for a file without a name. Raises OSError."""
    if isinstance(file, bytes):
        return Source(name or unnamed, len(file), lambda: io.BytesIO(file))
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        with path.open("rb"):  # fails before anything is sent if it can't be read
            return Source(name or path.name, path.stat().st_size, lambda: path.open("rb"))
    size = file.seek(0, os.SEEK_END)
    own = getattr(file, "name", None)
    return Source(name or (Path(own).name if isinstance(own, str) else unnamed), size, lambda: nullcontext(file))


class Sending(io.RawIOBase):
    """A file that reports to `sent` how many of its bytes were sent."""

    def __init__(self, content: BinaryIO, size: int, sent: Callable[[int], None]) -> None:
        self._content = content
        self._size = size
        self._sent = sent
        self._content.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._content.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:  # its size when the request began, even if it has grown since
            return self._content.seek(self._size + offset)
        return self._content.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        left = self._size - self.tell()
        chunk = self._content.read(left if size < 0 else min(left, size))
        if left and size and not chunk:
            raise OSError(
                f"{getattr(self._content, 'name', 'The file')} became shorter while it was sent: send it again."
            )
        self._sent(self.tell())
        return chunk

    def stream(self) -> BinaryIO:
        return cast(BinaryIO, self)
