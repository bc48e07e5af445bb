"""What a client gets: the JSON of docs/usage-guide.md, the DICOM JSON Model, and the parts of large answers.

The top room: it imports from all others but `secondary_capture`, and none imports from it.
"""
