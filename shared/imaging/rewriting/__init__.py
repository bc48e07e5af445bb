"""DICOM files to new DICOM files: an upload, one file or a zip of several, and what is done with each file of it.

It knows nothing of the answers that a read gives, and they know nothing of it.
"""
