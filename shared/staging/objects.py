"""Objects in the staging bucket: read whole or by ranges, and presigned for clients to send and fetch them."""

import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Literal, NamedTuple

from botocore.config import Config
from botocore.exceptions import ClientError

from tables import CONNECTION

URL_SECONDS = 600
DELETED_AT_ONCE = 1000  # S3's limit for one request
REQUESTS_AT_ONCE = 8  # S3 answers each after tens of milliseconds, whatever its size
CHUNK_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 64 * 1024 * 1024


@cache
def client() -> Any:
    # Regional addresses with the bucket in the host name: a presigned URL of the global address may redirect while the
    # bucket is new. An emulated S3 has no such host names.
    style: Literal["auto", "virtual"] = "auto" if "AWS_ENDPOINT_URL" in os.environ else "virtual"
    # From the session of the tables, as importing boto3 would add 0.1 s to every cold start. If S3 can't be reached,
    # the connection times out early enough for an answer; reading an answer may take a minute.
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": style},
        connect_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return CONNECTION.session.create_client("s3", config=config)


def place(key: str) -> dict[str, str]:
    """The object's bucket and key, as S3's requests have them."""
    return {"Bucket": os.environ["STAGING_BUCKET"], "Key": key}


def url(key: str) -> str:
    """A presigned URL that fetches the object for ten minutes."""
    presigned: str = client().generate_presigned_url("get_object", Params=place(key), ExpiresIn=URL_SECONDS)
    return presigned


def form(key: str, media_type: str, max_bytes: int, seconds: int) -> dict[str, Any]:
    """{"url", "fields"}: a form by which a client may send this object, 1 to `max_bytes` large, for some seconds."""
    return dict(
        client().generate_presigned_post(
            **place(key),
            Fields={"Content-Type": media_type},
            Conditions=[{"Content-Type": media_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
    )


def read(key: str) -> bytes:
    content: bytes = client().get_object(**place(key))["Body"].read()
    return content


def chunks(key: str, start: int) -> Iterator[bytes]:
    """The object's bytes from `start` up to its end, of which there has to be one."""
    yield from client().get_object(**place(key), Range=f"bytes={start}-")["Body"].iter_chunks(CHUNK_BYTES)


def write(key: str, content: bytes) -> None:
    client().put_object(**place(key), Body=content)


def delete(keys: Sequence[str]) -> None:
    """Deletes the objects; missing ones are no error."""
    for start in range(0, len(keys), DELETED_AT_ONCE):
        listed = [{"Key": key} for key in keys[start : start + DELETED_AT_ONCE]]
        answer = client().delete_objects(Bucket=os.environ["STAGING_BUCKET"], Delete={"Objects": listed, "Quiet": True})
        if answer.get("Errors"):
            raise OSError("S3 did not delete all objects.")


def read_all(keys: Iterable[str]) -> list[bytes]:
    """The objects' contents, in order."""
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return list(pool.map(read, keys))


class Version(NamedTuple):
    """An object at one moment: its ETag, which reads require, and a checksum of its content.

    Under a KMS key, the same content has another ETag after each upload.
    """

    etag: str
    content: str


class Overwritten(Exception):
    """The object has another ETag now."""


def version(key: str) -> Version:
    head = client().head_object(**place(key), ChecksumMode="ENABLED")
    # S3 computes this checksum for every upload; other implementations may have none.
    checksum = head.get("ChecksumCRC64NVME")
    return Version(head["ETag"], f"{checksum} {head['ContentLength']}" if checksum else head["ETag"])


def download(key: str, etag: str, **headers: str) -> memoryview:
    """The object with this `etag`, on disk. Raises Overwritten."""
    with tempfile.TemporaryFile() as file:
        for chunk in _body(key, etag, **headers).iter_chunks(CHUNK_BYTES):
            file.write(chunk)
        if not file.tell():
            return memoryview(b"")  # which cannot be mapped
        file.flush()
        # The file is deleted when the last reference to it is gone.
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def read_ranges(key: str, etag: str, spans: Iterable[tuple[int, int]]) -> list[memoryview]:
    """The object's bytes from `start` up to `end`, for each span. Raises Overwritten."""

    def read_range(span: tuple[int, int]) -> memoryview:
        start, end = span
        if start == end:
            return memoryview(b"")  # for which HTTP has no range
        place = {"Range": f"bytes={start}-{end - 1}"}
        if end - start > IN_MEMORY_BYTES:  # one large member of an archive, say
            return download(key, etag, **place)
        return memoryview(_body(key, etag, **place).read())

    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return list(pool.map(read_range, spans))


def is_refused(error: ClientError) -> bool:
    """Whether S3 refused a request because its condition does not hold."""
    return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 412)


def _body(key: str, etag: str, **headers: str) -> Any:
    try:
        return client().get_object(**place(key), IfMatch=etag, **headers)["Body"]
    except ClientError as error:
        if not is_refused(error):
            raise
        raise Overwritten from None
