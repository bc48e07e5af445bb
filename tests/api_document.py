"""Checks answers of the API against its OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from openapi.build import document

URI = "urn:openapi"
DOCUMENT = document()
# Headers that only some of the answers with a status have.
SOMETIMES = {"WWW-Authenticate", "Warning", "Retry-After", "RateLimit", "RateLimit-Policy"}


def check(method: str, path: str, status: int, headers: dict[str, str], body: bytes) -> None:
    """Raises AssertionError if the document describes the request, but not this answer to it.

    The names in `headers` are in lower case. The gateway answers paths and methods that the document lacks, so those
    are not checked.
    """
    found = _operation(method, path)
    if found is None:
        return
    pointer, operation = found
    assert str(status) in operation["responses"], f"{method} {path} answers {status}, which is not documented."
    pointer, response = _resolved(f"{pointer}/responses/{status}")
    for name in response.get("headers", {}):
        if name not in SOMETIMES:
            assert name.lower() in headers, f"{method} {path} answers {status} without {name}."
    content = response.get("content", {})
    media_type = headers.get("content-type", "").partition(";")[0]
    if not content:
        assert not body, f"{method} {path} answers {status} with a body, which is not documented."
        return
    assert {media_type, "*/*"} & content.keys(), f"{method} {path} answers {status} as {media_type}."
    if media_type.endswith("json"):
        kind = media_type if media_type in content else "*/*"
        errors = list(_validator(f"{pointer}/content/{_escaped(kind)}/schema").iter_errors(json.loads(body)))
        assert not errors, f"{method} {path} {status}: {errors[0].json_path} {errors[0].message[:300]}"


@cache
def _validator(pointer: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(URI, DRAFT202012.create_resource(DOCUMENT))
    return Draft202012Validator({"$ref": URI + pointer}, registry=registry)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path.rstrip("/")) + "/?"), path) for path in DOCUMENT["paths"]]


def operation(method: str, path: str) -> dict[str, Any]:
    """The document's operation for a request."""
    found = _operation(method, path)
    assert found, f"Describe {method} {path} in openapi/openapi.yaml."
    return found[1]


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    for pattern, known in _patterns():
        if pattern.fullmatch(path) and method.lower() in DOCUMENT["paths"][known]:
            return f"#/paths/{_escaped(known)}/{method.lower()}", DOCUMENT["paths"][known][method.lower()]
    return None


def _resolved(pointer: str) -> tuple[str, dict[str, Any]]:
    """What the pointer leads to, and where that is; a reference is followed."""
    value: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        value = value[step.replace("~1", "/").replace("~0", "~")]
    return _resolved(value["$ref"]) if "$ref" in value else (pointer, value)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
