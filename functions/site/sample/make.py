"""Makes the portal's sample: a CT-like phantom of a head, of nobody, and what the API answers to it.

    .venv/bin/python functions/site/sample/make.py URL KEY

writes assets/sample.dcm and a sample-*.json for each window that the portal offers, while the API runs at URL.
"""

import io
import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import requests
from pydicom import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import EnhancedCTImageStorage, JPEGLSLossless

ASSETS = Path(__file__).parents[1] / "assets"
WINDOWS = {"own": None, "bone": "300,1500", "soft-tissue": "40,400"}  # the file's own is brain

SIZE = 288  # columns and rows
FRAMES = 16
SPACING = 0.71  # mm
HEIGHTS = np.linspace(-38, 67, FRAMES)  # mm

Volume = npt.NDArray[np.float64]


def phantom() -> Volume:
    """Hounsfield units, (frames, rows, columns)."""
    rng = np.random.default_rng(12)
    line = (np.arange(SIZE) - SIZE / 2 + 0.5) * SPACING
    z, y, x = np.meshgrid(HEIGHTS, line, line, indexing="ij")

    def ellipsoid(centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Volume:
        (a, b, c), (across, along, high) = centre, radii
        distance: Volume = np.sqrt(((x - a) / across) ** 2 + ((y - b) / along) ** 2 + ((z - c) / high) ** 2)
        return distance

    # A forehead narrower than the back of the head.
    narrow = 1 - 0.10 * np.clip(-y / 92, 0, 1)
    head = np.sqrt((x / (73 * narrow)) ** 2 + (y / 91) ** 2 + (z / 88) ** 2)
    folds = smooth(rng.standard_normal(x.shape), 3.2)
    folds /= folds.std()
    depth = 0.905 - head

    tissue = np.full(x.shape, -1000.0)
    tissue[head < 1.09] = -60  # fat of the scalp
    tissue[head < 1.075] = 35
    tissue[head < 1.005] = 1150
    tissue[(head < 0.982) & (head > 0.955)] = 620  # spongy bone
    tissue[head < 0.932] = 8  # cerebrospinal fluid
    brain = depth > 0
    tissue[brain] = 29  # white matter
    tissue[brain & (depth < 0.085 + 0.05 * folds)] = 39  # cortex
    tissue[brain & (depth < 0.13) & (np.abs(folds) < 0.16)] = 13  # sulci
    tissue[(np.abs(x) < 1.3) & brain & ((depth < 0.33) | (z > 38))] = 14  # the fissure between the hemispheres
    tissue[(np.abs(x) < 0.7) & brain & (depth < 0.30)] = 58  # falx
    for side in (-1, 1):
        tissue[ellipsoid((side * 23, -3, 6), (9, 22, 17)) < 1] = 40  # basal ganglia
        tissue[ellipsoid((side * 9, 10, 4), (8, 14, 13)) < 1] = 39  # thalamus
        bend = side * (8 + 0.010 * (y + 4) ** 2 * np.where(y > 0, 0.9, 0.6))
        ventricle = ((x - bend) / 5.5) ** 2 + ((y - 2) / 40) ** 2 + ((z - 19) / 13) ** 2
        tissue[ventricle < 1] = 4
        tissue[ellipsoid((side * 23, 33, 17), (3.2, 5, 4)) < 1] = 130  # calcified choroid plexus
    tissue[ellipsoid((0, 12, 2), (2.2, 15, 11)) < 1] = 5  # third ventricle
    tissue[ellipsoid((0, 31, 4), (2.6, 3, 3)) < 1] = 210  # calcified pineal gland
    noise = smooth(rng.standard_normal(x.shape), 0.9)
    hounsfield: Volume = smooth(tissue, 0.75) + 2.6 * noise / noise.std() * (head < 1.1)
    return hounsfield


def smooth(volume: Volume, sigma: float) -> Volume:
    """Each frame, blurred by a Gaussian of `sigma` pixels."""
    frequency = np.fft.fftfreq(SIZE)
    gain = np.exp(-2 * (np.pi * sigma) ** 2 * (frequency[:, None] ** 2 + frequency[None, :] ** 2))
    blurred: Volume = np.fft.ifft2(np.fft.fft2(volume) * gain).real
    return blurred


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def dicom_file(volume: Volume) -> bytes:
    stored = np.clip(np.round(volume + 1024), 0, 4095).astype(np.uint16)
    uid = "1.2.826.0.1.3680043.8.498.12"
    made = item(
        SpecificCharacterSet="ISO_IR 192",
        ImageType=["DERIVED", "PRIMARY", "VOLUME", "NONE"],
        SOPClassUID=EnhancedCTImageStorage,
        SOPInstanceUID=f"{uid}.3",
        StudyDate="20260301",
        ContentDate="20260301",
        StudyTime="101500",
        ContentTime="101500",
        AccessionNumber="",
        Modality="CT",
        Manufacturer="DICOM API",
        ManufacturerModelName="Synthetic phantom",
        StudyDescription="Head without contrast",
        SeriesDescription="Axial 7 mm",
        ReferringPhysicianName="",
        PatientName="Phantom^Head",
        PatientID="SAMPLE-1",
        PatientBirthDate="",
        PatientSex="O",
        BodyPartExamined="HEAD",
        KVP="120",
        StudyInstanceUID=f"{uid}.1",
        SeriesInstanceUID=f"{uid}.2",
        StudyID="1",
        SeriesNumber="2",
        InstanceNumber="1",
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        NumberOfFrames=str(FRAMES),
        Rows=SIZE,
        Columns=SIZE,
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=0,
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PresentationLUTShape="IDENTITY",
        SharedFunctionalGroupsSequence=[
            item(
                PixelMeasuresSequence=[item(PixelSpacing=[SPACING, SPACING], SliceThickness="7")],
                PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
                PixelValueTransformationSequence=[item(RescaleIntercept="-1024", RescaleSlope="1", RescaleType="HU")],
                FrameVOILUTSequence=[
                    item(WindowCenter="40", WindowWidth="80", WindowCenterWidthExplanation="BRAIN"),
                ],
            )
        ],
        PerFrameFunctionalGroupsSequence=[
            item(
                FrameContentSequence=[item(FrameAcquisitionNumber=1, StackID="1", InStackPositionNumber=n)],
                PlanePositionSequence=[item(ImagePositionPatient=[-102, -102, round(float(height), 1)])],
            )
            for n, height in enumerate(HEIGHTS, start=1)
        ],
        PixelData=encapsulate([bytes(imagecodecs.jpegls_encode(frame)) for frame in stored]),
    )
    made["PixelData"].VR = "OB"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = JPEGLSLossless
    with io.BytesIO() as file:
        made.save_as(file, enforce_file_format=True)
        return file.getvalue()


def answer(url: str, key: str, file: bytes, window: str | None) -> bytes:
    options = {"return_format": "jpeg", **({"window": window} if window else {})}
    got = requests.post(
        f"{url}/api/dicom/read/file/",
        headers={"Authorization": f"ApiKey {key}"},
        files={"file": ("sample.dcm", file)},
        data=options,
        timeout=60,
    )
    got.raise_for_status()
    return got.content


def main() -> None:
    url, key = sys.argv[1:]
    file = dicom_file(phantom())
    (ASSETS / "sample.dcm").write_bytes(file)
    for name, window in WINDOWS.items():
        (ASSETS / f"sample-{name}.json").write_bytes(answer(url, key, file, window))


if __name__ == "__main__":
    main()
