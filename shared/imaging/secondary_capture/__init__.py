"""PNG or JPEG pictures, with attributes given as text, to a DICOM file: a Secondary Capture Image (PS3.3 A.8)."""

from imaging.secondary_capture.instance import check as check
from imaging.secondary_capture.instance import generate as generate
