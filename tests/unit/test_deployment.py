"""The deployed stack: functions are called through an alias of a version, and data outlives the stack."""

import copy
import json
from typing import Any

import pytest

from tests.cloudformation import deployed, of_type, transformed
from tests.integration.template import TEMPLATE, resources

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

FUNCTIONS = resources("AWS::Serverless::Function")


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    return transformed()


def versions(made: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The logical id of each function's version, by function."""
    return {
        version["Properties"]["FunctionName"]["Ref"]: name
        for name, version in of_type(made, "AWS::Lambda::Version").items()
    }


def with_another(layer: str) -> dict[str, Any]:
    changed = copy.deepcopy(TEMPLATE)
    changed["Resources"][layer]["Properties"]["ContentUri"] += "/changed"
    return changed


def changed(made: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> set[str]:
    """The functions that get a new version."""
    return {name for name, _ in set(versions(made).items()) ^ set(versions(after).items())}


def test_every_function_is_published(made: dict[str, dict[str, Any]]) -> None:
    assert set(versions(made)) == set(FUNCTIONS)
    assert changed(made, transformed()) == set()


def test_new_layers_are_new_versions_of_their_functions(made: dict[str, dict[str, Any]]) -> None:
    with_imaging = {name for name in FUNCTIONS if "ImagingLayer" in str(FUNCTIONS[name].get("Layers"))}
    assert len(with_imaging) == 6
    assert changed(made, transformed(with_another("CoreLayer"))) == set(FUNCTIONS)
    assert changed(made, transformed(with_another("ImagingLayer"))) == with_imaging


def test_a_new_parameter_is_a_new_version_of_its_functions(made: dict[str, dict[str, Any]]) -> None:
    assert changed(made, transformed(MonthlyQuota="77")) == {
        "ActivitySummaryFunction",
        "ReadFunction",
        "UploadCreateFunction",
    }
    assert changed(made, transformed(MonthlyGenerates="77")) == {
        "ConvertFunction",
        "DeidentifyFunction",
        "GenerateFunction",
        "UploadCreateFunction",
    }
    assert changed(made, transformed(SelfRegistration="false")) == {"RegisterFunction"}


def test_functions_that_answer_requests_start_from_snapshots_if_asked_for(made: dict[str, dict[str, Any]]) -> None:
    answering = {name for name in FUNCTIONS if FUNCTIONS[name].get("Events")}
    asked = transformed(SnapStart="PublishedVersions")
    assert (applied(made), applied(asked)) == ({"None": answering}, {"PublishedVersions": answering})
    assert changed(made, asked) == answering
    # SnapStart refuses functions with more than the usual 512 MB of storage.
    assert not {name for name in answering if "EphemeralStorage" in asked[name]["Properties"]}


def applied(made: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """The functions by what SnapStart applies to; those that do not name it are left out."""
    functions: dict[str, set[str]] = {}
    for name, function in of_type(made, "AWS::Lambda::Function").items():
        if "SnapStart" in function["Properties"]:
            functions.setdefault(function["Properties"]["SnapStart"]["ApplyOn"], set()).add(name)
    return functions


def test_all_that_calls_a_function_calls_its_alias(made: dict[str, dict[str, Any]]) -> None:
    sources = of_type(made, "AWS::Lambda::EventSourceMapping").values()
    permissions = of_type(made, "AWS::Lambda::Permission").values()
    called = [resource["Properties"]["FunctionName"] for resource in (*sources, *permissions)]
    assert called
    assert {name["Ref"] for name in called} <= {f"{function}Aliaslive" for function in FUNCTIONS}
    (api,) = of_type(made, "AWS::ApiGateway::RestApi").values()
    integrations = [
        method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path in api["Properties"]["Body"]["paths"].values()
        for method in path.values()
        if method["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    ]
    assert len(integrations) == sum(len(FUNCTIONS[name].get("Events", {})) for name in FUNCTIONS)
    assert all("Aliaslive}" in uri for uri in integrations)


def test_all_at_once_needs_no_codedeploy(made: dict[str, dict[str, Any]]) -> None:
    assert not [name for name, resource in made.items() if resource["Type"].startswith("AWS::CodeDeploy::")]


@pytest.mark.parametrize("by", sorted(set(TEMPLATE["Parameters"]["Deployment"]["AllowedValues"]) - {"AllAtOnce"}))
def test_by_degrees_and_back_when_an_alarm_rings(by: str) -> None:
    made = transformed(Deployment=by)
    groups = of_type(made, "AWS::CodeDeploy::DeploymentGroup")
    assert set(groups) == {f"{function}DeploymentGroup" for function in FUNCTIONS}
    for group in groups.values():
        properties = group["Properties"]
        assert by in json.dumps(properties["DeploymentConfigName"])
        assert properties["ServiceRoleArn"] == {"Fn::GetAtt": ["DeploymentRole", "Arn"]}
        assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]
        alarms = {alarm["Name"]["Ref"] for alarm in properties["AlarmConfiguration"]["Alarms"]}
        # The other alarms ring at a single bad request, so anybody could stop a deployment by them.
        assert alarms == {"ErrorRateAlarm", "WorkerErrorRateAlarm"}
    for alias in of_type(made, "AWS::Lambda::Alias").values():
        assert "CodeDeployLambdaAliasUpdate" in alias["UpdatePolicy"]


@pytest.mark.parametrize(
    ("keep", "deletion", "replacement"), [("true", "RetainExceptOnCreate", "Retain"), ("false", "Delete", "Delete")]
)
def test_data_stays_or_goes_with_the_stack(keep: str, deletion: str, replacement: str) -> None:
    made = transformed(KeepData=keep)
    data = of_type(made, "AWS::DynamoDB::Table") | of_type(made, "AWS::S3::Bucket")
    assert len(data) == len(resources("AWS::DynamoDB::Table") | resources("AWS::S3::Bucket"))
    for resource in data.values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (deletion, replacement)


@pytest.mark.parametrize("keep", ["true", "false"])
def test_no_table_is_deleted_by_a_slip(keep: str) -> None:
    tables = of_type(deployed(KeepData=keep), "AWS::DynamoDB::Table")
    assert len(tables) == len(resources("AWS::DynamoDB::Table"))
    assert {table["Properties"]["DeletionProtectionEnabled"] for table in tables.values()} == {keep == "true"}


def test_codedeploy_may_move_every_alias_and_no_other() -> None:
    (policy,) = resources("AWS::IAM::Role")["DeploymentRole"]["Policies"]
    move, look = policy["PolicyDocument"]["Statement"]
    assert {each["Fn::Sub"] for each in move["Resource"]} == {f"${{{function}.Arn}}*" for function in FUNCTIONS}, (
        "Name each function of template.yaml, and no other, in its DeploymentRole."
    )
    assert set(move["Action"]) == {"lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"}
    assert look["Action"] == "cloudwatch:DescribeAlarms"
    assert {move["Effect"], look["Effect"]} == {"Allow"}
