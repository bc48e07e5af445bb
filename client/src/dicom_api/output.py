"""What the commands print and write."""

import json
import sys
from pathlib import Path
from typing import Any


def printable(text: str) -> str:
    """The text without control characters and surrogates."""
    return "".join(character if character.isprintable() or character == "\n" else "·" for character in text)


def show(value: Any, *, compact: bool) -> None:
    ascii_only = not sys.stdout.encoding.lower().startswith("utf")
    text = json.dumps(value, indent=None if compact else 2, ensure_ascii=ascii_only)
    # JSON may hold half a surrogate pair as an escape, which is no character.
    print(text.encode(errors="backslashreplace").decode())


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
