"""What a client may ask for with an upload: that it is read, that a DICOM file is generated from it, or that new DICOM
files are made of it.

Whatever can be refused without the file is refused before the upload.
"""

from typing import Any

from content_disposition import attachment
from idempotency import new_nonce
from imaging.answers.options import OPTIONS, read_options
from imaging.answers.parts import MEDIA_TYPES
from imaging.dataset.file_names import ZIP_EXTENSION, extension, may_be_dicom
from imaging.rewriting.operation import DICOM, JSON, ZIP
from imaging.secondary_capture import check
from problems import Invalid, not_valid
from staging import operations
from staging.jobs import CONVERT, DEIDENTIFY, GENERATE, READ, REWRITE

# The request is stored in the job's item, which DynamoDB limits to 400 KB.
MAX_BODY_BYTES = 300_000
MAX_NAME_CHARACTERS = 1000

PICTURES = ("png", "jpg", "jpeg")

MAX_BYTES = {
    READ: 5 * 1024**3,  # S3's limit for a form; the worker's disk has twice as much
    DEIDENTIFY: 5 * 1024**3,
    CONVERT: 5 * 1024**3,
    GENERATE: 256 * 1024**2,  # a picture is decoded in memory, as a whole
}


def kind(members: dict[str, Any]) -> str | None:
    """The `operation`, or else READ or GENERATE, by the extension of `file_name`. None if these tell none."""
    if "operation" in members:
        return next((name for name in REWRITE if name == members["operation"]), None)
    file_name = members.get("file_name")
    if not isinstance(file_name, str):
        return None
    if extension(file_name) in PICTURES:
        return GENERATE
    return READ if may_be_dicom(file_name) else None


def parse(members: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind of job, and what the work needs to know, without the key. Raises Invalid."""
    if "file_name" not in members:
        why = "This field is required: the name of the file that is to be uploaded."
        raise Invalid("The body needs the field file_name: the name of the file.", fields={"file_name": why})
    file_name = _string("file_name", members["file_name"])
    if len(file_name) > MAX_NAME_CHARACTERS:
        raise not_valid("file_name", f"Send at most {MAX_NAME_CHARACTERS} characters.")
    if "operation" in members:
        return _to_rewrite(file_name, members)
    asked = kind(members)
    if asked is None:
        why = (
            "It must end in .dcm, .DCM or .zip, or have no extension, to be read, "
            "or in .png, .jpg or .jpeg to become a DICOM file."
        )
        raise not_valid("file_name", why)
    others = {name: value for name, value in members.items() if name != "file_name"}
    return asked, _to_read(file_name, others) if asked == READ else _to_generate(file_name, others)


def _to_read(file_name: str, members: dict[str, Any]) -> dict[str, Any]:
    """{"file_name", "accept", "options"}"""
    _refuse_others(members, ("accept", *OPTIONS))
    texts = {name: _string(name, value).strip() for name, value in members.items()}
    media_type = texts.pop("accept", "") or MEDIA_TYPES[0]
    if media_type not in MEDIA_TYPES:
        raise not_valid("accept", f"Use one of {', '.join(MEDIA_TYPES)}.")
    options = read_options(texts)
    if media_type == "application/zip" and not options.images:
        raise not_valid("images", "A zip holds pictures: accept application/json, or leave this out.")
    return {"file_name": file_name, "accept": media_type, "options": texts}


def _to_rewrite(file_name: str, members: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """{"file_name", "accept", "options"}, where `accept` is "" if the client leaves it to us."""
    if (asked := kind(members)) is None:
        raise not_valid("operation", f"Use one of {', '.join(REWRITE)}.")
    if not may_be_dicom(file_name):
        raise not_valid("file_name", "It must end in .dcm, .DCM or .zip, or have no extension.")
    others = {name: value for name, value in members.items() if name not in ("file_name", "operation")}
    _refuse_others(others, ("operation", "accept", *operations.of(asked).NAMES))
    texts = {name: _string(name, value).strip() for name, value in others.items()}
    media_type = texts.pop("accept", "")
    if media_type and media_type not in (DICOM, ZIP, JSON):
        raise not_valid("accept", f"Use one of {DICOM}, {ZIP}, {JSON}.")
    if media_type == DICOM and extension(file_name) == ZIP_EXTENSION:
        raise not_valid("accept", f"The upload is a zip: accept {ZIP} or {JSON}.")
    operations.of(asked).operation(texts, new_nonce().hex())
    texts.pop("key", None)
    return asked, {"file_name": file_name, "accept": media_type, "options": texts}


def key(members: dict[str, Any]) -> str:
    """The caller's key of a valid request; "" if there is none."""
    return str(members.get("key", "")).strip()


def _to_generate(file_name: str, members: dict[str, Any]) -> dict[str, Any]:
    """{"file_name", "attributes", "compression", "disposition"}"""
    _refuse_others(members, ("attributes", "compression"))
    attributes = members.get("attributes", {})
    if not isinstance(attributes, dict):
        raise not_valid("attributes", "Send an object of strings, by keyword.")
    attributes = {keyword: _string(keyword, value) for keyword, value in attributes.items()}
    compression = _string("compression", members.get("compression", "")).strip().lower() or "none"
    check(attributes, compression)
    disposition = attachment(file_name.rpartition(".")[0], "dcm")
    return {"file_name": file_name, "attributes": attributes, "compression": compression, "disposition": disposition}


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise not_valid(name, "Send a string.")
    return value


def _refuse_others(members: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raises Invalid naming every member that is not taken, so that no mistyped one is ignored."""
    why = "There is no such field here. Fields: " + ", ".join(("file_name", *names)) + "."
    fields = {name: why for name in members if name not in names}
    if fields:
        quoted = ", ".join(map(repr, fields))
        raise Invalid(f"The body has fields that this endpoint does not take: {quoted}.", fields=fields)
