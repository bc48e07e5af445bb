"""DICOM in, JSON and pictures out; pictures in, DICOM out. Knows nothing of AWS or HTTP.

The ways in: `imaging.answers.read` reads a file at once, `imaging.answers.planning` and `imaging.answers.parts` have
several workers read it, and `imaging.secondary_capture` makes one. A frame walks from `dataset` (parsed) through
`pixels` (decoded), `display` (shown) and `pictures` (encoded) to `answers` (written). Imports point the other way.
"""

import logging
import warnings

# They quote what is in files in what they log and warn of, and in Lambda both would end in CloudWatch.
for name in ("pydicom", "imagecodecs"):
    logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger(name).propagate = False
warnings.filterwarnings("ignore", module="pydicom")
