"""Compares the answers of two programs before they are timed."""

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.inputs import Input
from bench.processes import NotMeasured, Process

APART = 1  # in the grey values of a picture: where decoders of lossy streams and windows may round another way


class Sizes:
    """The bytes of all PNGs in an answer together."""

    def __init__(self, ours: int, weekend: int | None) -> None:
        self.ours = ours
        self.weekend = weekend

    @property
    def ratio(self) -> float | None:
        return self.ours / self.weekend if self.weekend else None


def check(file: Input, ours: Process, weekend: Process, folder: Path) -> Sizes:
    """Raises AssertionError if the two answers differ, or if ours makes more calls to AWS than it may."""
    our_told, our_answer = _answer(ours, file, folder / "ours.json")
    wanted = ["GetItem", "UpdateItem", "PutObject"]
    assert our_told["calls"] in (wanted, wanted[:2], []), f"{file.name}: {our_told['calls']}"  # none if it is staged
    assert len(our_answer["Images"]) == file.frames, file.name
    assert "Warnings" not in our_answer, f"{file.name}: {our_answer['Warnings']}"
    try:
        _, their_answer = _answer(weekend, file, folder / "weekend.json")
    except NotMeasured:
        return Sizes(_size(our_answer), None)
    assert our_answer.keys() == their_answer.keys(), f"{file.name}: {our_answer.keys() ^ their_answer.keys()}"
    for number, images in enumerate(zip(our_answer["Images"], their_answer["Images"], strict=True), 1):
        our_picture, their_picture = map(_picture, images)
        assert our_picture.shape == their_picture.shape, f"{file.name}, frame {number}"
        apart = int(np.abs(our_picture - their_picture).max())
        assert apart <= APART, f"{file.name}, frame {number}: {apart} apart"
    return Sizes(_size(our_answer), _size(their_answer))


def _answer(program: Process, file: Input, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    told = program.run(file.path, path)
    return told, json.loads(path.read_bytes())


def _size(answer: dict[str, Any]) -> int:
    return sum(len(base64.b64decode(image)) for image in answer["Images"])


def _picture(image: str) -> NDArray[np.int16]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(image)))).astype(np.int16)
