"""Metadata for people: JSON, or a table."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


def show(answer: dict[str, Any], *, as_table: bool) -> None:
    if not as_table:
        show_json(answer)
        return
    for file in answer.get("Files", [answer]):
        table = Table("Field", "Value", title=_text(file.pop("FileName", "")), title_justify="left")
        for name, value in file.items():
            table.add_row(_text(name), _text(value))
        Console().print(table)


def show_json(value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=not sys.stdout.encoding.lower().startswith("utf"))
    # Half a surrogate pair is no character, and JSON has it as an escape.
    print(text.encode(errors="backslashreplace").decode())


def printable(text: str) -> str:
    """Without what would steer the terminal, or is no character."""
    return "".join(character if character.isprintable() or character == "\n" else "·" for character in text)


def _text(value: Any) -> Text:
    """Not rich's markup, which "[20, 53, 77]" would be."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "\n".join(value)
    return Text(printable(value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)))
