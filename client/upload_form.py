"""A form with a file, read from disk while it is sent."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from urllib3.filepost import encode_multipart_formdata

from client.api import ApiError

CHUNK_BYTES = 1 << 18


class UploadForm:
    """The body of an S3 POST: `fields` in their order, then the file, after which S3 reads nothing any more.

    To be gone through again for each try; `sent` is told how many of the file's bytes are on their way.
    """

    def __init__(self, fields: dict[str, str], file: Path, sent: Callable[[int], None]) -> None:
        boundary = uuid.uuid4().hex
        # The file has its own name elsewhere: here it would only be in logs.
        empty = ("file", ("file", b"", "application/octet-stream"))
        form, self.media_type = encode_multipart_formdata([*fields.items(), empty], boundary)
        end = len(form) - len(f"\r\n--{boundary}--\r\n")
        self._head, self._tail = form[:end], form[end:]
        self._file = file
        self._size = file.stat().st_size
        self._sent = sent

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        left = self._size
        with self._file.open("rb") as content:
            while left:
                chunk = content.read(min(left, CHUNK_BYTES))
                if not chunk:
                    raise ApiError(f"{self._file} became shorter while it was uploaded: upload it again.")
                left -= len(chunk)
                yield chunk
                self._sent(self._size - left)
        yield self._tail
