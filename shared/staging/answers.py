"""Answers too large for the gateway, kept in S3 for the client to fetch."""

import os
import uuid
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

URL_SECONDS = 600


@cache
def _s3() -> "S3Client":
    # Regional, virtual-hosted addresses: a presigned URL of the global endpoint answers with a redirect at first.
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "auto"}))


def store(content: bytes, media_type: str, disposition: str | None) -> str:
    """Stores `content` and gives a presigned URL that fetches it for ten minutes."""
    place = {"Bucket": os.environ["STAGING_BUCKET"], "Key": f"answers/{uuid.uuid4()}"}
    headers = {"ContentDisposition": disposition} if disposition else {}
    _s3().put_object(**place, Body=content, ContentType=media_type, **headers)  # type: ignore[arg-type]
    return _s3().generate_presigned_url("get_object", Params=place, ExpiresIn=URL_SECONDS)
