"""A deployed stack, and the functions' logs where a test of it fails."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.deploy.deployment import Deployment
from tests.deploy.emulated_aws import MiniStack
from tests.e2e.server import find_names_of_this_machine


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A folder for hundreds of megabytes, deleted at once, as pytest would keep them."""
    with tempfile.TemporaryDirectory(prefix="deploy-test-") as path:
        yield Path(path)


@pytest.fixture(scope="session")
def ministack(directory: Path) -> Iterator[MiniStack]:
    """The AWS that this process uses."""
    (own := directory / "ministack").mkdir()
    running = MiniStack(own)
    find_names_of_this_machine()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in running.environment().items():
            patch.setenv(name, value)
        yield running
    running.end()


@pytest.fixture(scope="session")
def deployment(ministack: MiniStack, directory: Path) -> Deployment:
    assert boto3.client("sts").meta.endpoint_url == ministack.url  # and no account of anybody's
    made = Deployment(directory / "project")
    made.deploy()
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed and (ministack := getattr(item, "funcargs", {}).get("ministack")):
        # Its log contains the functions' lines, too.
        report.sections.append(("MiniStack's last lines", "\n".join(ministack.log().splitlines()[-60:])))
    return report
