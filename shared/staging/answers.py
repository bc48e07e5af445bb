"""Answers too large for the gateway, kept in S3 for the client to fetch."""

import os
import uuid
from functools import cache
from typing import Any

from botocore.config import Config

from tables import CONNECTION

URL_SECONDS = 600


@cache
def _s3() -> Any:
    # Regional, virtual-hosted addresses: a presigned URL of the global endpoint answers with a redirect at first.
    # From the session that the tables have already: importing boto3 would take every cold start 0.1 s more.
    return CONNECTION.session.create_client(
        "s3", config=Config(signature_version="s3v4", s3={"addressing_style": "auto"})
    )


def store(content: bytes, media_type: str, disposition: str | None) -> str:
    """Stores `content` and gives a presigned URL that fetches it for ten minutes."""
    place = {"Bucket": os.environ["STAGING_BUCKET"], "Key": f"answers/{uuid.uuid4()}"}
    headers = {"ContentDisposition": disposition} if disposition else {}
    _s3().put_object(**place, Body=content, ContentType=media_type, **headers)
    url: str = _s3().generate_presigned_url("get_object", Params=place, ExpiresIn=URL_SECONDS)
    return url
