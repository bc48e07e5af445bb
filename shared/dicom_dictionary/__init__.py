"""Every keyword of the DICOM dictionary with its Python type.

build.py makes the table from pydicom's dictionary. The two functions that use it do not import pydicom, as that would
take longer than everything else that they do.
"""

from functools import cache
from pathlib import Path
from typing import Any

import orjson

TABLE = Path(__file__).with_name("table.json")


@cache
def table() -> dict[str, Any]:
    """`dicomVersion` (pydicom's), `standardEdition` ("2024c") and `types`: keyword to type, in tag order."""
    loaded: dict[str, Any] = orjson.loads(TABLE.read_bytes())
    return loaded


def versions() -> dict[str, str]:
    """The two versions that the answers of both functions carry."""
    return {name: table()[name] for name in ("dicomVersion", "standardEdition")}
