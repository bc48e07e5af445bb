"""Commands for the operator, run from the project's root: `python -m ops.<command> --help`."""

import sys
from pathlib import Path

# In Lambda a layer does this.
sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))
