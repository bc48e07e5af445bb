"""Staged results that are not divided into parts: the DICOM JSON Model, and a zip of pictures. One worker writes it."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson

import tally
from imaging.answers.json_model import json_model
from imaging.answers.options import ReadOptions
from imaging.answers.picture_files import add_picture, add_warnings, pictures_of
from imaging.answers.read import Write, shown_warnings, stranger_warning
from imaging.budget import PART, Budget
from imaging.dataset.archive import MAX_STAGED_BYTES
from imaging.dataset.dicom_file import DicomFile, NotDicom
from imaging.dataset.file_names import is_archive
from imaging.pixels.uploads import each_file
from problems import Invalid, NotAcceptable


def write_model(
    file_name: str, content: memoryview, options: ReadOptions, write: Write, deadline: float | None
) -> None:
    """The DICOM JSON Model, one object per DICOM file. Raises Problem if there is none, Spent beyond `deadline`."""
    begun = False
    for _, file in _dicom_files(file_name, content, deadline, []):
        with tally.stage("Render"):
            write((b"," if begun else b"[") + orjson.dumps(json_model(file, options.fields)))
        begun = True
    write(b"]")


def write_zip(file_name: str, content: memoryview, options: ReadOptions, write: Write, deadline: float | None) -> None:
    """A zip of the pictures, in a folder for each file of an archive, with a text of the warnings.

    Raises as `write_model`, and NotAcceptable if there is no picture.
    """
    warnings: list[str] = []
    count = 0
    in_folders = is_archive(file_name, content)
    with zipfile.ZipFile(_Sink(write), "w", zipfile.ZIP_STORED) as opened:
        for name, file in _dicom_files(file_name, content, deadline, warnings):
            with tally.stage("Render"):
                for picture in pictures_of(file, options, f"{name}/" if in_folders else ""):
                    add_picture(opened, picture)
                    count += 1
            warnings += [f"{name}: {warning}" for warning in file.warnings] if in_folders else file.warnings
        if not count:
            raise NotAcceptable("There is no picture in the upload: accept application/json for the metadata.")
        add_warnings(opened, shown_warnings(warnings))


def _dicom_files(
    file_name: str, content: memoryview, deadline: float | None, warnings: list[str]
) -> Iterator[tuple[str, DicomFile]]:
    """The DICOM files of an upload, one at a time. Members that can't be read go to `warnings`."""
    found, last = False, None
    for name, file in each_file(file_name, content, lambda: Budget(deadline, PART), MAX_STAGED_BYTES):
        if isinstance(file, DicomFile):
            found = True
            yield name, file
        elif isinstance(file, NotDicom):
            warnings.append(stranger_warning(name))
        else:
            last = file
            warnings.append(f"{name}: {file.message}")
    if not found:
        raise last or Invalid("The zip archive holds no DICOM file.")


class _Sink(io.RawIOBase):
    """A file that can only be written, as zipfile needs it."""

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._write(content)
        return len(content)
