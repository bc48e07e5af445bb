"""Values that say nothing, valid for their VR (PS3.5 6.2), in place of those that do."""

from imaging.deidentification.pseudonyms import Pseudonyms

TEXT = "REMOVED"
CODED_VRS = ("AE", "LO", "SH", "UC")  # identifiers: the same one gets the same code
FIXED = {
    "AS": "000Y",
    "CS": TEXT,
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "IS": "0",
    "LT": TEXT,
    "ST": TEXT,
    "TM": "000000",
    "UR": "about:blank",
    "UT": TEXT,
}


def dummy(values: list[str], vr: str, pseudonyms: Pseudonyms) -> list[str]:
    """As many values as there were."""
    if vr == "UI":
        return [pseudonyms.uid(value) if value else "" for value in values]
    if vr == "PN":
        return [pseudonyms.name(value.strip("^= ")) if value else "" for value in values]
    if vr in CODED_VRS:
        return [pseudonyms.code(value.strip("^= ")) if value else "" for value in values]
    return [FIXED[vr]] * len(values)
