"""Takes out of a layer what no function uses: `python trim.py FOLDER`, the folder that its packages are installed in.

Lambda takes 250 MB of function and layers, and loads less in less time.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

# boto3 and botocore are in the layer, though the runtime has them too, so that what runs is what was tested. Of the
# services that they describe, which make up 27 MB, those are kept that functions call.
SERVICES = {"dynamodb", "s3", "secretsmanager", "sqs"}

# Of its 60 codecs those that DICOM's transfer syntaxes and pictures sent need, and what these need.
IMAGECODECS = {"_shared", "_shared_cython", "_imcd", "_jpeg8", "_jpegls", "_jpeg2k", "_htj2k", "_jpegxl", "_png"}

UNUSED = [
    ".lock",
    "bin",
    "**/*.a",
    "**/*.pyi",
    "**/tests",
    "numpy/_core/include",
    "numpy/f2py",
    "pydicom/data/charset_files",
    "pydicom/data/test_files",
    # Formats and text that no picture here has.
    "PIL/_avif.*",
    "PIL/_imagingft.*",
    "PIL/_imagingtk.*",
    "PIL/_webp.*",
]


def trim(packages: Path) -> None:
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            _remove(path)
    for path in packages.glob("botocore/data/*/"):
        if path.is_dir() and path.name not in SERVICES:
            _remove(path)
    for path in packages.glob("imagecodecs/_*.so"):
        if path.name.partition(".")[0] not in IMAGECODECS:
            _remove(path)
    for path in packages.glob("botocore/data/endpoints.json"):
        _replace(path, _json(_endpoints(json.loads(path.read_bytes()))))
    for path in packages.glob("botocore/data/*/*/service-2.json.gz"):
        description = _undocumented(json.loads(gzip.decompress(path.read_bytes())))
        _replace(path, gzip.compress(_json(description), mtime=0))
    for folder in packages.glob("*.libs"):
        _remove_unreached(packages, folder)


def _endpoints(partitions: dict[str, Any]) -> dict[str, Any]:
    """botocore's endpoints without those of other services: to load all took 21 of the 38 ms that a client takes."""
    for partition in partitions["partitions"]:
        services = partition["services"].items()
        partition["services"] = {name: endpoints for name, endpoints in services if name in SERVICES}
    return partitions


def _undocumented(description: Any) -> Any:
    """A service's description with its texts empty, which nobody reads here: 4 ms a client."""
    if isinstance(description, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _undocumented(value)
            for name, value in description.items()
        }
    if isinstance(description, list):
        return [_undocumented(value) for value in description]
    return description


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _replace(path: Path, content: bytes) -> None:
    path.unlink()  # uv links files from its cache, which must stay as they are
    path.write_bytes(content)


def _remove_unreached(packages: Path, folder: Path) -> None:
    """Removes the libraries, bundled in `folder`, that no extension module left in the layer links."""
    unreached = set(folder.iterdir())
    files = [path for path in packages.rglob("*.so") if path.parent != folder]
    while files:
        content = files.pop().read_bytes()
        # The names are unique, by the hash in them, and a file that links a library holds its name as a string.
        linked = {library for library in unreached if library.name.encode() in content}
        unreached -= linked
        files += linked
    for library in unreached:
        _remove(library)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
