"""DICOM in, JSON and pictures out; pictures in, DICOM out. Knows nothing of AWS or HTTP.

The ways in: `imaging.read`, at once; `imaging.planning` and `imaging.parts`, by several workers; and
`imaging.secondary_capture`.
"""

import logging
import warnings

# They quote what is in files in what they log and warn of, and in Lambda both would end in CloudWatch.
for name in ("pydicom", "imagecodecs"):
    logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger(name).propagate = False
warnings.filterwarnings("ignore", module="pydicom")
