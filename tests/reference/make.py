"""Small files of what pydicom's and pydicom-data's lack.

`python -m tests.reference.make` writes those that `files` lacks (Debian: dcmtk, libgdcm-tools, openjph-tools,
libjpeg-turbo-progs).
"""

from collections.abc import Iterator
from pathlib import Path

from tests.reference.compressed import compressed
from tests.reference.pixels import Made
from tests.reference.uncompressed import uncompressed

FILES = Path(__file__).parent / "files"


def main() -> None:
    """Writes the files that are not there yet: some encoders put the time of day into theirs."""
    FILES.mkdir(exist_ok=True)
    for name, content, _ in files():
        path = FILES / f"{name}.dcm"
        if not path.exists():
            path.write_bytes(content)


def files() -> Iterator[Made]:
    """Every made file."""
    yield from compressed()
    yield from uncompressed()


if __name__ == "__main__":
    main()
