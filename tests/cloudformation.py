"""The resources that CloudFormation makes of template.yaml.

Its transforms are those of SAM CLI (LanguageExtensions) and of AWS's own samtranslator.
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

NOTHING = {"Ref": "AWS::NoValue"}
DEFAULTS = {name: str(parameter.get("Default", "")) for name, parameter in TEMPLATE["Parameters"].items()}


def transformed(template: dict[str, Any] = TEMPLATE, **parameters: str) -> Resources:
    """The resources by logical id, the template's code and layers at places in S3."""
    packaged = copy.deepcopy(template)
    for resource in packaged["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            resource["Properties"][name] = f"s3://artefacts/{resource['Properties'][name]}"
    values = DEFAULTS | parameters
    expanded = process_template_for_sam_cli(packaged, values)
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    made: Resources = translator.translate(expanded, values)["Resources"]
    return made


def of_type(made: Resources, resource_type: str) -> Resources:
    return {name: resource for name, resource in made.items() if resource["Type"] == resource_type}


def holds(condition: Any, values: dict[str, str]) -> bool:
    """Whether a condition of the template holds, with these values of parameters."""
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
    assert function == "Fn::Equals"
    left, right = (values[side["Ref"]] if isinstance(side, dict) else side for side in arguments)
    return bool(left == right)


def deployed(**parameters: str) -> Resources:
    """As `transformed`, with what conditions leave out left out."""
    conditions = TEMPLATE["Conditions"]
    values = DEFAULTS | parameters

    def chosen(value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(chosen, value) if item != NOTHING]
        if not isinstance(value, dict):
            return value
        if "Fn::If" in value:
            name, if_it_holds, if_not = value["Fn::If"]
            return chosen(if_it_holds if holds(conditions[name], values) else if_not)
        return {name: item for name, item in ((name, chosen(item)) for name, item in value.items()) if item != NOTHING}

    made = transformed(**parameters).items()
    there = {
        name: resource
        for name, resource in made
        if "Condition" not in resource or holds(conditions[resource["Condition"]], values)
    }
    result: Resources = chosen(there)
    return result
