"""Reads files in another Python than the tests': `python pictures.py FOLDER PATH... < names of files`.

PATHs lead to the code and its packages. FOLDER gets each file's answer in each format, and the digest of its stored
values as in tests/reference/table.json.
"""

import hashlib
import sys
from pathlib import Path

folder, *paths = sys.argv[1:]
sys.path[:0] = paths

from imaging.answers.options import ReadOptions  # noqa: E402
from imaging.answers.read import write_answer  # noqa: E402
from imaging.dataset.dicom_file import parse  # noqa: E402
from imaging.pixels.frames import open_frames  # noqa: E402
from problems import Problem  # noqa: E402


def stored(content: bytes) -> bytes:
    sha256 = hashlib.sha256()
    frames = open_frames(parse(content))
    for index in range(frames.count if frames else 0):
        sha256.update(frames.frame(index).samples.astype("<i8").astype("<u4").tobytes())
    return sha256.hexdigest()[:16].encode()


def answer(content: bytes, picture_format: str) -> bytes:
    # This also tries scaling, and takes a tenth of the time.
    options = ReadOptions(picture_format=picture_format, viewport=None if picture_format == "png" else (256, 256))
    written = bytearray()
    write_answer("file.dcm", content, options, written.extend)
    return bytes(written)


for name in sys.stdin.read().splitlines():
    content = Path(name).read_bytes()
    for what in ("stored", "png", "jpeg", "gif"):
        try:
            made = stored(content) if what == "stored" else answer(content, what)
        except (Problem, ValueError) as refused:
            made = repr(refused).encode()
        Path(folder, f"{Path(name).name}.{what}").write_bytes(made)
