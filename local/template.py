"""The content of template.yaml, read with SAM CLI's providers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcli.commands.exceptions import UserException
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.provider import Api, Stack
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

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


class Unusable(Exception):
    """The template can't be read, or does not accept a parameter. The message says why."""


def read(path: Path, values: Mapping[str, Any]) -> Stack:
    """The template with its intrinsic functions resolved.

    `values` are parameters, and `{"Ref": ..., "Arn": ...}` for resources, whose logical ids stand in it otherwise.
    Raises Unusable.
    """
    try:
        stacks, _ = SamLocalStackProvider.get_stacks(str(path), parameter_overrides=dict(values))
    except UserException as problem:
        raise Unusable(problem.message) from None
    return stacks[0]


def parameters(path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The template's parameters for a local run. Raises Unusable."""
    definitions = read(path, {}).template_dict.get("Parameters", {})
    for name, value in given.items():
        if name not in definitions:
            raise Unusable(f"The template has no parameter {name}, only {', '.join(definitions)}.")
        allowed = definitions[name].get("AllowedValues", [value])
        if value not in allowed:
            raise Unusable(f"{name} is one of {', '.join(allowed)}, not {value}.")
        if definitions[name]["Type"] == "Number" and not value.isdecimal():
            raise Unusable(f"{name} is a number, not {value}.")
    return dict(given)


def functions(stack: Stack) -> list[Function]:
    root = Path(stack.location).parent
    return [
        Function(
            function.name,
            (root / function.codeuri).resolve(),
            function.handler,
            function.runtime,
            function.timeout or 3,  # Lambda's defaults
            function.memory or 128,
            {name: _text(value) for name, value in (function.environment or {}).get("Variables", {}).items()},
        )
        for function in SamFunctionProvider([stack]).get_all()
    ]


def api(stack: Stack) -> Api:
    return ApiProvider([stack], cwd=str(Path(stack.location).parent)).api


def sources(stack: Stack, names: Mapping[str, Names]) -> list[Source]:
    urls = {own["Arn"]: own["Ref"] for own in names.values() if "QueueName" in own}
    return [
        Source(
            given["EventSourceArn"],
            urls[given["EventSourceArn"]],
            given["FunctionName"].partition(".")[0],  # <function>.Alias, of which there is none here
            # Text where it comes from a parameter that is given. Else, Lambda's defaults.
            int(given.get("BatchSize", 10)),
            int(given.get("ScalingConfig", {}).get("MaximumConcurrency", 1000)),
            "ReportBatchItemFailures" in given.get("FunctionResponseTypes", []),
        )
        for given in (
            resource["Properties"]
            for resource in stack.resources.values()
            if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        )
    ]


def gateway_responses(stack: Stack) -> dict[str, dict[str, Any]]:
    """`GatewayResponses` of the template's API, by response type."""
    for resource in stack.resources.values():
        if resource["Type"] == "AWS::Serverless::Api":
            responses: dict[str, dict[str, Any]] = resource["Properties"].get("GatewayResponses", {})
            return responses
    return {}


def _text(value: Any) -> str:
    # YAML's true is "true" in CloudFormation.
    return str(value).lower() if isinstance(value, bool) else str(value)
