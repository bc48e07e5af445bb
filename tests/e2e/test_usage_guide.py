"""docs/usage-guide.md: its examples run in their order, and print what it shows."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import LocalServer

GUIDE = Path(__file__).parents[2] / "docs" / "usage-guide.md"
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
END = "-- the next example --"


def examples() -> list[tuple[str, str]]:
    """Commands, and what they print according to the guide: "" if they print nothing."""
    found: list[tuple[str, str]] = []
    for language, text in FENCED.findall(GUIDE.read_text()):
        if language == "sh":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text.strip())
    return found


@pytest.mark.skipif(not shutil.which("curl"), reason="The examples are curl's.")
def test_the_examples(local_server: LocalServer, tmp_path: Path) -> None:
    shutil.copy(local_server.facts["sample"], tmp_path / "scan.dcm")
    Image.new("L", (8, 8)).save(tmp_path / "picture.png")
    script = f"\necho; echo '{END}'\n".join(["set -eu", *(commands for commands, _ in examples())])
    account = "guide@example.com"
    ran = subprocess.run(
        ["bash", "-c", script.replace("me@example.com", account)],
        cwd=tmp_path,
        env={"URL": local_server.url, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    for printed, (commands, shown) in zip(ran.stdout.split(END)[1:], examples(), strict=True):
        pattern = re.escape(shown.replace("me@example.com", account)).replace("…", "[^\n]+")
        assert re.fullmatch(pattern, printed.strip()), commands
