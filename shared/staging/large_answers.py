"""Answers that are too large for the gateway, stored in S3 for the client to fetch."""

import uuid

from staging import objects


def store(content: bytes | bytearray, media_type: str, disposition: str | None) -> str:
    """Stores `content` and gives a presigned URL that fetches it for ten minutes."""
    key = f"answers/{uuid.uuid4()}"
    headers = {"ContentType": media_type, "CacheControl": "no-store"}
    if disposition:
        headers["ContentDisposition"] = disposition
    objects.client().put_object(**objects.place(key), **headers, Body=content)
    return objects.url(key)
