"""What a client may ask for with an upload: that it is read, or that a DICOM file is generated from it.

Whatever can be refused without the file is refused before the upload.
"""

from typing import Any

from content_disposition import attachment
from imaging.answers.options import OPTIONS, read_options
from imaging.answers.parts import MEDIA_TYPES
from imaging.dataset.file_names import extension, may_be_dicom
from imaging.secondary_capture import check
from problems import Invalid, not_valid
from staging.jobs import GENERATE, READ

# The request is stored in the job's item, which DynamoDB limits to 400 KB.
MAX_BODY_BYTES = 300_000
MAX_NAME_CHARACTERS = 1000

PICTURES = ("png", "jpg", "jpeg")

MAX_BYTES = {
    READ: 5 * 1024**3,  # S3's limit for a form; the worker's disk has twice as much
    GENERATE: 256 * 1024**2,  # a picture is decoded in memory, as a whole
}


def kind(members: dict[str, Any]) -> str | None:
    """READ or GENERATE, by the extension of `file_name`; None if it tells neither."""
    file_name = members.get("file_name")
    if not isinstance(file_name, str):
        return None
    if extension(file_name) in PICTURES:
        return GENERATE
    return READ if may_be_dicom(file_name) else None


def parse(members: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """READ or GENERATE, and what the work needs to know. Raises Invalid."""
    if "file_name" not in members:
        why = "This field is required: the name of the file that is to be uploaded."
        raise Invalid("The body needs the field file_name: the name of the file.", fields={"file_name": why})
    file_name = _string("file_name", members["file_name"])
    if len(file_name) > MAX_NAME_CHARACTERS:
        raise not_valid("file_name", f"Send at most {MAX_NAME_CHARACTERS} characters.")
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
