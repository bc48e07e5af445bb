"""Removes from a layer what no function uses: `python trim.py FOLDER`, the folder with its packages.

Lambda allows 250 MB for a function with its layers, and smaller ones start faster.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# botocore is in the layer although the runtime has it, so that the tested version runs. Of its 27 MB of service
# descriptions, those that functions call are kept.
SERVICES = {"dynamodb", "s3", "secretsmanager", "sqs"}

# Of Powertools' utilities those that functions use, and what these load.
UTILITIES = {"batch", "data_classes", "jmespath_utils", "typing"}

# Modules that their package loads and functions do not use; they stay as empty ones.
EMPTIED = [
    # The documentation of what is written in C. Attaching it takes 3 % of a cold start of `read`.
    "numpy/_core/_add_newdocs.py",
    "numpy/_core/_add_newdocs_scalars.py",
    # pydicom's former interface to its decoders: with these, with the rest of pydicom.pixels (layers/lazy.py), and with
    # Pillow, which they load, it takes 6 %.
    "pydicom/pixel_data_handlers/*.py",
]

# Of its 60 codecs, those for DICOM's transfer syntaxes and for pictures, and what these need.
IMAGECODECS = {"_shared", "_shared_cython", "_imcd", "_jpeg8", "_jpegls", "_jpeg2k", "_htj2k", "_jpegxl", "_png"}

UNUSED = [
    ".lock",
    "bin",
    "**/*.a",
    "**/*.pyi",
    "**/tests",
    # Records of the installation, which differ between machines.
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    # Only needed to compile argon2's binding.
    "cffi",
    "cffi-*",
    "pycparser",
    "pycparser-*",
    # email_validator makes no DNS queries here.
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
    # Names of codes in structured reports, which are not needed to read one.
    "pydicom/sr",
    "imagecodecs/numcodecs.py",
    "imagecodecs/zarr.py",
    # Formats, fonts and colour profiles that are not used here.
    "PIL/ImageCms.py",
    "PIL/_avif.*",
    "PIL/_imagingcms.*",
    "PIL/_imagingft.*",
    "PIL/_imagingtk.*",
]


def trim(packages: Path) -> None:
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            _remove(path)
    for pattern in EMPTIED:
        for path in packages.glob(pattern):
            path.write_text("")
    _keep(SERVICES, packages.glob("botocore/data/*/"))
    _keep(UTILITIES, packages.glob("aws_lambda_powertools/utilities/*/"))
    _keep(IMAGECODECS, packages.glob("imagecodecs/_*.so"))
    for path in packages.glob("botocore/data/endpoints.json"):
        path.write_bytes(_json(_endpoints(json.loads(path.read_bytes()))))
    for path in packages.glob("botocore/data/*/*/service-2.json.gz"):
        # Stored uncompressed: zlib's output differs between Pythons, and Lambda would unpack it at each start.
        path.with_suffix("").write_bytes(_json(_undocumented(json.loads(gzip.decompress(path.read_bytes())))))
        path.unlink()
    for folder in packages.glob("*.libs"):
        _remove_unreached(packages, folder)


def _keep(names: set[str], paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.name.partition(".")[0] not in names:
            _remove(path)


def _endpoints(partitions: dict[str, Any]) -> dict[str, Any]:
    """Removes other services from botocore's endpoints. Loading all of them takes 21 of the 38 ms of a client."""
    for partition in partitions["partitions"]:
        services = partition["services"].items()
        partition["services"] = {name: endpoints for name, endpoints in services if name in SERVICES}
    return partitions


def _undocumented(description: Any) -> Any:
    """Removes the documentation from a service's description, which saves 4 ms per client."""
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
        # Names are unique by their hash, and a file that links a library contains its name.
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
