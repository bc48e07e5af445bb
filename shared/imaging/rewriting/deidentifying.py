"""De-identification, as an operation on the files of an upload."""

from collections.abc import Mapping

from imaging.deidentification import OPTIONS, deidentify, read_options
from imaging.rewriting.operation import Operation

NAMES = tuple(OPTIONS)


def operation(texts: Mapping[str, str], secret: str) -> Operation:
    """The operation with these fields of a form. `secret`: random, of 16 bytes or more; the key if `texts` has none.

    Raises Invalid by field.
    """
    options = read_options({**texts, "key": texts.get("key") or secret})
    # A file's name may be the patient's.
    return Operation(lambda file: deidentify(file, options), "deidentified", keeps_names=False)
