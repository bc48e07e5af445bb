"""The template's functions, routes and resources, as the local server needs them.

They are kept beside the template for the next start, as Python keeps what it compiles: SAM CLI takes two seconds to
load and to read the template, and meanwhile the functions can start.
"""

import contextlib
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.aws_names import Names


@dataclass(frozen=True)
class Function:
    name: str
    directory: Path
    handler: str
    runtime: str
    timeout: int  # seconds
    memory: int  # MB
    environment: dict[str, str]


@dataclass(frozen=True)
class Source:
    """A queue whose messages are events for a function, by an AWS::Lambda::EventSourceMapping."""

    queue_arn: str
    queue_url: str
    function: str
    batch: int  # messages at the most
    at_once: int  # invocations at the most
    reports_failures: bool


@dataclass(frozen=True)
class Stack:
    functions: list[Function]
    names: dict[str, Names]  # of resources
    resources: Mapping[str, Mapping[str, Any]]
    sources: list[Source]
    gateway_responses: Mapping[str, Mapping[str, Any]]
    routes: Mapping[str, str]  # by path, the name of a function that serves it
    api: bytes  # SAM CLI's Api, pickled, as only SAM CLI can read it


class Unusable(Exception):
    """The template can't be read, or does not accept a parameter. The message says why."""


def load(path: Path, given: Mapping[str, str]) -> Stack:
    """The template at `path` with the parameters that are `given`. Raises Unusable."""
    try:
        source = (str(path), path.read_bytes(), dict(given), _readers())
    except OSError as error:
        raise Unusable(f"The template {path} can't be read: {error.strerror}.") from None
    kept = path.parent / "__pycache__" / "template.pickle"
    with contextlib.suppress(Exception):  # there is none, or another version of this program wrote it
        if kept.stat().st_uid == os.geteuid():  # another user's pickle may do anything
            of, stack = pickle.loads(kept.read_bytes())  # noqa: S301
            if of == source:
                return stack  # type: ignore[no-any-return]
    from local import template

    stack = template.stack(path, given)
    with contextlib.suppress(OSError):  # the folder may not be writable
        kept.parent.mkdir(exist_ok=True)
        new = kept.with_suffix(".new")
        new.write_bytes(pickle.dumps((source, stack)))
        new.replace(kept)
    return stack


def _readers() -> list[object]:
    """The programs that read a template: what another version of them read is read again."""
    programs = [Path(__file__).with_name(name).read_bytes() for name in ("template.py", "aws_names.py", "stack.py")]
    return [*programs, version("aws-sam-cli"), version("aws-sam-translator")]
