"""Builds give the same bytes everywhere, and install only packages of uv.lock."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.conftest import ROOT

NEEDED = ["template.yaml", "samconfig.toml", "pyproject.toml", "uv.lock", "Makefile", "functions", "layers", "shared"]
SAM = Path(sys.executable).with_name("sam")


def copy(folder: Path) -> Path:
    """The files of this checkout that a build needs, with their times, so that nothing is set up again."""
    folder.mkdir()
    for name in NEEDED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def build(folder: Path, architecture: str, umask: int, **environment: str) -> dict[str, tuple[int, str]]:
    """Permissions and SHA-256 of each file of layers and functions."""
    subprocess.run(
        [SAM, "build", "--parameter-overrides", f"Architecture={architecture}"],
        cwd=folder,
        env=os.environ | {"SAM_CLI_TELEMETRY": "0"} | environment,
        umask=umask,
        capture_output=True,
        check=True,
    )
    built = folder / ".aws-sam" / "build"
    return {
        str(path.relative_to(built)): (path.stat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in built.glob("*/**/*")
        if path.is_file()
    }


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_two_builds_give_the_same_bytes(architecture: str, tmp_path: Path) -> None:
    one = build(copy(tmp_path / "one"), architecture, 0o022)
    other = build(copy(tmp_path / "elsewhere"), architecture, 0o077, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    assert len(one) > 1000
    assert one == other


def test_a_package_that_is_not_the_one_in_uv_lock_is_refused(tmp_path: Path) -> None:
    lock = copy(tmp_path / "copy") / "uv.lock"
    times = lock.stat()
    lock.write_text(re.sub(r"(/orjson-[^}]*sha256:).{8}", r"\g<1>00000000", lock.read_text()))
    os.utime(lock, ns=(times.st_atime_ns, times.st_mtime_ns))
    ended = subprocess.run(
        ["make", "-f", tmp_path / "copy" / "layers" / "x86_64" / "Makefile", "build-CoreLayer"],
        cwd=tmp_path / "copy" / "shared",
        env=os.environ | {"ARTIFACTS_DIR": str(tmp_path / "layer")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "Hash mismatch for `orjson" in ended.stderr
