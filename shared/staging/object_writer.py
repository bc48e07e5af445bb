"""Writes an S3 object while its content is being made."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Self

from botocore.exceptions import ClientError

from staging import objects

MIN_PART_BYTES = 5 * 1024 * 1024  # S3's limit for each part of an upload but the last
PART_BYTES = 8 * 1024 * 1024


class ObjectWriter:
    """`write` and `copy` add content in order. The object appears, whole, when the context ends without an exception.

    Otherwise the bucket's lifecycle rule deletes what was uploaded.
    """

    def __init__(self, key: str, *, only_new: bool = False, **headers: str) -> None:
        """`only_new`: an existing object of this key is kept. `headers`: ContentType and the like."""
        self.size = 0
        self._place = objects.place(key)
        self._headers = headers
        self._only_new = only_new
        self._buffer = bytearray()
        self._upload: dict[str, str] = {}
        self._parts: list[Callable[[], dict[str, str]]] = []
        # S3 makes the copies; a thousand of them one after another would take minutes.
        self._copies = ThreadPoolExecutor(objects.REQUESTS_AT_ONCE)

    def write(self, content: bytes | memoryview) -> None:
        self.size += len(content)
        with memoryview(content) as left:
            at = 0
            while at < len(left):
                room = PART_BYTES - len(self._buffer)
                self._buffer += left[at : at + room]
                at += room
                if len(self._buffer) == PART_BYTES:
                    self._flush()

    def copy(self, key: str, size: int) -> None:
        """Adds the object `key` of `size` bytes. S3 itself copies most of a large one."""
        # What was written before must become a part first.
        start = max(0, MIN_PART_BYTES - len(self._buffer)) if self._buffer else 0
        if size - start < MIN_PART_BYTES:
            self._write_range(key, size)
            return
        self._write_range(key, start)
        self._flush()
        source = {"CopySource": objects.place(key), "CopySourceRange": f"bytes={start}-{size - 1}"}
        self._parts.append(self._copies.submit(_copy_part, {**self._next_part(), **source}).result)
        self.size += size - start

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None:
                self._close({"IfNoneMatch": "*"} if self._only_new else {})
        finally:
            self._copies.shutdown()

    def _close(self, condition: dict[str, str]) -> None:
        try:
            if self._upload:
                self._complete(condition)
            else:
                objects.client().put_object(**self._place, **self._headers, **condition, Body=self._buffer)
        except ClientError as refusal:
            if not (condition and objects.is_refused(refusal)):
                raise

    def _complete(self, condition: dict[str, str]) -> None:
        self._flush()
        parts = [{"PartNumber": number, **part()} for number, part in enumerate(self._parts, 1)]
        objects.client().complete_multipart_upload(**self._upload, **condition, MultipartUpload={"Parts": parts})

    def _write_range(self, key: str, size: int) -> None:
        """Adds the first `size` bytes of the object `key`."""
        if not size:
            return  # there is no range for nothing
        body = objects.client().get_object(**objects.place(key), Range=f"bytes=0-{size - 1}")["Body"]
        for chunk in body.iter_chunks(objects.CHUNK_BYTES):
            self.write(chunk)

    def _flush(self) -> None:
        if self._buffer:
            part = objects.client().upload_part(**self._next_part(), Body=self._buffer, ChecksumAlgorithm="CRC32")
            self._parts.append(partial(_receipt, part))
            self._buffer = bytearray()

    def _next_part(self) -> dict[str, Any]:
        if not self._upload:
            created = objects.client().create_multipart_upload(
                **self._place, **self._headers, ChecksumAlgorithm="CRC32"
            )
            self._upload = {**self._place, "UploadId": created["UploadId"]}
        return {**self._upload, "PartNumber": len(self._parts) + 1}


def _copy_part(request: dict[str, Any]) -> dict[str, str]:
    return _receipt(objects.client().upload_part_copy(**request)["CopyPartResult"])


def _receipt(part: Mapping[str, str]) -> dict[str, str]:
    """What S3 needs to know of a part to complete the upload."""
    return {name: part[name] for name in ("ETag", "ChecksumCRC32") if name in part}
