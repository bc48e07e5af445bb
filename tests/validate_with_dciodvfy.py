"""Generates some 19000 files, and checks each with dciodvfy (Debian's dicom3tools).

Run it by hand; it takes two minutes: python tests/validate_with_dciodvfy.py
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
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageCms
from pydicom import dcmread
from pydicom.datadict import DicomDictionary
from pydicom.uid import JPEG2000Lossless

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from imaging.secondary_capture import generate, iod
from imaging.secondary_capture.encoding import COMPRESSIONS
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
SYNCHRONIZED = {
    "SynchronizationFrameOfReferenceUID": "1.2.3.4",
    "SynchronizationTrigger": "NO TRIGGER",
    "AcquisitionTimeSynchronized": "N",
    "TimeDistributionProtocol": "PTP",
    "TimeSource": "A clock",
}
# Attributes of the IOD, which are combined at random. Some of the values must be refused.
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
    "ConversionType": ["WSD", "DI", "SYN", "DF"],
    "ImageType": ["DERIVED\\PRIMARY", "ORIGINAL\\SECONDARY\\\\OTHER"],
    "PatientOrientation": ["", "L\\F", "A\\FR"],
    "BurnedInAnnotation": ["YES", "NO"],
    "WindowCenter": ["", "40", "40\\400"],
    "WindowWidth": ["400", "400\\2000", "0.5"],
    "VOILUTFunction": ["LINEAR_EXACT", "SIGMOID"],
    "RescaleSlope": ["1", "0.5"],
    "RescaleIntercept": ["0", "-1024"],
    "RescaleType": ["HU", "US"],
    "PixelSpacing": ["0.5\\0.5", ""],
    "PixelSpacingCalibrationType": ["GEOMETRY"],
    "PixelSpacingCalibrationDescription": ["By hand"],
    "PixelPaddingValue": ["0"],
    "PixelPaddingRangeLimit": ["1"],
    "ImageOrientationPatient": ["1\\0\\0\\0\\1\\0"],
    "Manufacturer": ["Acme"],
    "SoftwareVersions": ["1\\2"],
    "KVP": ["120"],
    "FrameTime": ["40"],
    "FrameTimeVector": ["0\\40"],
    "FrameLabelVector": ["A\\B"],
    "SliceLocationVector": ["0\\1.5"],
    "PageNumberVector": ["2\\1", "1"],
    "NominalScannedPixelSpacing": ["0.1\\0.1"],
    "RecommendedDisplayFrameRate": ["25"],
}


class Variant(NamedTuple):
    """The form that a file is generated from."""

    images: list[bytes]
    attributes: dict[str, str]
    compression: str = "none"


def picture(mode: str, file_format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    bands = {"I;16": (), "L": (), "CMYK": (4,)}.get(mode, (3,))
    samples = np.random.default_rng(0).integers(0, 256, (5, 7, *bands), dtype=np.uint8)
    image = Image.fromarray(samples.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(samples, mode)
    image.save(file, file_format, **options)
    return file.getvalue()


def variants() -> Iterator[Variant]:
    icc_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gray, others = picture("L"), [picture("I;16"), picture("RGB"), picture("CMYK", "JPEG")]
    others += [picture("RGB", icc_profile=icc_profile), picture("RGB", "JPEG", icc_profile=icc_profile)]
    others += [picture("L", "JPEG"), picture("RGB", "JPEG", subsampling=0), picture("RGB", "JPEG", keep_rgb=True)]
    images = [[one] * count for one in (gray, *others) for count in (1, 2)]
    yield from (Variant(some, {}, compression) for some in images for compression in COMPRESSIONS)
    for vr, multiplicity, _, _, keyword in DicomDictionary.values():
        if vr in TEXT:
            text = "\\".join([TEXT[vr]] * int(multiplicity.partition("-")[0]))
            yield Variant([gray], {keyword: text})
            yield Variant([gray], {keyword: ""})
            yield Variant([gray], {keyword: text} | dict.fromkeys(_needed(keyword), "1"))
            yield Variant([gray, gray], {keyword: text} | dict.fromkeys(_needed(keyword), "1"))
    yield from (Variant([gray], {keyword: one}) for keyword, ones in iod.ENUMERATED.items() for one in ones[0].split())
    yield from (Variant([gray] * count, SYNCHRONIZED) for count in (1, 2))
    yield from (Variant([gray], {"BodyPartExamined": part}) for part in iod.UNPAIRED)
    rng = random.Random(0)  # noqa: S311
    for _ in range(4000):
        keywords = rng.sample(sorted(COMBINED), rng.randint(1, 12))
        attributes = {keyword: rng.choice(COMBINED[keyword]) for keyword in keywords}
        yield Variant(rng.choice(images), attributes, rng.choice(list(COMPRESSIONS)))


def _needed(keyword: str) -> list[str]:
    return [need.partition(" ")[0] for need in iod.NEEDS.get(keyword, ())]


def errors(variant: Variant) -> list[str] | None:
    """The file; None if the attributes or the images are refused."""
    try:
        file = generate(*variant)
    except Invalid:
        return None
    if variant.compression == "htj2k":  # dciodvfy does not know HTJ2K, so it gets the UID of JPEG 2000
        dataset = dcmread(BytesIO(file))
        dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
        dataset.save_as(renamed := BytesIO())
        file = renamed.getvalue()
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
    for variant, lines in zip(everything, found, strict=True):
        for line in lines or []:
            print(len(variant.images), variant.compression, variant.attributes, line)  # noqa: T201
    wrong = sum(bool(lines) for lines in found)
    print(f"{len(found)} variants: {found.count(None)} refused, {wrong} with errors")  # noqa: T201
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
