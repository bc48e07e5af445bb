"""Loads functions as Lambda does."""

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "functions"


def load(name: str) -> ModuleType:
    """The module functions/<name>/app.py, freshly loaded as at a cold start."""
    spec = importlib.util.spec_from_file_location(f"{name}_app", FOLDER / name / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
