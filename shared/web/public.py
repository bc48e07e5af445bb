"""Answers that are the same for everybody. Caches may keep them, and revalidate them by their ETag (RFC 9111, RFC 9110
13.1.2).
"""

import hashlib
import zlib

import pybase64
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
from web.accept import accepts_gzip

MAX_AGE = 86400  # seconds; the dictionary changes with a deployment
GZIP = 16 + zlib.MAX_WBITS
TEXT = ("text/", "application/json", "image/svg+xml")


class Document:
    """A document ready to be sent. Text that is `kept` for later requests is compressed once."""

    def __init__(
        self,
        content: bytes,
        media_type: str = "application/json",
        *,
        kept: bool = True,
        cache_control: str = f"public, max-age={MAX_AGE}",
    ) -> None:
        self._media_type, self._cache_control = media_type, cache_control
        is_text = media_type.startswith(TEXT)
        compressed = zlib.compress(content, wbits=GZIP) if kept and is_text else b""
        self._body = content.decode() if is_text else pybase64.b64encode_as_string(content)
        self._is_base64, self._bytes = not is_text, len(content)
        self._base64, self._compressed_bytes = pybase64.b64encode_as_string(compressed), len(compressed)
        # Weak, as the compressed content has the same tag.
        self._etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'

    def answer(self, event: APIGatewayProxyEvent) -> Response[str]:
        """200 with the document, or 304 if the client has it already."""
        headers: dict[str, str | list[str]] = {
            "Cache-Control": self._cache_control,
            "ETag": self._etag,
            # Answers to pages of other origins have CORS headers.
            "Vary": "Accept-Encoding, Origin",
        }
        if self._is_known(event.headers.get("If-None-Match") or ""):
            return Response(304, None, "", headers)
        compressed = bool(self._base64) and accepts_gzip(event)
        tally.add("OutBytes", self._compressed_bytes if compressed else self._bytes)
        if compressed:
            headers["Content-Encoding"] = "gzip"
        answer = Response(200, self._media_type, self._base64 if compressed else self._body, headers)
        answer.base64_encoded = compressed or self._is_base64
        return answer

    def _is_known(self, if_none_match: str) -> bool:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return bool(tags & {self._etag.removeprefix("W/"), "*"})
