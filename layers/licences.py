"""Lists the packages of the two layers with their versions and licences in docs/licences.md: `make licences`."""

import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
UV = ROOT / ".venv/bin/uv"
LAYERS = ("core", "imaging")
RUNTIME = {"python_full_version": "3.13.0", "python_version": "3.13", "sys_platform": "linux"}  # as layers/runtime.mk

# What packages call a licence, and its SPDX identifier.
SPDX = {
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3": "BSD-3-Clause",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Python Software Foundation License": "PSF-2.0",
}
PERMISSIVE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",  # weak: whoever changes its files publishes them, and we change none
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}


HEAD = """# Licences

The packages in the Lambda layers. `make licences` writes this page from `uv.lock`; a test fails on a licence that
is unknown or not permissive. Our own code is under the [Apache License 2.0](../LICENSE).

| Package | Version | Layer | Licence |
|---|---|---|---|
"""


class Package(NamedTuple):
    name: str
    version: str
    layers: tuple[str, ...]
    licence: str


def packages() -> list[Package]:
    """What uv.lock puts into the layers, by name."""
    held: dict[tuple[str, str], list[str]] = {}
    for layer in LAYERS:
        command = [UV, "export", "-q", "--frozen", "--only-group", layer, "--no-header", "--no-hashes", "--no-annotate"]
        run = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
        for name, version, marker in re.findall(r"^([\w.-]+)==(\S+?)(?: ; (.+))?$", run.stdout, re.MULTILINE):
            if not marker or Marker(marker).evaluate(RUNTIME):
                held.setdefault((name, version), []).append(layer)
    return [Package(*key, tuple(layers), licence(key[0])) for key, layers in sorted(held.items())]


def licence(name: str) -> str:
    """The SPDX expression of an installed package's licence; "unknown" if its metadata has none that is known here."""
    about = metadata.metadata(name).json
    given = str(about.get("license_expression") or about.get("license") or "").strip()
    stated = SPDX.get(given, given)
    if stated and is_permissive(stated):
        return stated
    classifiers = [line for line in about.get("classifier", []) if line.startswith("License ::")]
    classified = [line.rpartition(" :: ")[2] for line in classifiers]
    return " AND ".join(SPDX.get(each, each) for each in classified) or (stated.splitlines() or ["unknown"])[0]


def is_permissive(expression: str) -> bool:
    """Whether all that the SPDX expression asks for is permissive; of alternatives (OR), one is enough."""
    return all(
        any(name.strip(" ()") in PERMISSIVE for name in part.split(" OR ")) for part in re.split(r" AND ", expression)
    )


def page() -> str:
    rows = [f"| {each.name} | {each.version} | {', '.join(each.layers)} | {each.licence} |" for each in packages()]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
