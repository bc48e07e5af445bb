"""Prints the unzipped size of what was built: `python layers/sizes.py [FOLDER]`, by default .aws-sam/build.

Lambda allows 250 MB for a function with its layers, and smaller ones start faster.
"""

import sys
from pathlib import Path
from typing import Any

from samcli.commands._utils.template import get_template_data

BUILT = Path(__file__).parents[1] / ".aws-sam" / "build"
MOST = 250 * 1024**2


def sizes(built: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Bytes of each layer and function by itself, and of each function with its layers."""
    template = get_template_data(str(built / "template.yaml"))
    common = template["Globals"]["Function"]["Layers"]
    functions = _properties(template, "AWS::Serverless::Function")
    layers = _properties(template, "AWS::Serverless::LayerVersion")
    alone = {name: _size(built / name) for name in (*layers, *functions)}
    together = {
        name: alone[name] + sum(alone[layer["Ref"]] for layer in [*common, *properties.get("Layers", [])])
        for name, properties in functions.items()
    }
    return alone, together


def _properties(template: dict[str, Any], resource_type: str) -> dict[str, dict[str, Any]]:
    resources = template["Resources"].items()
    return {name: resource["Properties"] for name, resource in resources if resource["Type"] == resource_type}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(alone: dict[str, int], together: dict[str, int]) -> str:
    lines = [f"{'Unzipped':28}{'kB':>10}{'MB with its layers':>22}"]
    for name in sorted(alone, key=lambda name: (name in together, name)):
        loaded = f"{together[name] / 1024**2:22.1f}" if name in together else ""
        lines.append(f"{name:28}{alone[name] / 1024:10,.0f}{loaded}")
    return "\n".join([*lines, f"{'Lambda takes':38}{MOST / 1024**2:22.1f}"])


if __name__ == "__main__":
    sys.stdout.write(table(*sizes(Path(*sys.argv[1:]) if sys.argv[1:] else BUILT)) + "\n")
