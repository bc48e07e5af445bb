"""New UIDs for a file, which its references to itself follow."""

import hmac
from typing import Any

from pydicom.dataelem import DataElement, RawDataElement

from imaging.budget import Budget
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.elements import Item
from imaging.dataset.texts import known_vr
from imaging.dataset.writing import element, put, written_uid

# Study, Series and SOP Instance UID (PS3.3 C.7.2.1, C.7.3.1, C.12.1).
OWN = (0x0020000D, 0x0020000E, 0x00080018)


def new_uid(uid: str, seed: bytes) -> str:
    """The UID, by the seed, that takes the place of another: in the form that needs no registration (PS3.5 B.2)."""
    return f"2.25.{int.from_bytes(hmac.digest(seed, uid.encode('utf-8', 'replace'), 'sha256')[:16])}"


def renew(file: DicomFile, seed: bytes) -> dict[str, Any]:
    """Gives the file other UIDs for study, series and instance, wherever they are. Returns a line for the report."""
    own = {written_uid(file.dataset, tag) for tag in OWN} - {""}
    made = {uid: new_uid(uid, seed) for uid in own}
    count = _replace(file.dataset, made, file.budget)
    return {"path": "StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID", "action": "changed", "count": count}


def _replace(item: Item, made: dict[str, str], budget: Budget) -> int:
    """Replaces these UIDs in an item and what is nested in it, and returns how many elements had one."""
    count = 0
    for place in item.places:
        budget.spend_item()
        found = place.element
        if isinstance(found, DataElement):
            count += sum(_replace(inner, made, budget) for inner in found.value)
        elif found is not None and (changed := _replaced(found, made)):
            put(item, changed)
            count += 1
    return count


def _replaced(found: RawDataElement, made: dict[str, str]) -> RawDataElement | None:
    """The element with new UIDs; None if it has none of the old ones."""
    vr = found.VR if found.VR not in (None, "UN") else known_vr(found.tag)
    if vr != "UI":
        return None
    uids = (found.value or b"").decode("ascii", "replace").rstrip(" \0").split("\\")
    changed = [made.get(uid.strip(" \0"), uid) for uid in uids]
    return element(found.tag, "UI", "\\".join(changed).encode("ascii", "replace")) if changed != uids else None
