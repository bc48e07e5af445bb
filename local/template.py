"""The content of template.yaml, read with SAM CLI's providers."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from samcli.commands.exceptions import UserException
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.provider import Api
from samcli.lib.providers.provider import Stack as SamStack
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from local import aws_names
from local.aws_names import Names
from local.stack import Function, Source, Stack, Unusable

# SAM CLI reads YAML in Python, which takes 0.14 s for the template; libyaml takes 0.02 s.
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[misc]


def stack(path: Path, given: Mapping[str, str]) -> Stack:
    """All that the local server needs of the template, with the parameters that are `given`. Raises Unusable."""
    declared = read(path, given)
    check_parameters(declared, given)
    names = aws_names.names(declared.resources)
    resolved = read(path, {**given, **names})
    served = api(resolved)
    return Stack(
        functions(resolved),
        names,
        dict(resolved.resources),
        sources(resolved, names),
        gateway_responses(resolved),
        {route.path: route.function_name for route in served.routes},
        pickle.dumps(served),
    )


def read(path: Path, values: Mapping[str, Any]) -> SamStack:
    """The template with its intrinsic functions resolved.

    `values` are parameters, and `{"Ref": ..., "Arn": ...}` for resources, whose logical ids stand in it otherwise.
    Raises Unusable.
    """
    try:
        stacks, _ = SamLocalStackProvider.get_stacks(str(path), parameter_overrides=dict(values))
    except UserException as problem:
        raise Unusable(problem.message) from None
    return stacks[0]


def check_parameters(stack: SamStack, given: Mapping[str, str]) -> None:
    """Raises Unusable unless the template has these parameters and allows their values."""
    definitions = stack.template_dict.get("Parameters", {})
    for name, value in given.items():
        if name not in definitions:
            raise Unusable(f"The template has no parameter {name}, only {', '.join(definitions)}.")
        allowed = definitions[name].get("AllowedValues", [value])
        if value not in allowed:
            raise Unusable(f"{name} is one of {', '.join(allowed)}, not {value}.")
        if definitions[name]["Type"] == "Number" and not value.isdecimal():
            raise Unusable(f"{name} is a number, not {value}.")


def functions(stack: SamStack) -> list[Function]:
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


def api(stack: SamStack) -> Api:
    return ApiProvider([stack], cwd=str(Path(stack.location).parent)).api


def sources(stack: SamStack, names: Mapping[str, Names]) -> list[Source]:
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


def gateway_responses(stack: SamStack) -> dict[str, dict[str, Any]]:
    """`GatewayResponses` of the template's API, by response type."""
    for resource in stack.resources.values():
        if resource["Type"] == "AWS::Serverless::Api":
            responses: dict[str, dict[str, Any]] = resource["Properties"].get("GatewayResponses", {})
            return responses
    return {}


def _text(value: Any) -> str:
    # YAML's true is "true" in CloudFormation.
    return str(value).lower() if isinstance(value, bool) else str(value)
