"""What S3 checks of a presigned URL, and of a request without credentials. moto serves them all.

An SDK's own signature, in the Authorization header, is not looked at: whoever runs the local AWS may do everything.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from local import signatures
from local.refused import Refused, wrong_signature

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SDK = "AWS4-HMAC-SHA256 Credential="
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
URL_FIELDS = ("Algorithm", "Credential", "Signature", "Date", "SignedHeaders", "Expires")
WEEK = 604_800  # seconds


def check(environ: "WSGIEnvironment") -> None:
    """Raises Refused. Forms bring their credentials in the body: see presigned_form."""
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    authorization = environ.get("HTTP_AUTHORIZATION")
    if environ["REQUEST_METHOD"] == "OPTIONS":  # a browser asks without credentials
        return
    if ("X-Amz-Algorithm" in query) + ("Signature" in query) + (authorization is not None) > 1:
        raise Refused(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter or the Authorization header should be specified",
        )
    if "X-Amz-Algorithm" in query:
        _check_url(environ, query)
    elif "Signature" in query:
        raise Refused(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )
    elif authorization is not None:
        if not authorization.startswith(SDK):
            raise Refused(400, "InvalidArgument", "Unsupported Authorization Type")
    elif not _is_form(environ):
        raise Refused(403, "AccessDenied", "Access Denied")


def _is_form(environ: "WSGIEnvironment") -> bool:
    is_multipart = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
    return bool(environ["REQUEST_METHOD"] == "POST" and is_multipart)


def _check_url(environ: "WSGIEnvironment", query: Mapping[str, str]) -> None:
    names = [f"X-Amz-{name}" for name in URL_FIELDS]
    if any(name not in query for name in names):
        raise _bad_query(f"Query-string authentication version 4 requires the {', '.join(names)} parameters.")
    if not re.fullmatch("[0-9]+", query["X-Amz-Expires"]):
        raise _bad_query("X-Amz-Expires should be a number")
    if len(query["X-Amz-Expires"]) > len(str(WEEK)) or int(query["X-Amz-Expires"]) > WEEK:
        raise _bad_query(f"X-Amz-Expires must be less than a week (in seconds), {WEEK}")
    try:
        signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
    except ValueError:
        raise _bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"") from None
    age = datetime.now(UTC) - signed
    if age > timedelta(seconds=int(query["X-Amz-Expires"])):
        raise Refused(403, "AccessDenied", "Request has expired")
    if age < -timedelta(minutes=15):  # as far as clocks may differ
        raise Refused(403, "AccessDenied", "Request is not yet valid")
    headers = {name: _header(environ, name) for name in query["X-Amz-SignedHeaders"].split(";")}
    path = environ["RAW_URI"].partition("?")[0]
    if not signatures.is_of_url(environ["REQUEST_METHOD"], path, query, headers):
        raise wrong_signature()


def _header(environ: "WSGIEnvironment", name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(f"HTTP_{key}", environ.get(key, "")))  # Content-Type and Content-Length are without HTTP_


def _bad_query(message: str) -> Refused:
    return Refused(400, "AuthorizationQueryParametersError", message)
