"""Removes from a DICOM file what tells who the patient is (PS3.15 E), and keeps nothing that could undo it.

It imports from `dataset`, `pixels` and `secondary_capture`, and nothing of the answers.
"""

from imaging.deidentification.file import deidentify
from imaging.deidentification.options import OPTIONS, DeidentifyOptions, read_options

__all__ = ["OPTIONS", "DeidentifyOptions", "deidentify", "read_options"]
