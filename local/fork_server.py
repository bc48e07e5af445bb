"""The process that workers are forked from. It has imported what every function imports, which takes 0.5 s."""

import multiprocessing
from multiprocessing import forkserver

# Packages of the layers only: the project's own code is imported by a worker, which is replaced when the code changes.
PRELOADED = [
    "local.bootstrap",
    "local.resources",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "boto3",
    "pynamodb.models",
]

CONTEXT = multiprocessing.get_context("forkserver")


def start() -> None:
    """Starts it, so that it imports while this process does. Without, it starts with the first worker."""
    CONTEXT.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def wait_for_the_servers_end() -> None:
    """Waits, in a process that the server has started, until the server has ended, however that happens."""
    if server := multiprocessing.parent_process():
        server.join()
