"""The stack as `make deploy` creates it: by the same command, in a copy of the build."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[2]
BUILT = Path(".aws-sam") / "build"
STAGE, STACK = "dev", "dicom-api-dev"  # as samconfig.toml has them


class Deployment:
    """`built` is the copy, which may be changed. `ready_file` describes the stack for tests/e2e."""

    def __init__(self, directory: Path) -> None:
        self.built = directory / BUILT
        self.ready_file = directory / "ready.json"
        self._directory = directory
        shutil.copytree(ROOT / BUILT, self.built)
        shutil.copy(ROOT / "samconfig.toml", directory)

    def deploy(self, **parameters: object) -> None:
        """Creates or updates the stack with these parameters and those of samconfig.toml."""
        given = [f"{name}={value}" for name, value in parameters.items()]
        self._sam("deploy", *(["--parameter-overrides", *given] if given else []))
        names = self.names()
        aws_url = os.environ["AWS_ENDPOINT_URL"]
        facts = {
            "url": f"https://{names['Api']}.execute-api.localhost:{aws_url.rpartition(':')[2]}/prod",
            "aws_endpoint_url": aws_url,
            "names": names,
            "parameters": {name: str(value) for name, value in parameters.items()},
        }
        self.ready_file.write_text(json.dumps(facts))

    def delete(self) -> None:
        self._sam("delete", "--no-prompts")

    def names(self) -> dict[str, str]:
        """Each resource's physical id, by logical id."""
        resources = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    def run_tests(self, *options: str) -> int:
        """Runs tests/e2e over the stack, on the same terminal, and returns pytest's exit code."""
        command = [sys.executable, "-m", "pytest", "tests/e2e", "--served", self.ready_file, *options]
        return subprocess.run([*command, "-p", "no:cacheprovider"], cwd=ROOT, check=False).returncode

    def _sam(self, command: str, *options: str) -> None:
        sam = [Path(sys.executable).with_name("sam"), command, "--config-env", STAGE, *options]
        done = subprocess.run(sam, cwd=self._directory, capture_output=True, text=True, check=False)
        if done.returncode:
            # SAM CLI prints each upload's progress a hundred times.
            told = [line for line in done.stderr.splitlines() if line.strip() and "Uploading to" not in line]
            pytest.fail("\n".join([f"sam {command} failed:", done.stdout, *told, _reasons()]), pytrace=False)


def _reasons() -> str:
    """CloudFormation's reasons for resources that could not be created, changed or deleted."""
    pages = boto3.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=STACK)
    try:
        events = [event for page in pages for event in page["StackEvents"]]
    except ClientError as problem:
        return str(problem)
    return "\n".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    )
