"""DICOM in, JSON and pictures out; pictures in, DICOM out. Knows nothing of AWS or HTTP.

`imaging.read` and `imaging.secondary_capture` are the two ways in.
"""

import logging
import warnings

# pydicom quotes values in what it logs and warns of, and in Lambda both would end in CloudWatch.
logging.getLogger("pydicom").addHandler(logging.NullHandler())
logging.getLogger("pydicom").propagate = False
warnings.filterwarnings("ignore", module="pydicom")
