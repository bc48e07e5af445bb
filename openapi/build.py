"""Writes the served document, and the table in docs/usage-guide.md, from openapi.yaml: `make openapi`."""

import json
from pathlib import Path
from typing import Any

import yaml

from version import VERSION

ROOT = Path(__file__).parents[1]
SOURCE = Path(__file__).with_name("openapi.yaml")
SERVED = ROOT / "functions/site/assets/openapi.json"
GUIDE = ROOT / "docs/usage-guide.md"
BEGIN, END = "<!-- The endpoints: `make openapi` writes this table. -->\n", "<!-- Here the table ends. -->\n"

METHODS = ("get", "post", "put", "patch", "delete")
CREDENTIALS = {"apiKey": "API key", "accessToken": "access token"}


def document() -> dict[str, Any]:
    """The OpenAPI document, with the API's version."""
    read: dict[str, Any] = yaml.safe_load(SOURCE.read_text())
    read["info"]["version"] = VERSION
    return read


def table(read: dict[str, Any]) -> str:
    """The endpoints with their credentials and what they do, as rows of Markdown."""
    rows = ["| Endpoint | Credentials | |", "|---|---|---|"]
    for path, operations in read["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                needed = " or ".join(CREDENTIALS[name] for way in operation["security"] for name in way) or "none"
                rows.append(f"| `{method.upper()} {path}` | {needed} | {operation['summary']} |")
    return "\n".join(rows) + "\n"


def guide(read: dict[str, Any]) -> str:
    """docs/usage-guide.md with the new table between its marks."""
    before, _, rest = GUIDE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(read) + END + after


def served(read: dict[str, Any]) -> str:
    """The document as JSON."""
    return json.dumps(read, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    SERVED.write_text(served(document()))
    GUIDE.write_text(guide(document()))
