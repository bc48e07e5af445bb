"""Reads and makes DICOM files by the API: `python -m client --help`."""

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit

import requests

from client import arguments
from client.api import Api, ApiError
from client.metadata import printable


def main(given: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 for what went wrong; argparse exits with 2 for what was given wrong."""
    options = arguments.parse(given)
    try:
        with closing(Api(options.url, options.key)) as api:
            options.command(api, options)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ApiError, OSError) as error:
        print(printable(_sentence(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130  # as a shell has it: 128 and the signal's number
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"There is no safe connection to {_server(error)}: its certificate is not trusted."
    if isinstance(error, (requests.ConnectionError, requests.Timeout)):
        return f"No answer from {_server(error)}: see whether it runs, and whether the address is right (--url)."
    if isinstance(error, requests.TooManyRedirects):
        return f"{_server(error)} sends on and on, from one address to the next: see whether --url is right."
    if isinstance(error, requests.RequestException):
        return f"The connection to {_server(error)} broke off: try again."
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return str(error)


def _server(error: requests.RequestException) -> str:
    """Without the path and the query, which may be a presigned URL's."""
    if error.request is None:
        return "the server"
    parts = urlsplit(str(error.request.url))
    return f"{parts.scheme}://{parts.netloc}"


if __name__ == "__main__":
    sys.exit(main())
