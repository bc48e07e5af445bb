"""For `make build-test`: the build, and a bare Python of Lambda's version."""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from samcli.commands._utils.template import get_template_data

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILT = ROOT / ".aws-sam" / "build"
NO_PYTHON = "There is no Python {0} here, which functions run with: .venv/bin/uv python install {0} gives one."
OTHER_MACHINE = "The layers are built for {}, and this is {}. tests/build/arm64.sh runs arm64 where it is not at home."


@dataclass(frozen=True)
class Built:
    """The result of `sam build`, and a command that starts Lambda's Python."""

    template: dict[str, Any]
    python: list[str]

    @property
    def layers(self) -> list[Path]:
        return [BUILT / layer / "python" for layer in ("CoreLayer", "ImagingLayer")]

    def run(self, script: str, *arguments: str | Path, given: bytes, **environment: str) -> bytes:
        """The output of a script beside this one. It sees only the standard library and the paths in `arguments`."""
        command = [*self.python, "-I", "-S", "-B", HERE / script, *arguments]
        ended = subprocess.run(command, input=given, env=environment, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout

    def told(self, program: str) -> str:
        return subprocess.run([*self.python, "-c", program], capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture(scope="session")
def built() -> Built:
    template = get_template_data(str(BUILT / "template.yaml"))
    version = template["Globals"]["Function"]["Runtime"].removeprefix("python")
    if not (python := shlex.split(os.environ.get("RUNTIME_PYTHON", ""))):
        pytest.fail(NO_PYTHON.format(version))
    built = Built(template, python)
    assert built.told("import sys; print('%d.%d' % sys.version_info[:2])") == version
    architecture = template["Resources"]["CoreLayer"]["Metadata"]["BuildArchitecture"]
    machine = built.told("import platform; print(platform.machine())").replace("aarch64", "arm64")
    if machine != architecture:
        pytest.fail(OTHER_MACHINE.format(architecture, machine))
    return built
