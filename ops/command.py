"""What the commands have in common: the stack's name, and messages about failures."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from ops import stack
from problems import Problem


def arguments(command: str, description: str, *positional: str) -> argparse.Namespace:
    """What is on the command line: `positional`, and `stack`."""
    parser = argparse.ArgumentParser(prog=f"python -m ops.{command}", description=description)
    for name in positional:
        parser.add_argument(name)
    parser.add_argument("--stack", required=True, help="the stack's name in CloudFormation")
    return parser.parse_args()


@contextmanager
def on(stack_name: str, **tables: str) -> Iterator[None]:
    """Uses these tables of a stack within the context. A failure ends the command with a message.

    Each table is its variable in the functions' environment, and its name in the template.
    """
    try:
        os.environ |= {variable: stack.resource(stack_name, table) for variable, table in tables.items()}
        yield
    except Problem as problem:
        sys.exit("\n".join([problem.message, *(f"{name}: {why}" for name, why in (problem.fields or {}).items())]))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(error))


def new_password() -> str:
    """Asked for twice, or a line of standard input if that is not a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        sys.exit("The two passwords differ: nothing was done.")
    return password
