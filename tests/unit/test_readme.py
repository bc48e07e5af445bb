"""The example of the library in README.md runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

from tests.dicom_files import file_bytes

ROOT = Path(__file__).parents[2]


def test_the_library_in_four_lines(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len([line for line in code.splitlines() if line]) == 4
    (tmp_path / "scan.dcm").write_bytes(file_bytes("MR_small.dcm"))
    path = {"PYTHONPATH": str(ROOT / "shared")}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=path, capture_output=True, text=True, check=True
    )
    assert run.stdout == "MR 64 x 64\n"
    assert (tmp_path / "scan.png").read_bytes().startswith(b"\x89PNG")
