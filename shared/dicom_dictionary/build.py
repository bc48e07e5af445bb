"""Writes table.json from pydicom's dictionary: `make dictionary`, after an update of pydicom."""

from typing import Any

import orjson
import pydicom
from pydicom._dicom_dict import DicomDictionary
from pydicom._version import __dicom_version__

from dicom_dictionary import TABLE

# The types in docs/usage-guide.md. All other VRs, ambiguous ones ("OB or OW") included, are a str.
TYPES_BY_VR = {
    **dict.fromkeys(["US", "UL", "SS", "SL", "SV", "UV", "IS"], "<class 'int'>"),
    **dict.fromkeys(["FL", "FD", "DS"], "<class 'float'>"),
    **dict.fromkeys(["OB", "OW", "OD", "OF", "OL", "OV", "UN"], "<class 'bytes'>"),
    "AT": "<class 'tuple'>",
    "UI": "<class 'pydicom.uid.UID'>",
}


def build() -> dict[str, Any]:
    """The table. Retired elements that the standard gives no keyword are left out."""
    return {
        "dicomVersion": pydicom.__version__,
        "standardEdition": __dicom_version__,
        "types": {
            keyword: TYPES_BY_VR.get(vr, "<class 'str'>")
            for vr, _, _, _, keyword in DicomDictionary.values()
            if keyword
        },
    }


if __name__ == "__main__":
    TABLE.write_bytes(orjson.dumps(build(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
