"""The API from a command line: `python -m client read scan.dcm --save pictures`."""
