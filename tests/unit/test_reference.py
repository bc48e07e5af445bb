"""Compares what other programs see in each file of the reference table with what is seen here."""

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from imaging.answers.options import ReadOptions
from imaging.dataset.dicom_file import parse
from imaging.pixels.frames import open_frames
from tests.dicom_files import all_files, picture_file
from tests.read_answer import read
from tests.reference.witnesses import digest

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")  # warns about files that are broken on purpose

REFERENCE = Path(__file__).parents[1] / "reference"
TABLE = json.loads((REFERENCE / "table.json").read_text())
PATHS = {path.name: path for path in [*all_files(), *sorted((REFERENCE / "files").glob("*.dcm"))]}
# The first two have no Rows and Columns, and the third is no DICOM file.
WITHOUT_PICTURES = {"meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "no_meta.dcm"}


@pytest.mark.parametrize("line", [line for line in TABLE if line["stored"]], ids=lambda line: line["file"])
def test_stored_values(line: dict[str, Any]) -> None:
    frames = open_frames(parse(PATHS[line["file"]].read_bytes()))
    assert frames is not None
    assert digest(frames.frame(index).samples for index in range(frames.count)) == line["stored"]


@pytest.mark.parametrize("line", [line for line in TABLE if "shown" in line], ids=lambda line: line["file"])
def test_shown_values(line: dict[str, Any]) -> None:
    content = PATHS[line["file"]].read_bytes()
    frames = open_frames(parse(content))
    assert frames is not None
    for number, pairs in line["shown"].items():
        stored = frames.frame(int(number) - 1).samples
        picture = _picture(content, int(number))
        for value, shown in pairs:
            there = stored == value if stored.ndim == 2 else (stored == value).all(axis=-1)
            assert there.any()
            assert np.abs(picture[there] - np.array(shown)).max() <= line["within"]


def test_every_file_with_pixels_has_its_line() -> None:
    with_pixels = {name for name, path in PATHS.items() if b"\xe0\x7f\x10\x00" in path.read_bytes()}
    assert with_pixels - {line["file"] for line in TABLE} == WITHOUT_PICTURES


def _picture(content: bytes, number: int) -> NDArray[Any]:
    answer = read("a.dcm", content, ReadOptions(frames=((number, number),)))
    return np.asarray(Image.open(BytesIO(base64.b64decode(answer["Images"][0]))))


def test_modality_values_keep_their_fractions() -> None:
    # Rescaled to 0.013 x - 7.5 (PS3.3 C.11.1.1.2). Stretched over its range, x from 0 to 255 is x again.
    content = PATHS["grey_rescale_fractions_range.dcm"].read_bytes()
    frames = open_frames(parse(content))
    assert frames is not None
    assert np.array_equal(_picture(content, 1), frames.frame(0).samples)


def test_a_palette_of_65536_entries() -> None:
    # A count of 0 means 65536, which 16 bits can't hold (PS3.3 C.7.6.3.1.5). The upper byte of an entry is shown.
    pixels = np.array([[0, 255, 256], [32768, 65280, 65535]], np.uint16)
    every = np.arange(65536)
    tables: dict[str, Any] = {}
    for colour, entries in (("Red", every), ("Green", every[::-1]), ("Blue", every * 5 % 65536)):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [0, 0, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = entries.astype("<u2").tobytes()
    picture = _picture(picture_file(pixels, PhotometricInterpretation="PALETTE COLOR", **tables), 1)
    assert picture[..., 0].tolist() == [[0, 0, 1], [128, 255, 255]]
    assert picture[..., 1].tolist() == [[255, 255, 254], [127, 0, 0]]
    assert picture[..., 2].tolist() == [[0, 4, 5], [128, 251, 255]]
