"""The layers read files as this checkout does: the same metadata, stored values and pictures."""

import base64
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.build.conftest import HERE, ROOT, Built
from tests.dicom_files import all_files

REFERENCE = ROOT / "tests" / "reference"
FILES = [*all_files(), *sorted((REFERENCE / "files").glob("*.dcm"))]
TABLE = json.loads((REFERENCE / "table.json").read_text())
# Lossy files: other processors and versions of their decoders may round differently.
ROUNDED = {
    "MR2_J2KI.dcm",
    "RG1_J2KI.dcm",
    "RG3_J2KI.dcm",
    "US1_J2KI.dcm",
    "jpeg_2000_lossy_12.dcm",
    "jpeg_xl_lossy.dcm",
}


@pytest.fixture(scope="module")
def layers(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    built.run("pictures.py", folder, *built.layers, given="\n".join(map(str, FILES)).encode())
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    command = [sys.executable, HERE / "pictures.py", folder, ROOT / "shared"]
    subprocess.run(command, input="\n".join(map(str, FILES)), capture_output=True, check=True, text=True)
    return folder


def test_stored_values_are_those_of_the_reference_table(layers: Path) -> None:
    expected = {line["file"]: line["stored"] for line in TABLE if line["stored"] and line["file"] not in ROUNDED}
    assert len(expected) > 200
    assert {name: (layers / f"{name}.stored").read_text() for name in expected} == expected


def test_metadata_and_pictures_are_the_same(layers: Path, checkout: Path) -> None:
    for name in (path.name for path in FILES if path.name not in ROUNDED):
        # The processor decides how a PNG is compressed, so the pixels are compared.
        ours, theirs = (folder / f"{name}.png" for folder in (layers, checkout))
        assert ours.read_bytes() == theirs.read_bytes() or difference(ours, theirs) == 0, name
        for other in ("jpeg", "gif"):
            assert (layers / f"{name}.{other}").read_bytes() == (checkout / f"{name}.{other}").read_bytes()


@pytest.mark.parametrize("name", sorted(ROUNDED))
def test_what_is_rounded_differs_by_one_at_most(name: str, layers: Path, checkout: Path) -> None:
    assert difference(layers / f"{name}.png", checkout / f"{name}.png") <= 1


def difference(ours: Path, theirs: Path) -> int:
    """The largest difference between the pictures of two answers that are otherwise the same."""
    one, other = (json.loads(path.read_bytes()) for path in (ours, theirs))
    pictures, others = one.pop("Images"), other.pop("Images")
    assert (one, len(pictures)) == (other, len(others))
    return max(int(np.abs(pixels(a) - pixels(b)).max()) for a, b in zip(pictures, others, strict=True))


def pixels(picture: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(base64.b64decode(picture))), np.int32)
