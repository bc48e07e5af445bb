"""DICOM in, JSON and pictures out; pictures in, DICOM out. It knows nothing of AWS or HTTP.

`imaging.read` is the short way in. `imaging.answers.read` reads a file at once, `imaging.answers.planning` and
`imaging.answers.parts` have several workers read it, and `imaging.secondary_capture` generates one.

A file is parsed in `dataset`. `display/rendering.py` takes a frame through the other rooms: `pixels` decodes it,
`display` turns it into 8 bits, and `pictures` encodes it. `answers` writes the result.

Rooms to come stand beside these, above `dataset` and `pixels`: `volumes`, `documents` and `waveforms`.
"""

import logging
import warnings
from typing import Any

# Their log messages and warnings quote what is in files, and Lambda would send both to CloudWatch.
for name in ("pydicom", "imagecodecs"):
    logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger(name).propagate = False
warnings.filterwarnings("ignore", module="pydicom")


def read(content: bytes, **options: str) -> dict[str, Any]:
    """A DICOM file, or a zip of several, as the object of docs/usage-guide.md: keywords to texts, and pictures.

    `options` are the fields of the form, such as `fields="PatientName"` and `images="false"`. `Images` has one picture
    per frame in base64. Raises problems.Invalid if the file or an option is not valid, problems.TooLarge for a file of
    more than a request may have.
    """
    import orjson

    from imaging.answers.options import read_options
    from imaging.answers.read import write_answer

    answer = bytearray()
    write_answer("", content, read_options(options), answer.extend)
    written: dict[str, Any] = orjson.loads(answer)
    return written
