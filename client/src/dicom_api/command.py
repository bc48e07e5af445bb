"""The command `dicom-api`."""

import os
import sys
from collections.abc import Sequence

from dicom_api import arguments
from dicom_api.client import Client
from dicom_api.errors import DicomApiError
from dicom_api.output import printable


def main(given: Sequence[str] | None = None) -> int:
    """Runs the command, and returns the exit code that `dicom-api --help` explains."""
    options = arguments.parse(given)
    try:
        made = Client(options.key, options.url)
    except ValueError as error:
        print(f"dicom-api: {printable(str(error))}", file=sys.stderr)
        return 2
    try:
        with made as client:
            code = int(options.command(client, options))
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (DicomApiError, OSError) as error:
        print(printable(_sentence(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130  # as in a shell: 128 plus the signal's number
    return code


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
