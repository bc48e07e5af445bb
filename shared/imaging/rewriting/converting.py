"""Conversion, as an operation on the files of an upload."""

from collections.abc import Mapping
from dataclasses import replace

from imaging.conversion import OPTIONS, convert, read_options
from imaging.rewriting.operation import Operation

NAMES = tuple(OPTIONS)


def operation(texts: Mapping[str, str], secret: str) -> Operation:
    """The operation with these fields of a form. `secret`: random; new UIDs derive from it.

    Raises Invalid by field.
    """
    options = replace(read_options(texts), seed=secret.encode())
    return Operation(lambda file: convert(file, options), "converted", keeps_names=True)
