"""Answers that are the same for everybody: caches may keep them, and ask by their ETag whether they still hold.

RFC 9111, and RFC 9110 13.1.2.
"""

import hashlib
import zlib
from typing import Any

import orjson
import pybase64
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
from web.accept import accepts_gzip

MAX_AGE = 86400  # seconds; the dictionary changes with a deployment
GZIP = 16 + zlib.MAX_WBITS


class Document:
    """A JSON document as it goes out: as text, and compressed if it is `kept` for requests to come."""

    def __init__(self, body: dict[str, Any], *, kept: bool) -> None:
        content = orjson.dumps(body)
        compressed = zlib.compress(content, wbits=GZIP) if kept else b""
        self._text, self._bytes = content.decode(), len(content)
        self._base64, self._compressed_bytes = pybase64.b64encode_as_string(compressed), len(compressed)
        # Weak, as it is the same for the text and for what is compressed.
        self._etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'

    def answer(self, event: APIGatewayProxyEvent) -> Response[str]:
        """200 with the document, or 304 if the client has it already."""
        headers: dict[str, str | list[str]] = {
            "Cache-Control": f"public, max-age={MAX_AGE}",
            "ETag": self._etag,
            # The answer to a page of another origin has headers (CORS) that others lack.
            "Vary": "Accept-Encoding, Origin",
        }
        if self._is_known(event.headers.get("If-None-Match") or ""):
            return Response(304, None, "", headers)
        if not self._base64 or not accepts_gzip(event):
            tally.add("OutBytes", self._bytes)
            return Response(200, "application/json", self._text, headers)
        tally.add("OutBytes", self._compressed_bytes)
        answer = Response(200, "application/json", self._base64, {**headers, "Content-Encoding": "gzip"})
        answer.base64_encoded = True
        return answer

    def _is_known(self, if_none_match: str) -> bool:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return bool(tags & {self._etag.removeprefix("W/"), "*"})
