"""A DICOM file in another transfer syntax, or with other values, and otherwise as it was.

It imports from `pixels` and `dataset`, and nothing of the answers.
"""

from imaging.conversion.file import convert
from imaging.conversion.options import OPTIONS, ConvertOptions, read_options

__all__ = ["OPTIONS", "ConvertOptions", "convert", "read_options"]
