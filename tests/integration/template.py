"""template.yaml, read for tests."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from samcli.yamlhelper import yaml_parse

from tests.integration.lambda_context import CONTEXT

TEMPLATE: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())


def resources(resource_type: str) -> dict[str, dict[str, Any]]:
    """The properties of the template's resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == resource_type
    }


def context_of(function: str) -> SimpleNamespace:
    """The context of a function of the template, with all of its time left."""
    settings = {**TEMPLATE["Globals"]["Function"], **resources("AWS::Serverless::Function")[function]}
    return SimpleNamespace(
        **{
            **vars(CONTEXT),
            "memory_limit_in_mb": settings["MemorySize"],
            "get_remaining_time_in_millis": lambda: settings["Timeout"] * 1000,
        }
    )


def names_in(value: Any) -> set[str]:
    """The resources that a value in the template refers to, by Ref, GetAtt or Sub."""
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    if not isinstance(value, dict):
        return set()
    found = names_in(list(value.values()))
    found |= {value["Ref"].partition(".")[0]} if "Ref" in value else set()  # <function>.Alias
    found |= {value["Fn::GetAtt"][0]} if "Fn::GetAtt" in value else set()
    found |= set(re.findall(r"\$\{(\w+)", value["Fn::Sub"])) if "Fn::Sub" in value else set()
    return found & set(TEMPLATE["Resources"])


def environment() -> dict[str, str]:
    """The environment variables of all functions together."""
    variables: dict[str, Any] = {}
    for function in resources("AWS::Serverless::Function").values():
        variables |= function.get("Environment", {}).get("Variables", {})
    return {name: _value(value) for name, value in variables.items()}


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    if value["Ref"] in TEMPLATE["Parameters"]:
        return str(TEMPLATE["Parameters"][value["Ref"]]["Default"])
    return queue_url(value["Ref"]) if value["Ref"] in resources("AWS::SQS::Queue") else physical_name(value["Ref"])


def queue_url(logical_id: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/123456789012/{logical_id}"


def physical_name(logical_id: str) -> str:
    """A resource's name in the emulated AWS."""
    return logical_id.lower() if logical_id in resources("AWS::S3::Bucket") else logical_id


def dynamodb_permissions(function: str) -> set[tuple[str, str]]:
    """(action, table) pairs that the function's policies allow."""
    pairs = set()
    for policy in resources("AWS::Serverless::Function")[function]["Policies"]:
        for statement in policy["Statement"]:
            for action in _list(statement["Action"]):
                service, _, name = action.partition(":")
                if service == "dynamodb":
                    pairs |= {(name, table) for table in names_in(statement["Resource"])}
    return pairs


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
