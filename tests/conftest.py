"""For all tests: properties are tried with the same examples each time, and functions' lines are seen."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

import telemetry

# Without a clock, since a busy machine is not a failure. tests/fuzz.py tries others; what it finds becomes an @example.
settings.register_profile("always the same", max_examples=50, deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, database=None)
settings.load_profile("always the same")


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
