"""The rooms of shared/imaging: imports point down only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

IMAGING = Path(__file__).parents[2] / "shared" / "imaging"
GROUND = ""  # modules outside of rooms, which all may import
# The top room comes first. A room may import from itself, from later rooms, and from the ground.
ROOMS = [
    "answers",
    "rewriting",
    "deidentification",
    "conversion",
    "secondary_capture",
    "display",
    "pictures",
    "pixels",
    "dataset",
    GROUND,
]

NOT_OF_READS = {"rewriting", "deidentification", "conversion", "secondary_capture"}


def imported(path: Path) -> Iterator[str]:
    """The modules of `imaging` that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(parts: tuple[str, ...]) -> str:
    if parts == ("__init__.py",):  # the public functions, which call the top room
        return ROOMS[0]
    return parts[0] if len(parts) > 1 and parts[0] in ROOMS else GROUND


def test_every_folder_is_a_room() -> None:
    assert {path.parent.name for path in IMAGING.glob("*/__init__.py")} == set(ROOMS) - {GROUND}


@pytest.mark.parametrize("path", sorted(IMAGING.rglob("*.py")), ids=lambda path: str(path.relative_to(IMAGING)))
def test_imports_point_down(path: Path) -> None:
    here = ROOMS.index(room(path.relative_to(IMAGING).parts))
    modules = [module.split(".")[1:] for module in imported(path) if module.startswith("imaging.")]
    rooms = {room((*module, "")) for module in modules}
    assert not {name for name in rooms if ROOMS.index(name) < here}
    assert (
        here != ROOMS.index("answers")
        or not {"rewriting", "deidentification", "conversion", "secondary_capture"} & rooms
    )


def test_the_library_imports_nothing_of_aws_or_http() -> None:
    own = {path.stem for path in IMAGING.parent.iterdir()} - {"imaging", "dicom_dictionary", "problems", "tally"}
    foreign = own | {"boto3", "botocore", "pynamodb", "aws_lambda_powertools"}
    found = {module.partition(".")[0] for path in IMAGING.rglob("*.py") for module in imported(path)}
    assert not found & foreign
