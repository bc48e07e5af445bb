"""Takes out of a layer what no function uses: `python trim.py FOLDER`, the folder that its packages are installed in.

Lambda takes 250 MB of function and layers, and loads less in less time.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# botocore is in the layer, though the runtime has it too, so that what runs is what was tested. Of the services that it
# describes, which make up 27 MB, those are kept that functions call.
SERVICES = {"dynamodb", "s3", "secretsmanager", "sqs"}

# Of Powertools' utilities those that functions use, and what these load.
UTILITIES = {"batch", "data_classes", "jmespath_utils", "typing"}

# Of its 60 codecs those that DICOM's transfer syntaxes and pictures sent need, and what these need.
IMAGECODECS = {"_shared", "_shared_cython", "_imcd", "_jpeg8", "_jpegls", "_jpeg2k", "_htj2k", "_jpegxl", "_png"}

UNUSED = [
    ".lock",
    "bin",
    "**/*.a",
    "**/*.pyi",
    "**/tests",
    # How it was installed: pip's business, and another at each place that it is built in.
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    # argon2's binding is compiled: what makes bindings, and reads C for it, has done its work.
    "cffi",
    "cffi-*",
    "pycparser",
    "pycparser-*",
    # email_validator asks no name server here.
    "dns",
    "dnspython-*",
    "numpy/_core/_simd.*",
    "numpy/_core/*_tests.*",
    "numpy/_core/include",
    "numpy/f2py",
    "numpy/fft",
    "numpy/random",
    "pydicom/data/charset_files",
    "pydicom/data/test_files",
    # Structured reports' codes by name; a report is read without them.
    "pydicom/sr",
    "imagecodecs/numcodecs.py",
    "imagecodecs/zarr.py",
    # Formats and text that no picture here has.
    "PIL/_avif.*",
    "PIL/_imagingft.*",
    "PIL/_imagingtk.*",
]


def trim(packages: Path) -> None:
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            _remove(path)
    _keep(SERVICES, packages.glob("botocore/data/*/"))
    _keep(UTILITIES, packages.glob("aws_lambda_powertools/utilities/*/"))
    _keep(IMAGECODECS, packages.glob("imagecodecs/_*.so"))
    for path in packages.glob("botocore/data/endpoints.json"):
        path.write_bytes(_json(_endpoints(json.loads(path.read_bytes()))))
    for path in packages.glob("botocore/data/*/*/service-2.json.gz"):
        # Not compressed again: not every Python's zlib makes the same of it, and Lambda would unpack it at each start.
        path.with_suffix("").write_bytes(_json(_undocumented(json.loads(gzip.decompress(path.read_bytes())))))
        path.unlink()
    for folder in packages.glob("*.libs"):
        _remove_unreached(packages, folder)


def _keep(names: set[str], paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.name.partition(".")[0] not in names:
            _remove(path)


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
