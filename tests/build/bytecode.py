"""Says for each source whether this Python loads its bytecode unchecked: `python bytecode.py FOLDER...`."""

import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

UNCHECKED = 0b01.to_bytes(4, "little")  # PEP 552: unchecked, with the source's hash

for folder in sys.argv[1:]:
    for source in Path(folder).rglob("*.py"):
        compiled = Path(cache_from_source(source))
        good = MAGIC_NUMBER + UNCHECKED + source_hash(source.read_bytes())
        found = compiled.exists() and compiled.read_bytes().startswith(good)
        sys.stdout.write(f"{source}: {'good' if found else 'missing, stale, or checked'}\n")
