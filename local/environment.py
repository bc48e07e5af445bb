"""The environment variables that a function's process has."""

import os
from collections.abc import Mapping
from pathlib import Path

from local.stack import Function

# Taken from the machine: where programs and temporary files are.
KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")


def variables(aws: Mapping[str, str], library: Path, function: Function) -> dict[str, str]:
    """Lambda's own variables, the template's, and `aws`; nothing else of what the server's process has."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **_lambda_variables(function),
        **function.environment,
        **aws,
        "PYTHONPATH": os.pathsep.join(map(str, (function.directory, library))),
        "PYTHONUNBUFFERED": "1",
    }


def _lambda_variables(function: Function) -> dict[str, str]:
    return {
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(function.directory),
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
    }
