"""For all tests: properties are tried without a clock, since a busy machine is not a failure."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--served",
        metavar="FACTS",
        type=Path,
        help="run tests/e2e over an address that is served already: a JSON file with url, aws_endpoint_url, ..., as "
        "the local server's --ready-file; tests of the local server itself are left out",
    )
