"""Cold starts: importing each function's handler in a new process, compared with importing only its packages."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import aws
from bench.processes import ROOT

BUILT = ROOT / ".aws-sam/build"
HTTP = "orjson, aws_lambda_powertools.logging, aws_lambda_powertools.metrics, aws_lambda_powertools.event_handler"
QUEUE = "orjson, aws_lambda_powertools.logging, aws_lambda_powertools.metrics, aws_lambda_powertools.utilities.batch"
TABLES = "pynamodb.models, pynamodb.connection"
PICTURES = f"{TABLES}, numpy, pydicom"
PASSWORDS = f"{TABLES}, jwt, argon2, email_validator"
# What functions need besides Powertools and orjson. Those that are not listed use tables and tokens.
NEEDED = {
    "allowed_fields": "re2",
    "health": "",
    "required_field_types": "",
    "site": "",
    "password": PASSWORDS,
    "register": PASSWORDS,
    "token": PASSWORDS,
    "read": PICTURES,
    "generate": PICTURES,
    "upload_create": PICTURES,
    "upload_worker": PICTURES,
}
QUEUES = {"dead_letters", "upload_worker"}
MEASURE = "import time; started = time.perf_counter(); import {}; print(time.perf_counter() - started)"


def cold_starts(rounds: int) -> Iterator[str]:
    """The lines of a table."""
    python, layers = deployed()
    where = "layers as built" if layers else "from the source tree, as there is no `make build` with its Python"
    yield f"{'import, ms (' + where + ')':32}{'ours':>9}{'needed':>10}{'x':>6}  needed: Powertools, orjson, and"
    for function in sorted(path.parent for path in (ROOT / "functions").glob("*/app.py")):
        more = NEEDED.get(function.name, f"{TABLES}, jwt")
        needed = ", ".join(filter(None, (QUEUE if function.name in QUEUES else HTTP, more)))
        name = "".join(map(str.capitalize, function.name.split("_"))) + "Function"
        paths = [BUILT / name, *layers] if layers else [function, ROOT / "shared"]
        environment = {
            **os.environ,
            **aws.VARIABLES,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        pairs = [[_milliseconds(python, modules, environment) for modules in ("app", needed)] for _ in range(rounds)]
        ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
        yield f"{function.name:32}{ours:9.0f}{bare:10.0f}{ours / bare:6.2f}  {more}"


def deployed() -> tuple[str, list[Path]]:
    """The Python that compiled the layers, and the layers. If either is missing, this Python and no layers."""
    layers = [BUILT / "CoreLayer/python", BUILT / "ImagingLayer/python"]
    compiled = next(layers[0].glob("tables.*"), None) and next(layers[0].glob("__pycache__/tables.*"), None)
    if compiled:
        version = compiled.name.split("-")[1].split(".")[0]  # tables.cpython-313.pyc
        for candidate in sorted(Path.home().glob(f".pyenv/versions/{version[0]}.{version[1:]}.*/bin/python")):
            return str(candidate), layers
    return sys.executable, []


def _milliseconds(python: str, modules: str, environment: dict[str, str]) -> float:
    command = [python, "-P", "-c", MEASURE.format(modules)]
    told = subprocess.run(command, env=environment, cwd="/", capture_output=True, check=True, text=True)  # noqa: S603
    return float(told.stdout) * 1000
