"""What S3 checks of a presigned form, and moto does not."""

import base64
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from local import signatures
from local.refused import Refused, wrong_signature

# Fields that a policy need not name. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
FREE = ("policy", "x-amz-signature", "file")


def check(bucket: str, form: Mapping[str, str], files: "MultiDict[str, FileStorage]") -> None:
    """Raises Refused if a form sent to `bucket` is not one file with what its policy allows, and is not signed."""
    fields = {name.lower(): value for name, value in form.items()}
    uploads = [*[name for name, _ in files.items(multi=True)], *(["file"] if "file" in fields else [])]
    if uploads != ["file"]:
        raise Refused(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    if not {"policy", "x-amz-signature"} <= fields.keys():
        raise Refused(403, "AccessDenied", "Access Denied")
    if not signatures.is_of_form(fields):
        raise wrong_signature()
    _check_policy({**fields, "bucket": bucket}, _size(files["file"]) if files else len(fields["file"].encode()))


def _size(upload: FileStorage) -> int:
    size = upload.stream.seek(0, os.SEEK_END)
    upload.stream.seek(0)
    return size


def _check_policy(fields: Mapping[str, str], size: int) -> None:
    try:
        policy = json.loads(base64.b64decode(fields["policy"], validate=True))
        expires = datetime.fromisoformat(policy["expiration"]).astimezone(UTC)
        conditions = list(_conditions(policy["conditions"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused(
            400, "InvalidPolicyDocument", "Invalid Policy: it is not the JSON of a policy in base64."
        ) from None
    if expires < datetime.now(UTC):
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    named = set(FREE)
    for kind, name, value in conditions:
        if kind == "content-length-range":
            if size < name:
                raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
            if size > value:
                raise Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            continue
        named.add(name)
        given = fields.get(name, "")
        if given != value and not (kind == "starts-with" and given.startswith(value)):
            raise Refused(403, "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {name}")
    if extra := [name for name in fields if name not in named]:
        raise Refused(403, "AccessDenied", f"Invalid according to Policy: Extra input fields: {extra[0]}")


def _conditions(given: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """(kind, field's name, value) of each, or ("content-length-range", least, most)."""
    for condition in given:
        if isinstance(condition, dict):
            yield from (("eq", name.lower(), str(value)) for name, value in condition.items())
        else:
            kind, name, value = condition
            if kind == "content-length-range":
                yield kind, int(name), int(value)
            else:
                yield kind, name.removeprefix("$").lower(), str(value)
