"""Pictures of a read file as arrays."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.answers.options import read_options
from tests.read_answer import read


def pictures(content: bytes, **options: str) -> list[NDArray[Any]]:
    """All pictures, (rows, columns) or (rows, columns, 3)."""
    images = read("a.dcm", content, read_options(options))["Images"]
    return [np.asarray(Image.open(BytesIO(base64.b64decode(image)))) for image in images]


def shown(content: bytes, **options: str) -> NDArray[Any]:
    """The first picture."""
    return pictures(content, **options)[0]


def warnings(content: bytes, **options: str) -> list[str]:
    return list(read("a.dcm", content, read_options(options)).get("Warnings", []))
