"""Generates some 11000 files and has dciodvfy (Debian's dicom3tools) look for errors in each.

By hand, some two minutes: python tests/validate_with_dciodvfy.py
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.datadict import DicomDictionary

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from imaging.secondary_capture import generate, iod
from problems import Invalid

TEXT = {
    "AE": "STORE",
    "AS": "045Y",
    "AT": "(0010,0020)",
    "CS": "YES",
    "DA": "20240229",
    "DS": "1.5",
    "DT": "20240229123456.789+0100",
    "FD": "0.5",
    "FL": "0.5",
    "IS": "3",
    "LO": "Some text",
    "LT": "Some\r\ntext",
    "PN": "Doe^Jane",
    "SH": "Some text",
    "SL": "-3",
    "SS": "-3",
    "ST": "Some text",
    "SV": "-3",
    "TM": "123456.5",
    "UC": "Some text",
    "UI": "1.2.3.4",
    "UL": "3",
    "UR": "https://example.org/",
    "US": "3",
    "US or SS": "3",
    "UT": "Some text",
    "UV": "3",
}
# Attributes of the IOD, to be combined at random, some with values that must be refused.
COMBINED = {
    "PatientName": ["", "Doe^Jane", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Müller^Jürgen", "😀"],
    "PatientSex": ["", "M", "F", "O"],
    "PatientBirthDate": ["", "19800131"],
    "PatientComments": ["", "one\r\ntwo\\three"],
    "PatientSpeciesDescription": ["Canis lupus"],
    "PatientBreedDescription": ["Poodle"],
    "ResponsiblePerson": ["Roe^Richard"],
    "ResponsiblePersonRole": ["OWNER"],
    "PatientIdentityRemoved": ["YES", "NO"],
    "DeidentificationMethod": ["All of it", "Some\\of it"],
    "ClinicalTrialSponsorName": ["Sponsor"],
    "ClinicalTrialProtocolID": ["P1"],
    "ClinicalTrialSubjectID": ["S1"],
    "ClinicalTrialSeriesID": ["1"],
    "StudyInstanceUID": ["1.2.840.99999.1"],
    "StudyDate": ["", "20240229"],
    "StudyTime": ["", "12", "123456.789"],
    "StudyDescription": ["Größe"],
    "ReferringPhysicianName": ["Roe^R"],
    "Modality": ["CT", "MR", "OT", "DX", "US", "SC"],
    "Laterality": ["", "L", "R"],
    "ImageLaterality": ["L", "U"],
    "BodyPartExamined": ["", "CHEST", "KNEE", "FINGER"],
    "SeriesNumber": ["", "7"],
    "InstanceNumber": ["1"],
    "ConversionType": ["WSD", "DI", "SYN"],
    "ImageType": ["DERIVED\\PRIMARY", "ORIGINAL\\SECONDARY\\\\OTHER"],
    "PatientOrientation": ["", "L\\F", "A\\FR"],
    "BurnedInAnnotation": ["YES", "NO"],
    "WindowCenter": ["", "40", "40\\400"],
    "WindowWidth": ["400", "400\\2000", "0.5"],
    "VOILUTFunction": ["LINEAR_EXACT", "SIGMOID"],
    "RescaleSlope": ["1", "0.5"],
    "RescaleIntercept": ["-1024"],
    "RescaleType": ["HU"],
    "PixelSpacing": ["0.5\\0.5", ""],
    "PixelSpacingCalibrationType": ["GEOMETRY"],
    "PixelSpacingCalibrationDescription": ["By hand"],
    "PixelPaddingValue": ["0"],
    "PixelPaddingRangeLimit": ["1"],
    "ImageOrientationPatient": ["1\\0\\0\\0\\1\\0"],
    "Manufacturer": ["Acme"],
    "SoftwareVersions": ["1\\2"],
    "KVP": ["120"],
}


def picture(mode: str, file_format: str = "PNG") -> bytes:
    file = BytesIO()
    bands = {"I;16": (), "L": (), "CMYK": (4,)}.get(mode, (3,))
    samples = np.random.default_rng(0).integers(0, 256, (5, 7, *bands), dtype=np.uint8)
    image = Image.fromarray(samples.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(samples, mode)
    image.save(file, file_format)
    return file.getvalue()


def variants() -> Iterator[tuple[bytes, dict[str, str]]]:
    gray, pictures = picture("L"), [picture("I;16"), picture("RGB"), picture("L", "JPEG"), picture("CMYK", "JPEG")]
    yield from ((one, {}) for one in (gray, *pictures))
    for vr, multiplicity, _, _, keyword in DicomDictionary.values():
        if vr in TEXT:
            text = "\\".join([TEXT[vr]] * int(multiplicity.partition("-")[0]))
            yield gray, {keyword: text}
            yield gray, {keyword: ""}
            yield gray, {keyword: text} | {need.partition(" ")[0]: "1" for need in iod.NEEDS.get(keyword, ())}
    yield from ((gray, {keyword: one}) for keyword, ones in iod.ENUMERATED.items() for one in ones[0].split())
    yield from ((gray, {"BodyPartExamined": part}) for part in iod.UNPAIRED)
    rng = random.Random(0)  # noqa: S311
    for _ in range(2000):
        keywords = rng.sample(sorted(COMBINED), rng.randint(1, 12))
        yield rng.choice((gray, *pictures)), {keyword: rng.choice(COMBINED[keyword]) for keyword in keywords}


def errors(variant: tuple[bytes, dict[str, str]]) -> list[str] | None:
    """None where the attributes are refused."""
    try:
        file = generate(*variant)
    except Invalid:
        return None
    with tempfile.NamedTemporaryFile(suffix=".dcm") as stored:
        stored.write(file)
        stored.flush()
        run = subprocess.run(["dciodvfy", stored.name], capture_output=True, text=True, errors="replace", check=False)
    lines = (run.stdout + run.stderr).splitlines()
    return [line for line in lines if line.startswith("Error") and "not a recognized standard attribute" not in line]


def main() -> int:
    everything = list(variants())
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = list(threads.map(errors, everything))
    for (_, attributes), lines in zip(everything, found, strict=True):
        for line in lines or []:
            print(attributes, line)  # noqa: T201
    wrong = sum(bool(lines) for lines in found)
    print(f"{len(found)} variants: {found.count(None)} refused, {wrong} with errors")  # noqa: T201
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
