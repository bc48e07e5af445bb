"""Packages in a layer whose modules are loaded when a name of them is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from layers.lazy import make_lazy

INIT = '''"""A package."""

from __future__ import annotations

from package.circle import (
    Circle,
    area,
)

from .square import Square
from .version import VERSION
from .word import word

__all__ = ["Circle", "Square", "area", "word"]
__version__ = VERSION
'''
MODULES = {
    "circle": "class Circle: ...\ndef area(): return 3.14",
    "square": "from .circle import Circle\nclass Square(Circle): ...",
    "version": "VERSION = '1.0'",
    "word": "def word(): return 'hello'",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    for name, code in MODULES.items():
        (folder / f"{name}.py").write_text(code)
    make_lazy(folder)
    return folder


def run(package: Path, code: str) -> str:
    command = [sys.executable, "-c", f"import sys, package\n{code}"]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()


LOADED = "print(sorted(name for name in sys.modules if name.startswith('package.')))"


def test_a_module_is_loaded_for_the_first_of_its_names(package: Path) -> None:
    # Of `version`, the package itself needs a name. `word` is a module's name, too, which would be given for it.
    assert run(package, LOADED) == "['package.version', 'package.word']"
    assert run(package, f"package.area; {LOADED}") == "['package.circle', 'package.version', 'package.word']"
    assert run(package, "from package import Square; print(Square.__mro__[1] is package.Circle)") == "True"
    assert run(package, "print(package.word(), package.__version__, package.__doc__)") == "hello 1.0 A package."


def test_all_names_can_be_imported(package: Path) -> None:
    assert (
        run(package, "from package import *; print(area(), Circle.__name__, Square.__name__)") == "3.14 Circle Square"
    )


def test_other_names_are_missing_as_ever(package: Path) -> None:
    assert run(package, "print(getattr(package, 'Triangle', None))") == "None"
    code = "try:\n    package.Triangle\nexcept AttributeError as error: print(error)"
    assert run(package, code) == "module 'package' has no attribute 'Triangle'"
