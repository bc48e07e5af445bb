"""Tells what importing a function loads: `python loaded.py PATH... > names`. PATHs lead to it and its packages."""

import json
import sys

sys.path[:0] = sys.argv[1:]

import app  # noqa: E402, F401

json.dump(list(sys.modules), sys.stdout)
