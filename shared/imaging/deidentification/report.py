"""What was done with a data set: attributes by path, and findings. It never has a value."""

import re
from collections.abc import Iterable
from typing import Any

from pydicom.datadict import keyword_for_tag

from imaging.dataset.tags import tag_text
from imaging.deidentification.table import EDITION

MAX_LINES = 2000  # of attributes that are listed one by one; the rest are grouped, and then only counted
MAX_FINDINGS = 200
MAX_CHARACTERS = 1 << 20  # of the paths in these lines, which are as long as sequences are deep
INDEX = re.compile(r"\[[0-9]+\]")

REMOVED, EMPTIED, REPLACED, CLEANED, KEPT = "removed", "emptied", "replaced", "cleaned", "kept"


class Report:
    """Collects what was done. Attributes and findings beyond its limits share a line with the items' indices left out.

    So a file of ten thousand frames has a line for each of its attributes, with a count.
    """

    def __init__(self) -> None:
        self.attributes: list[dict[str, Any]] = []
        self.findings: list[dict[str, Any]] = []
        self._lines: dict[tuple[str, ...], dict[str, Any]] = {}
        self._characters = 0
        self._left_out = 0

    def attribute(self, path: str, tag: int, action: str, clause: str) -> None:
        """One attribute: what was done with it, and the clause that says so."""
        line: dict[str, Any] = {"path": path, "tag": tag_text(tag), "keyword": keyword(tag), "action": action}
        line["clause"] = clause
        if len(self.attributes) < MAX_LINES and self._has_room(path):
            self.attributes.append(line)
        else:
            self._count(self.attributes, 2 * MAX_LINES, line, (action, clause))

    def finding(self, kind: str, message: str, path: str = "") -> None:
        """Something that the client should look at."""
        line: dict[str, Any] = {"kind": kind, "message": message} | ({"path": path} if path else {})
        if len(self.findings) < MAX_FINDINGS and self._has_room(path):
            if line not in self.findings:
                self.findings.append(line)
        else:
            self._count(self.findings, 2 * MAX_FINDINGS, line, (kind,))

    def _count(self, lines: list[dict[str, Any]], most: int, line: dict[str, Any], key: tuple[str, ...]) -> None:
        path = INDEX.sub("[*]", line.get("path", ""))
        found = self._lines.get((path, *key))
        if found:
            found["count"] += 1
        elif len(lines) < most and self._has_room(path, 2 * MAX_CHARACTERS):
            lines.append(line | {"path": path, "count": 1})
            self._lines[path, *key] = lines[-1]
        else:
            self._left_out += 1

    def _has_room(self, path: str, most: int = MAX_CHARACTERS) -> bool:
        if self._characters + len(path) > most:
            return False
        self._characters += len(path)
        return True

    def as_dict(self, options: Iterable[str], warnings: list[str]) -> dict[str, Any]:
        """The report, as it becomes JSON. `warnings`: what was wrong with the file."""
        return {
            "profile": f"DICOM PS3.15 {EDITION} Basic Application Level Confidentiality Profile",
            "options": sorted(options),
            "attributes": self.attributes,
            "findings": self.findings,
            "warnings": warnings,
        } | ({"left_out": self._left_out} if self._left_out else {})


def keyword(tag: int) -> str:
    """The keyword of an attribute; "" if it is private or unknown."""
    return "" if tag >> 16 & 1 else keyword_for_tag(tag)


def name(tag: int) -> str:
    """How a path names an attribute."""
    return keyword(tag) or tag_text(tag)
