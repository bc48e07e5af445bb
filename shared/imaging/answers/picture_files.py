"""The pictures of an upload as files: one by itself, or several as a zip or as parts of a message (RFC 2387)."""

import uuid
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from urllib.parse import quote

import tally
from imaging.answers.options import ReadOptions
from imaging.answers.read import open_upload, pictures, shown_warnings, stranger_warning, strangers_of
from imaging.budget import Budget
from imaging.dataset.dicom_file import DicomFile
from problems import NotAcceptable, Problem

WARNINGS = "warnings.txt"


class PictureFile(NamedTuple):
    """A picture by the name that it has in an archive."""

    name: str
    content: bytes


def picture_files(
    file_name: str, content: bytes | memoryview, options: ReadOptions, budget: Budget | None = None
) -> tuple[list[PictureFile], list[str]]:
    """The pictures of an upload, in order, and warnings. Those of an archive's members are in a folder for each.

    A frame that can't be shown has no picture, and a warning says so. Raises Invalid if the upload can't be read,
    TooLarge beyond `budget`, NotAcceptable if there is no picture.
    """
    budget = budget or Budget()
    parsed = open_upload(file_name, content, budget)
    strangers = strangers_of(parsed)
    in_folders = len(parsed) - len(strangers) > 1
    made: list[PictureFile] = []
    warnings = [stranger_warning(name) for name in strangers]
    with tally.stage("Render"):
        for name, file in parsed:
            if isinstance(file, DicomFile):
                prefix = f"{name}/" if in_folders else ""
                made += pictures_of(file, options, prefix)
                warnings += [f"{name}: {warning}" for warning in file.warnings] if in_folders else file.warnings
            elif isinstance(file, Problem) and name not in strangers:
                warnings.append(f"{name}: {file.message}")
    if not made:
        why = warnings[0] if warnings else "The file has no pixel data."
        raise NotAcceptable(f"There is no picture to send: accept application/json for the metadata. {why}")
    return made, shown_warnings(warnings)


def pictures_of(file: DicomFile, options: ReadOptions, prefix: str) -> Iterator[PictureFile]:
    """The pictures of one file, by names that begin with `prefix`."""
    for number, content in enumerate(pictures(file, options), 1):
        if content:
            file.budget.spend_characters(len(content) * 4 // 3)
            yield PictureFile(f"{prefix}{number:04}.{options.picture_format}", content)
        file.budget.check_time()


def as_zip(files: list[PictureFile], warnings: list[str]) -> bytes:
    """A zip of the pictures, which are compressed already, with a text of the warnings, if there are any."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        for picture in files:
            add_picture(opened, picture)
        add_warnings(opened, warnings)
    return archive.getvalue()


def add_picture(archive: zipfile.ZipFile, picture: PictureFile) -> None:
    """Adds a picture with the date of 1980, as nothing says when it was made."""
    archive.writestr(zipfile.ZipInfo(picture.name), picture.content)


def add_warnings(archive: zipfile.ZipFile, warnings: list[str]) -> None:
    """Adds a text of the warnings, if there are any."""
    if warnings:
        archive.writestr(zipfile.ZipInfo(WARNINGS), "".join(f"{warning}\n" for warning in warnings))


def as_related(files: list[PictureFile], media_type: str) -> tuple[bytes, str]:
    """The pictures as parts of a multipart/related message, and its media type with the boundary (RFC 2387)."""
    boundary = uuid.uuid4().hex
    body = bytearray()
    for name, content in files:
        headers = f"Content-Type: {media_type}\r\nContent-Location: {quote(name)}\r\n"
        body += f"--{boundary}\r\n{headers}\r\n".encode() + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body), f'multipart/related; type="{media_type}"; boundary={boundary}'
