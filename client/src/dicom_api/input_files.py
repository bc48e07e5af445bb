"""The files that arguments stand for."""

import glob
import os
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from dicom_api.errors import DicomApiError

DICOM_SUFFIXES = {".dcm", ".dicom", ".dic", ".ima", ".zip"}


def found(text: str) -> Iterator[tuple[Path, Path]]:
    """The files that an argument stands for, each with its path below the folder or below the start of the pattern.

    The path depends on nothing else, so it is the same in the next run. Raises OSError.
    """
    path = Path(text)
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in (Path(folder, name) for name in sorted(names)):
                if not file.name.startswith(".") and _is_dicom(file):
                    yield file, file.relative_to(path)
    elif not path.exists() and glob.has_magic(text):
        begin = Path(*takewhile(lambda step: not glob.has_magic(step), path.parts))
        files = [file for file in map(Path, sorted(glob.glob(text, recursive=True))) if file.is_file()]
        if not files:
            raise DicomApiError(f"{text}: no file matches.")
        yield from ((file, file.relative_to(begin)) for file in files)
    else:
        yield path, Path(path.name)


def _is_dicom(path: Path) -> bool:
    """Whether it is a DICOM file or zip, by its name, or without an extension by its preamble (PS3.10 7.1)."""
    if path.suffix:
        return path.suffix.lower() in DICOM_SUFFIXES
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
