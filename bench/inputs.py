"""The files that are measured, made here once and kept in .bench/."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bench import dicom_files, encoders, pictures
from bench.dicom_files import ANGIOGRAPHY, CT, MAMMOGRAPHY, ULTRASOUND, Scanner, dicom_file
from bench.encoders import SYNTAXES

FOLDER = Path(__file__).parents[1] / ".bench"
SOURCES = (__file__, dicom_files.__file__, encoders.__file__, pictures.__file__)


class Input(NamedTuple):
    """A measured file and its number of frames."""

    name: str
    path: Path
    frames: int


class Film(NamedTuple):
    """The pictures of one scanner, and the transfer syntaxes to measure."""

    name: str
    scanner: Scanner
    frames: int
    picture: Callable[[int], NDArray[Any]]
    syntaxes: Sequence[str]


FILMS = (
    Film("CT", CT, 1, lambda _: pictures.ct(), [name for name in SYNTAXES if name != "JPEG"]),  # which has 8 bits
    Film(
        "Mammogram",
        MAMMOGRAPHY,
        1,
        lambda _: pictures.mammogram(),
        ["raw", "JPEG lossless SV1", "JPEG-LS", "JPEG 2000", "HTJ2K"],
    ),
    Film("Angiogram", ANGIOGRAPHY, 96, pictures.angiogram, ["raw", "JPEG lossless SV1"]),
    Film("Ultrasound", ULTRASOUND, 60, pictures.ultrasound, ["raw", "RLE", "JPEG"]),
)
GROWING = (1, 10, 100, 1000)  # frames


def inputs() -> list[Input]:
    """DICOM files to read."""
    folder = _made()
    return [
        Input(f"{film.name}, {syntax}", folder / _file_name(film, syntax), film.frames)
        for film in FILMS
        for syntax in film.syntaxes
    ]


def films_to_grow() -> list[Input]:
    """Angiograms of few and of many frames."""
    return [Input(f"{count} frames", _made() / f"{count}-frames.dcm", count) for count in GROWING]


def pictures_to_generate() -> list[Input]:
    """Pictures to make DICOM files of."""
    names = {"PNG 512x512, 16 bits": "ct.png", "JPEG 640x480": "ultrasound.jpg", "PNG 4096x3072": "mammogram.png"}
    return [Input(name, _made() / file, 1) for name, file in names.items()]


def _made() -> Path:
    """The folder with all files. Making them takes 20 seconds."""
    folder = FOLDER / hashlib.sha256(b"".join(Path(source).read_bytes() for source in SOURCES)).hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(FOLDER, ignore_errors=True)
        unfinished = FOLDER / "unfinished"
        unfinished.mkdir(parents=True)
        _make(unfinished)
        unfinished.rename(folder)
    return folder


def _make(folder: Path) -> None:
    for film in FILMS:
        frames = [film.picture(index) for index in range(film.frames)]
        for syntax in film.syntaxes:
            (folder / _file_name(film, syntax)).write_bytes(dicom_file(film.scanner, frames, SYNTAXES[syntax]))
    few = [pictures.angiogram(index) for index in range(24)]
    for count in GROWING:
        many = [few[index % len(few)] for index in range(count)]
        (folder / f"{count}-frames.dcm").write_bytes(dicom_file(ANGIOGRAPHY, many, SYNTAXES["JPEG"]))
    (folder / "ct.png").write_bytes(imagecodecs.png_encode(pictures.ct() * np.uint16(16)))
    (folder / "ultrasound.jpg").write_bytes(imagecodecs.jpeg8_encode(pictures.ultrasound(0), level=90))
    (folder / "mammogram.png").write_bytes(imagecodecs.png_encode((pictures.mammogram() // 16).astype(np.uint8)))


def _file_name(film: Film, syntax: str) -> str:
    return f"{film.name}-{syntax}.dcm".replace(" ", "-").lower()
