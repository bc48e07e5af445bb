"""For all tests: hypothesis tries the same examples each time, and capsys sees the functions' log lines."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

import telemetry

# No deadline, as a slow machine must not fail a test. tests/fuzz.py tries random examples.
settings.register_profile("always the same", max_examples=25, deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, database=None)
settings.load_profile("always the same")


class StandardOutput:
    """Writes to the current sys.stdout, which pytest replaces for each test."""

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
