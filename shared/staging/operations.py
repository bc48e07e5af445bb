"""The operations that make new DICOM files of an upload. They are imported when one is asked for."""

from collections.abc import Mapping
from typing import Protocol

from imaging.rewriting.operation import Operation
from staging.jobs import CONVERT, DEIDENTIFY

COUNTED = {DEIDENTIFY: "Deidentifies", CONVERT: "Converts"}  # the metric of each kind


class Operations(Protocol):
    """NAMES: of the options, as the fields of a form."""

    NAMES: tuple[str, ...]

    def operation(self, texts: Mapping[str, str], secret: str) -> Operation: ...


def of(kind: str) -> Operations:
    """The operations of this kind of job."""
    if kind == DEIDENTIFY:
        from imaging.rewriting import deidentifying

        return deidentifying
    from imaging.rewriting import converting

    return converting
