"""Least privilege: who may do what once template.yaml is deployed, with parameters' defaults and with all options."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cloudformation import ALL_OPTIONS, Resources, deployed, of_type
from tests.integration.template import names_in

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

# Roles for other services than Lambda: the service, and the reason.
TRUSTED = {
    "GatewayLogsRole": ("apigateway.amazonaws.com", "API Gateway writes the access logs"),
    "DeploymentRole": ("codedeploy.amazonaws.com", "CodeDeploy moves the functions' aliases"),
}
# AWS's own policies that are used, with the reason.
MANAGED = {
    "AWSLambdaBasicExecutionRole": "SAM adds it to each function; FunctionBoundary keeps it to the one log group",
    "AWSXrayWriteOnlyAccess": "SAM adds it for Tracing; X-Ray has no resources, and the boundary only lets it write",
    "AmazonAPIGatewayPushToCloudWatchLogs": "API Gateway takes no role with less, and it is the whole account's",
}
# Wildcards: the role or policy, the resource with the wildcard, and the reason.
WILDCARDS = {
    ("FunctionBoundary", "*"): "it grants nothing by itself: each function's policy names the resources",
    ("DeploymentRole", "cloudwatch:DescribeAlarms", "*"): "CloudWatch has no permission for certain alarms",
    ("DeploymentRole", "Function.Arn}*"): "a function's versions have its name and a number",
    ("ReadFunctionRole", "${StagingBucket.Arn}/answers/*"): "objects' names are made by requests",
    ("GenerateFunctionRole", "${StagingBucket.Arn}/answers/*"): "objects' names are made by requests",
    ("DeidentifyFunctionRole", "${StagingBucket.Arn}/answers/*"): "objects' names are made by requests",
    ("ConvertFunctionRole", "${StagingBucket.Arn}/answers/*"): "objects' names are made by requests",
    ("UploadCreateFunctionRole", "${StagingBucket.Arn}/uploads/*"): "objects' names are made by requests",
    ("UploadCreateFunctionRole", "${StagingBucket.Arn}/keys/*"): "objects' names are made by requests",
    ("UploadStatusFunctionRole", "${StagingBucket.Arn}/results/*"): "objects' names are made by requests",
    ("UploadDeleteFunctionRole", "${StagingBucket.Arn}/keys/*"): "objects' names are made by requests",
    ("UploadDeleteFunctionRole", "${StagingBucket.Arn}/uploads/*"): "objects' names are made by requests",
    ("UploadDeleteFunctionRole", "${StagingBucket.Arn}/work/*"): "objects' names are made by requests",
    ("UploadDeleteFunctionRole", "${StagingBucket.Arn}/results/*"): "objects' names are made by requests",
    ("UploadWorkerFunctionRole", "${StagingBucket.Arn}/keys/*"): "objects' names are made by requests",
    ("UploadWorkerFunctionRole", "${StagingBucket.Arn}/uploads/*"): "objects' names are made by requests",
    ("UploadWorkerFunctionRole", "${StagingBucket.Arn}/work/*"): "objects' names are made by requests",
    ("UploadWorkerFunctionRole", "${StagingBucket.Arn}/results/*"): "objects' names are made by requests",
}


@pytest.fixture(scope="module", params=[{}, ALL_OPTIONS], ids=["defaults", "all options"])
def made(request: pytest.FixtureRequest) -> Resources:
    return deployed(**request.param)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(made: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement, with the role or policy that it is in."""
    for name, resource in made.items():
        properties = resource["Properties"]
        documents = []
        if resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            documents = [properties["PolicyDocument"]]
        if resource["Type"] == "AWS::IAM::Role":
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in documents:
            for statement in document["Statement"]:
                yield name, statement


def roles(made: Resources) -> dict[str, str]:
    """The role of each function."""
    return {
        name: function["Properties"]["Role"]["Fn::GetAtt"][0]
        for name, function in of_type(made, "AWS::Lambda::Function").items()
    }


def test_a_wildcard_has_a_reason(made: Resources) -> None:
    found = set()
    for name, statement in statements(made):
        assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement), name
        for action in listed(statement["Action"]):
            assert "*" not in action, name
        for resource in map(str, listed(statement["Resource"])):
            if "*" in resource:
                reasons = {key for key in WILDCARDS if key[0] == name and key[-1] in resource}
                assert reasons, (name, resource)
                found |= reasons
    assert found == set(WILDCARDS)  # no reason has outlived its wildcard


def test_a_policy_of_awss_has_a_reason(made: Resources) -> None:
    used = {
        str(arn).rpartition("/")[2].rstrip("'}")
        for role in of_type(made, "AWS::IAM::Role").values()
        for arn in role["Properties"].get("ManagedPolicyArns", [])
    }
    assert used == set(MANAGED)


def test_a_role_is_lambdas_or_has_a_reason(made: Resources) -> None:
    for name, role in of_type(made, "AWS::IAM::Role").items():
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        principal, _ = TRUSTED.get(name, ("lambda.amazonaws.com", "a function's"))
        assert listed(statement["Principal"].pop("Service")) == [principal], name
        assert not statement["Principal"], name


def test_each_function_has_a_role_of_its_own(made: Resources) -> None:
    assert roles(made) == {name: f"{name}Role" for name in roles(made)}


def test_no_role_has_to_do_with_another_function(made: Resources) -> None:
    for name, statement in statements(made):
        assert not names_in(statement) & set(roles(made)), name


def test_all_functions_are_within_the_boundary_which_allows_what_they_need_and_no_more(made: Resources) -> None:
    for role in roles(made).values():
        assert made[role]["Properties"]["PermissionsBoundary"] == {"Ref": "FunctionBoundary"}
    own = {"kms:Decrypt", "kms:GenerateDataKey"}  # with and without a key of one's own
    own |= {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # from AWS's own policies
    bounds: dict[str, set[str]] = {}
    for name, statement in statements(made):
        if name in roles(made).values():
            own |= set(listed(statement["Action"]))
        if name == "FunctionBoundary":
            bounds[str(statement["Resource"])] = set(listed(statement["Action"]))
    logs = str({"Fn::GetAtt": ["LogGroup", "Arn"]})
    assert bounds == {logs: {"logs:CreateLogStream", "logs:PutLogEvents"}, "*": own}


def test_whoever_calls_a_function_is_named(made: Resources) -> None:
    for name, permission in of_type(made, "AWS::Lambda::Permission").items():
        assert permission["Properties"]["Principal"] in {"apigateway.amazonaws.com", "secretsmanager.amazonaws.com"}
        assert permission["Properties"]["SourceArn"], name


@pytest.mark.parametrize("resource_type", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"])
def test_buckets_and_queues_are_reached_by_tls_alone(resource_type: str, made: Resources) -> None:
    policies = of_type(made, resource_type).values()
    guarded = set()
    for policy in policies:
        (deny,) = (each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny")
        assert deny["Principal"] == "*"
        assert deny["Action"] in {"s3:*", "sqs:*"}
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        guarded |= names_in(deny["Resource"])
    kind = resource_type.removesuffix("Policy")
    assert guarded == set(of_type(made, kind))
