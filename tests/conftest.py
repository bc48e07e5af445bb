"""For all tests: no clock for properties, since a busy machine is not a failure, and functions' lines are seen."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

import telemetry

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")


class StandardOutput:
    """The one of the moment, as pytest puts another in its place for each test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


telemetry.logger.registered_handler.setStream(StandardOutput())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--served",
        metavar="FACTS",
        type=Path,
        help="run tests/e2e over an address that is served already: a JSON file with url, aws_endpoint_url, ..., as "
        "the local server's --ready-file; tests of the local server itself are left out",
    )
