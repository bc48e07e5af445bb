"""What a browser opens: the portal at /, the API's reference at /docs/, its OpenAPI document, and their files.

All of it is the same for everybody. Addresses in the pages are relative to <base>, so that they work below the path of
a stage.
"""

import html
import os
from functools import cache
from pathlib import Path

import aws_lambda_powertools
from aws_lambda_powertools.event_handler import Response

import web.api
from problems import NotFound
from web.public import Document

ASSETS = Path(__file__).parent / "assets"
SWAGGER_UI = Path(aws_lambda_powertools.__file__).parent / "event_handler/openapi/swagger_ui"

FILES = {
    **{path.name: path for path in ASSETS.iterdir()},
    "swagger-ui.js": SWAGGER_UI / "swagger-ui-bundle.min.js",
    "swagger-ui.css": SWAGGER_UI / "swagger-ui.min.css",
}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".dcm": "application/dicom",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}

# A browser revalidates each file by its ETag, so that it sees a new deployment at once.
CACHE_CONTROL = "no-cache"

BASE = '<base href="/">'

api = web.api.rest_api()


@api.get("/")
def portal() -> Response[str]:
    return _page("index.html", _base())


@api.get("/docs")
def reference() -> Response[str]:
    return _page("docs.html", _base())


@api.get("/openapi.json")
def openapi() -> Response[str]:
    return _document(ASSETS / "openapi.json").answer(api.current_event)


@api.get("/favicon.ico")
def favicon() -> Response[str]:
    return asset("favicon.ico")


@api.get("/assets/<name>")
def asset(name: str) -> Response[str]:
    if name not in FILES:
        raise NotFound("There is no such file: check the address.")
    return _document(FILES[name]).answer(api.current_event)


def _base() -> str:
    """The path that the API stands below, such as /prod/."""
    whole = api.current_event.request_context.path.rstrip("/")
    return whole.removesuffix(api.current_event.path.rstrip("/")) + "/"


def _page(name: str, base: str) -> Response[str]:
    answer = _prepared(name, base).answer(api.current_event)
    answer.headers["Content-Security-Policy"] = _policy()
    return answer


@cache
def _document(path: Path) -> Document:
    return Document(path.read_bytes(), MEDIA_TYPES[path.suffix], cache_control=CACHE_CONTROL)


@cache
def _prepared(name: str, base: str) -> Document:
    page = (ASSETS / name).read_text().replace(BASE, f'<base href="{html.escape(base)}">')
    return Document(page.encode(), MEDIA_TYPES[".html"], cache_control=CACHE_CONTROL)


@cache
def _policy() -> str:
    """Content-Security-Policy: the API's own files and requests, and the staging bucket for uploads and results."""
    bucket = os.environ.get(
        "AWS_ENDPOINT_URL"
    ) or "https://{STAGING_BUCKET}.s3.{AWS_DEFAULT_REGION}.amazonaws.com".format_map(os.environ)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob: data:; "
        f"connect-src 'self' {bucket}; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    )


handler = web.api.lambda_handler(api)
