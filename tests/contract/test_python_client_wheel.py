"""The wheel of client/, installed where nothing else of the project is."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv/bin/uv"


def ran(*command: str | Path, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, text=True, timeout=300
    ).stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that has the wheel, and what the wheel says it needs."""
    folder = tmp_path_factory.mktemp("wheel")
    ran(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT / "client", folder=folder)
    (wheel,) = folder.glob("*.whl")
    ran(UV, "venv", "--quiet", "--python", sys.executable, folder / "environment", folder=folder)
    python = folder / "environment/bin/python"
    ran(UV, "pip", "install", "--quiet", "--python", python, wheel, folder=folder)
    return python.parent


def test_the_command_tells_its_version_and_its_help(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "client/pyproject.toml").read_text())["project"]
    assert ran(installed / "dicom-api", "--version", folder=tmp_path) == f"dicom-api {project['version']}\n"
    told = ran(installed / "dicom-api", "--help", folder=tmp_path)
    for kind in ("read", "generate", "uploads", "activity"):
        assert kind in told


def test_both_clients_are_imported_and_typed(installed: Path, tmp_path: Path) -> None:
    program = """
from importlib.resources import files
from dicom_api import AsyncClient, Client
assert files("dicom_api").joinpath("py.typed").is_file()
Client("prefix.secret").close()
"""
    ran(installed / "python", "-c", program, folder=tmp_path)
