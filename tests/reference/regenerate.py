"""Asks the witnesses again and writes `table.json` anew: `python -m tests.reference.regenerate [name…]`.

Of each line `file`, `peculiar`, `twin`, `right`, `why` and `unshown` are written by hand and kept; the rest is what the
witnesses say. `twin` is a file that is known to hold the same values. `right` names the witness to be believed where
they differ, and `why` says why it is. `unshown` says why DCMTK can't be a witness of how the file is shown.
"""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from tests.dicom_files import all_files
from tests.reference import make, witnesses

TABLE = Path(__file__).parent / "table.json"
WITNESSES: dict[str, Callable[[Path], NDArray[Any] | None]] = {
    "hand": witnesses.by_hand,
    "dcmtk": witnesses.by_dcmtk,
    "gdcm": witnesses.by_gdcm,
    "ffmpeg": witnesses.by_ffmpeg,
}
BY_HAND = ("file", "peculiar", "twin", "right", "why", "unshown")
PAIRS = 16  # of a stored value and what is shown for it, that are kept of a frame


def main(names: list[str]) -> None:
    """Writes the table, one line a file."""
    warnings.simplefilter("ignore")  # pydicom warns about files that are broken on purpose
    known = {line["file"]: line for line in json.loads(TABLE.read_text())} if TABLE.exists() else {}
    made = {f"{name}.dcm": values for name, _, values in make.files()}
    lines = []
    for path in [*all_files(), *sorted(make.FILES.glob("*.dcm"))]:
        line = known.get(path.name, {"file": path.name})
        if not names or path.name in names:
            line = {key: line[key] for key in BY_HAND if key in line}
            line |= _testimony(path, line, made.get(path.name))
        if "pixels" in line:
            lines.append(json.dumps(line))
    TABLE.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def _testimony(path: Path, line: dict[str, Any], made: NDArray[Any] | None) -> dict[str, Any]:
    dataset = pydicom.dcmread(path, force=True)
    if "twin" not in line and ("PixelData" not in dataset or "Rows" not in dataset):
        return {}
    seen = {name: ask(path) for name, ask in WITNESSES.items()} if "PixelData" in dataset else {}
    if made is not None:
        seen["made"] = made.reshape(-1, *_frame_shape(dataset))
    if "twin" in line:
        (twin,) = (other for other in all_files() if other.name == line["twin"])
        seen["twin"] = witnesses.by_hand(twin)
    answers = {name: values for name, values in seen.items() if values is not None and values.size}
    digests = {name: witnesses.digest(values) for name, values in answers.items()}
    if not digests:
        return {"pixels": _described(dataset), "stored": None, "witnesses": []}
    right = line.get("right", next(iter(answers)))
    agreeing = [name for name, found in digests.items() if found == digests[right]]
    others = [name for name in digests if name not in agreeing]
    # The irreversible wavelet of JPEG 2000 is done in floats, and who rounds differently may be off by one.
    close = [name for name in others if np.abs(answers[name] - answers[right]).max() <= 1]
    differing = [name for name in others if name not in close]
    if differing and "right" not in line:
        sys.stderr.write(f"{path.name}: {differing} differ from {agreeing}; write down which is right, and why\n")
    testimony = {"pixels": _described(dataset), "stored": digests[right], "witnesses": agreeing}
    if close:
        testimony["within_1"] = close
    if differing:
        testimony["differ"] = differing
    knows_values = "dcmtk" in seen and ("dcmtk" in agreeing or "dcmtk" not in answers)
    return testimony | (_shown(path, dataset, answers[right]) if knows_values and "unshown" not in line else {})


def _frame_shape(dataset: pydicom.Dataset) -> tuple[int, ...]:
    samples = int(dataset.get("SamplesPerPixel") or 1)
    return (dataset.Rows, dataset.Columns) + ((samples,) if samples > 1 else ())


def _described(dataset: pydicom.Dataset) -> str:
    sign = "signed" if dataset.get("PixelRepresentation") else "unsigned"
    return " ".join(
        (
            str(dataset.file_meta.get("TransferSyntaxUID", "no transfer syntax")),
            str(dataset.get("PhotometricInterpretation")),
            f"{dataset.get('Columns')}x{dataset.get('Rows')}x{dataset.get('NumberOfFrames') or 1}",
            f"{dataset.get('BitsAllocated')}/{dataset.get('BitsStored')}/{dataset.get('HighBit')} {sign}",
        )
    )


def _shown(path: Path, dataset: pydicom.Dataset, stored: NDArray[Any]) -> dict[str, Any]:
    """What DCMTK shows of the first and the last frame, for some of their stored values.

    Not asked where it can't be a witness: it knows neither windows of functional groups (PS3.3 C.7.6.16) nor
    LINEAR_EXACT. It does not know padding either, which is left out of what it is asked.
    """
    if "SharedFunctionalGroupsSequence" in dataset or dataset.get("VOILUTFunction") == "LINEAR_EXACT":
        return {}
    options, within = _way(dataset)
    padding = _padding(dataset)
    if padding is not None and options == ["+Wm"]:
        options = _range_without(padding, stored, dataset)
    frames = {}
    for number in sorted({1, len(stored)}):
        picture = witnesses.shown_by_dcmtk(path, number, *options)
        if picture is not None and picture.shape[:2] == stored.shape[1:3]:
            pairs = _pairs(stored[number - 1], picture)
            frames[str(number)] = [pair for pair in pairs if pair[0] != padding]
    return {"shown": frames, "within": within, "options": " ".join(options)} if frames else {}


def _way(dataset: pydicom.Dataset) -> tuple[list[str], float]:
    """DCMTK's options that ask for what is shown here without any, and how far from it a right picture may be."""
    photometric = str(dataset.get("PhotometricInterpretation"))
    if photometric.startswith("YBR"):
        return [], 2  # its matrix is in whole numbers, each product cut off
    if not photometric.startswith("MONOCHROME"):
        return [], 0 if dataset.BitsAllocated == 8 or photometric == "PALETTE COLOR" else 1
    if "VOILUTSequence" in dataset:
        return ["+Wl", "1"], 1  # it shifts an entry of 12 bits to 8
    # Of windows it gives 16 bits, cut off, so half a grey of rounding and 1/257 of cutting off is all that may differ.
    return (["+Wm"] if dataset.get("WindowCenter") is None else ["+Wi", "1"]), 0.51


def _padding(dataset: pydicom.Dataset) -> int | None:
    value = dataset.get("PixelPaddingValue")
    return value - 65536 if value is not None and dataset.PixelRepresentation and value > 32767 else value


def _range_without(padding: int, stored: NDArray[Any], dataset: pydicom.Dataset) -> list[str]:
    """The window from the lowest to the highest value that is no padding (PS3.3 C.11.2.1.2.1)."""
    kept = stored[stored != padding] * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    low, high = kept.min(), kept.max()
    return ["+Ww", str((low + high + 1) / 2), str(high - low + 1)]


def _pairs(stored: NDArray[Any], picture: NDArray[Any]) -> list[list[Any]]:
    """Some of the stored values, evenly from the lowest to the highest, each with what is shown at its first pixel."""
    flat = stored.reshape(-1, *stored.shape[2:])
    values, places = np.unique(flat, axis=0, return_index=True)
    chosen = np.unique(np.linspace(0, len(values) - 1, PAIRS).astype(int))
    shown = picture.reshape(-1, *picture.shape[2:]).round(2)
    return [[values[index].tolist(), shown[places[index]].tolist()] for index in chosen]


if __name__ == "__main__":
    main(sys.argv[1:])
