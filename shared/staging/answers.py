"""Answers too large for the gateway, kept in S3 for the client to fetch."""

import uuid

from staging import objects


def store(content: bytes | bytearray, media_type: str, disposition: str | None) -> str:
    """Stores `content` and gives a presigned URL that fetches it for ten minutes."""
    key = f"answers/{uuid.uuid4()}"
    headers = {"ContentDisposition": disposition} if disposition else {}
    objects.client().put_object(**objects.place(key), Body=content, ContentType=media_type, **headers)
    return objects.url(key)
