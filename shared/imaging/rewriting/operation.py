"""What is done with each file of an upload, and how the results are called."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.file_names import DICOM_EXTENSIONS, ZIP_EXTENSION, extension
from imaging.dataset.writing import Rewritten

DICOM, ZIP, JSON = "application/dicom", "application/zip", "application/json"
MAX_MEMBER_NAME = 0xFFFF  # bytes (APPNOTE.TXT 4.4.10)
MAX_NAME_CHARACTERS = 150
NOT_IN_NAMES = re.compile(r'[/\\\\:*?"<>|]')


@dataclass(frozen=True)
class Operation:
    """`rewrite` makes a new file of one that was opened with its places. It raises Problem.

    `keeps_names`: results are called like what was sent. If not, nothing in them tells the name of what was sent.
    `name`: what a zip of results is called then.
    """

    rewrite: Callable[[DicomFile], Rewritten]
    name: str
    keeps_names: bool

    def member_name(self, sent: str, position: int) -> str:
        """The name in a zip of results: by the position from 1, unless names are kept."""
        if self.keeps_names and 0 < len(sent.encode()) <= MAX_MEMBER_NAME:
            return sent
        return f"{position:04}.dcm"

    def download_name(self, sent: str, otherwise: str) -> str:
        """The name, without extension, of a file to download. `otherwise`: without the name of what was sent."""
        bare = _bare(sent) if self.keeps_names else ""
        return bare or otherwise


def _bare(sent: str) -> str:
    """The name without folders and without the extension of a DICOM file or a zip; empty if it is no usable name."""
    name = sent.replace("\\", "/").rpartition("/")[2]
    if (ending := extension(name)) in (*DICOM_EXTENSIONS, ZIP_EXTENSION):
        name = name[: -len(ending) - 1]
    if not name.isprintable() or NOT_IN_NAMES.search(name) or len(name) > MAX_NAME_CHARACTERS:
        return ""
    return name.strip(". ")
