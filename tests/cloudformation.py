"""The resources that CloudFormation creates from template.yaml, computed without AWS.

CloudFormation works in three steps, and so does this module:

1. It expands Fn::ForEach and its like (the transform AWS::LanguageExtensions). SAM CLI has code for that.
2. It turns AWS::Serverless::Function and its like into plain resources: roles, aliases, permissions, ... AWS publishes
   its code for that as samtranslator.
3. It decides conditions by the values of the parameters. `holds` and `_decided` do that here.

`transformed` takes the first two steps, and `deployed` all three.
"""

import copy
from typing import Any

import boto3
from samcli.lib.cfn_language_extensions.sam_integration import process_template_for_sam_cli
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.integration.template import TEMPLATE

Resources = dict[str, dict[str, Any]]  # by logical id

KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000"
ALL_OPTIONS = {
    "KmsKeyArn": KEY,
    "Firewall": "true",
    "DomainName": "dicom.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "Deployment": "Canary10Percent5Minutes",
    "MonthlyBudget": "100",
    "Production": "true",
    "AlarmEmail": "operator@example.com",
}

NO_VALUE = {"Ref": "AWS::NoValue"}  # what removes a property
DEFAULTS = {name: str(parameter.get("Default", "")) for name, parameter in TEMPLATE["Parameters"].items()}


def transformed(template: dict[str, Any] = TEMPLATE, **parameters: str) -> Resources:
    """All resources that the template may create, with conditions still in them."""
    values = DEFAULTS | parameters
    expanded = process_template_for_sam_cli(_packaged(template), values)
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    found: Resources = translator.translate(expanded, values)["Resources"]
    return found


def deployed(**parameters: str) -> Resources:
    """The resources that exist after a deployment with these parameters."""
    values = DEFAULTS | parameters
    existing = {
        name: resource
        for name, resource in transformed(**parameters).items()
        if "Condition" not in resource or holds(TEMPLATE["Conditions"][resource["Condition"]], values)
    }
    decided: Resources = _decided(existing, values)
    return decided


def of_type(made: Resources, resource_type: str) -> Resources:
    return {name: resource for name, resource in made.items() if resource["Type"] == resource_type}


def holds(condition: Any, values: dict[str, str]) -> bool:
    """Whether a condition of the template holds with these values of the parameters."""
    ((function, arguments),) = condition.items()
    match function:
        case "Condition":
            return holds(TEMPLATE["Conditions"][arguments], values)
        case "Fn::Not":
            return not holds(arguments[0], values)
        case "Fn::And":
            return all(holds(each, values) for each in arguments)
        case "Fn::Or":
            return any(holds(each, values) for each in arguments)
        case "Fn::Equals":
            left, right = (values[side["Ref"]] if isinstance(side, dict) else side for side in arguments)
            return bool(left == right)
    raise ValueError(f"{function} is not a function for conditions.")


def _packaged(template: dict[str, Any]) -> dict[str, Any]:
    """A copy whose code and layers are in S3, as `sam package` leaves them."""
    copied = copy.deepcopy(template)
    for resource in copied["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            resource["Properties"][name] = f"s3://artefacts/{resource['Properties'][name]}"
    return copied


def _decided(value: Any, values: dict[str, str]) -> Any:
    """The value with the chosen branch in place of each Fn::If, and without what AWS::NoValue removes."""
    if isinstance(value, list):
        return [item for item in (_decided(item, values) for item in value) if item != NO_VALUE]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, if_true, if_false = value["Fn::If"]
        chosen = if_true if holds(TEMPLATE["Conditions"][condition], values) else if_false
        return _decided(chosen, values)
    members = {name: _decided(item, values) for name, item in value.items()}
    return {name: item for name, item in members.items() if item != NO_VALUE}
