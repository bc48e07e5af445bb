"""What must stay true of template.yaml: permissions, data, and its agreement with code and settings."""

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samcli.commands.deploy.auth_utils import auth_per_resource
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from metering import usage
from staging import jobs, messages, upload_requests
from tables import Table
from tests.integration.template import TEMPLATE, names_in, resources

ROOT = Path(__file__).parents[2]
FUNCTIONS = resources("AWS::Serverless::Function")
TABLES = resources("AWS::DynamoDB::Table")


def models() -> Iterator[type[Table]]:
    """The models of all tables, found by looking through the modules of shared/."""
    for path in sorted((ROOT / "shared").rglob("*.py")):
        if "(Table):" in path.read_text():
            module = importlib.import_module(".".join(path.relative_to(ROOT / "shared").with_suffix("").parts))
            for model in vars(module).values():
                if isinstance(model, type) and issubclass(model, Table) and model.__module__ == module.__name__:
                    yield model


MODELS = list(models())

NOT_TO_BE_RESTORED = {
    "JobsTable": "it holds patients' data, for a day",
    "IdempotencyKeysTable": "its keys are of no use after a day",
    "LoginAttemptsTable": "its counts are over in minutes",
    "SessionsTable": "who loses a session logs in again",
}

TIMEOUTS = {
    **dict.fromkeys(("ReadFunction", "GenerateFunction", "DeidentifyFunction", "ConvertFunction"), 29),
    "RotateSigningSecretFunction": 30,
    "UploadWorkerFunction": 300,
}

ONLY_NAMED = {"SiteFunction": {"StagingBucket"}}  # in its pages' Content-Security-Policy

GUIDE = {
    ("GET", "/api/dicom-format/allowed-fields"),
    ("GET", "/api/dicom-format/required-field-type"),
    ("POST", "/api/token"),
    ("POST", "/api/developer/profiles"),
    ("GET", "/api-keys"),
    ("POST", "/api-keys"),
    ("DELETE", "/api-keys/delete/{id}"),
    ("POST", "/api/dicom/read/file"),
    ("POST", "/api/dicom/generate"),
    ("GET", "/api/developer/profiles/activity-summary"),
}


def routes(function: str) -> set[tuple[str, str]]:
    """(method, path) pairs that lead to the function."""
    events = [event["Properties"] for event in FUNCTIONS[function].get("Events", {}).values()]
    return {(event["Method"], event["Path"]) for event in events}


def folder(function: str) -> Path:
    path: str = FUNCTIONS[function]["CodeUri"]
    return ROOT / path


def test_every_route_of_the_guide_is_there() -> None:
    assert set().union(*map(routes, FUNCTIONS)) >= GUIDE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_routes_that_its_code_has(function: str) -> None:
    code = (folder(function) / "app.py").read_text()
    assert re.search(r"^(handler = |def handler\()", code, re.MULTILINE)
    found = re.findall(r'^@api\.(\w+)\("([^"]+)"\)', code, re.MULTILINE)
    declared = {(method, re.sub(r"{\w+}", "<>", path)) for method, path in routes(function)}
    of_code = {(method.upper(), re.sub(r"<\w+>", "<>", path)) for method, path in found}
    assert {route for route in declared if route[0] != "OPTIONS"} == of_code
    assert {path for _, path in declared} == {path for _, path in of_code}


@pytest.mark.parametrize("path", sorted({path for function in FUNCTIONS for _, path in routes(function)}))
def test_preflights_of_a_path_are_for_one_function_which_knows_of_the_others(path: str) -> None:
    (answering,) = (function for function in FUNCTIONS if ("OPTIONS", path) in routes(function))
    code = (folder(answering) / "app.py").read_text()
    beside = {method for function in set(FUNCTIONS) - {answering} for method, at in routes(function) if at == path}
    assert set(re.findall(r'"(\w+)"', "".join(re.findall(r"beside=\[(.*)\]", code)))) == beside


def test_every_folder_in_functions_is_a_function() -> None:
    assert {folder(function) for function in FUNCTIONS} == {path.parent for path in ROOT.glob("functions/*/app.py")}, (
        "Give each folder in functions/ a function in template.yaml, and each function a folder with an app.py."
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_use_what_its_environment_names_and_no_more(function: str) -> None:
    properties = FUNCTIONS[function]
    allowed, named = names_in(properties.get("Policies", [])), names_in(properties.get("Environment", {}))
    assert allowed == named - ONLY_NAMED.get(function, set())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_paid_by_request_and_can_be_restored(table: str) -> None:
    assert TABLES[table]["BillingMode"] == "PAY_PER_REQUEST"
    kept = table not in NOT_TO_BE_RESTORED
    assert TABLES[table]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": kept}


def test_every_table_has_a_model() -> None:
    assert {table_of(model) for model in MODELS} == set(TABLES), (
        "Give each table of template.yaml a model in shared/: a class Name(Table)."
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_table_has_the_keys_of_its_model_and_forgets_what_expires(model: Any) -> None:
    table = TABLES[table_of(model)]
    attributes = model.get_attributes()
    hash_keys = {(name, "HASH") for name, attribute in attributes.items() if attribute.is_hash_key}
    range_keys = {(name, "RANGE") for name, attribute in attributes.items() if attribute.is_range_key}
    assert {(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]} == hash_keys | range_keys
    expires = {"AttributeName": "expires", "Enabled": True} if "expires" in attributes else None
    assert table.get("TimeToLiveSpecification") == expires


def test_the_index_of_jobs_is_that_of_its_model() -> None:
    (index,) = TABLES["JobsTable"]["GlobalSecondaryIndexes"]
    model = jobs.ByDeveloper
    assert index["IndexName"] == model.Meta.index_name
    assert [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]] == [
        (model.user_id.attr_name, "HASH"),
        (model.created.attr_name, "RANGE"),
    ]
    assert index["Projection"] == {
        "ProjectionType": model.Meta.projection.projection_type,
        "NonKeyAttributes": model.Meta.projection.non_key_attributes,
    }
    (statement,) = (
        each
        for policy in FUNCTIONS["UploadListFunction"]["Policies"]
        for each in policy["Statement"]
        if each["Action"] == "dynamodb:Query"
    )
    assert statement["Resource"] == {"Fn::Sub": f"${{JobsTable.Arn}}/index/{index['IndexName']}"}


def table_of(model: Any) -> str:
    """The table whose name functions find in the model's environment variable."""
    variable = model.Meta.environment_variable
    variables = [function.get("Environment", {}).get("Variables", {}) for function in FUNCTIONS.values()]
    names = {str(each[variable]["Ref"]) for each in variables if variable in each}
    assert len(names) == 1, f"Set {variable} to one table in each function of template.yaml that uses the table."
    return names.pop()


def test_the_bucket_is_private_and_emptied() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 1)
    assert "Prefix" not in rule


def test_arrivals_alone_come_from_the_bucket_into_the_queue() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    (notification,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert notification["Event"] == "s3:ObjectCreated:*"
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]
    policy = resources("AWS::SQS::QueuePolicy")["WorkQueuePolicy"]
    (statement,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow")
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert names_in(policy["Queues"]) == names_in(statement["Resource"]) == names_in(notification["Queue"])


def test_pages_may_use_the_forms_and_urls_of_the_bucket() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert set(rule["AllowedMethods"]) == {"GET", "POST"}
    assert (rule["AllowedOrigins"], rule["AllowedHeaders"]) == (["*"], ["*"])
    assert rule["ExposedHeaders"] == ["Content-Disposition"]
    assert rule["MaxAge"] > 0


def test_the_queue_takes_the_buckets_messages_before_there_is_a_bucket() -> None:
    # S3 sends a test event when it is told of the queue.
    assert TEMPLATE["Resources"]["StagingBucket"]["DependsOn"] == "WorkQueuePolicy"


def test_an_upload_that_was_left_is_cleared_away() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_a_message_that_failed_waits_as_long_as_sqs_keeps_it() -> None:
    queues = resources("AWS::SQS::Queue")
    (dead_letters,) = names_in(queues["WorkQueue"]["RedrivePolicy"])
    assert queues[dead_letters]["MessageRetentionPeriod"] == 14 * 86400


def test_the_signing_secret_is_new_each_month_and_not_by_a_deployment() -> None:
    (schedule,) = resources("AWS::SecretsManager::RotationSchedule").values()
    assert schedule["RotateImmediatelyOnUpdate"] is False
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert schedule["RotationLambdaARN"] == {"Ref": "RotateSigningSecretFunction.Alias"}
    assert names_in(schedule["SecretId"]) == {"SigningSecret"}
    (secret,) = resources("AWS::SecretsManager::Secret").values()
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32  # RFC 7518 3.2: as large as the output of the hash


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_clients_wait_for_ends_before_the_gateway_does(function: str) -> None:
    properties = {**TEMPLATE["Globals"]["Function"], **FUNCTIONS[function]}
    assert properties["Timeout"] == TIMEOUTS.get(function, 10)
    if routes(function):
        assert properties["Timeout"] <= 29


def test_functions_write_the_lines_that_metrics_come_from() -> None:
    settings = TEMPLATE["Globals"]["Function"]
    assert settings["LoggingConfig"] | {"LogGroup": {"Ref": "LogGroup"}} == settings["LoggingConfig"]
    assert (settings["LoggingConfig"]["LogFormat"], settings["LoggingConfig"]["ApplicationLogLevel"]) == (
        "JSON",
        "INFO",
    )
    # The dimension of every alarm and of the dashboard.
    assert settings["Environment"]["Variables"] == {"POWERTOOLS_SERVICE_NAME": {"Ref": "AWS::StackName"}}
    assert settings["Tracing"] == "Active"
    assert settings["AutoPublishAliasAllProperties"] is True


@pytest.mark.parametrize(
    ("variable", "parameter"),
    [
        ("MONTHLY_QUOTA", "MonthlyQuota"),
        ("MONTHLY_GENERATES", "MonthlyGenerates"),
        ("SELF_REGISTRATION", "SelfRegistration"),
    ],
)
def test_a_parameter_reaches_the_code_by_its_variable(variable: str, parameter: str) -> None:
    variables = [function.get("Environment", {}).get("Variables", {}) for function in FUNCTIONS.values()]
    assert {each[variable]["Ref"] for each in variables if variable in each} == {parameter}


@pytest.mark.parametrize("quota", [usage.READS, usage.GENERATES])
def test_what_counts_against_a_quota_knows_its_limit(quota: usage.Quota) -> None:
    users = {
        function for function in FUNCTIONS if f"usage.{quota.name.upper()}" in (folder(function) / "app.py").read_text()
    }
    assert users == {
        function
        for function in FUNCTIONS
        if quota.variable in FUNCTIONS[function].get("Environment", {}).get("Variables", {})
    }


SOURCES = resources("AWS::Lambda::EventSourceMapping")


@pytest.mark.parametrize("source", SOURCES)
def test_a_message_is_nobody_elses_while_it_is_worked_on(source: str) -> None:
    (queue,) = (resources("AWS::SQS::Queue")[name] for name in names_in(SOURCES[source]["EventSourceArn"]))
    (function,) = (FUNCTIONS[name] for name in names_in(SOURCES[source]["FunctionName"]))
    timeout = function.get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"])
    assert queue["VisibilityTimeout"] >= 6 * timeout
    assert SOURCES[source]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_part_is_worked_on_and_tried_again_alone() -> None:
    assert SOURCES["UploadWorkerSource"]["BatchSize"] == 1
    assert SOURCES["UploadWorkerSource"]["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "Workers"}}


def test_what_was_tried_in_vain_goes_to_the_dead_letters_and_these_to_their_function() -> None:
    redrive = resources("AWS::SQS::Queue")["WorkQueue"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == messages.TRIES >= 5
    assert names_in(redrive) == names_in(SOURCES["DeadLettersSource"]["EventSourceArn"]) == {"DeadLetterQueue"}
    assert names_in(SOURCES["DeadLettersSource"]["FunctionName"]) == {"DeadLettersFunction"}


def test_the_worker_has_room_for_what_forms_let_in() -> None:
    worker = FUNCTIONS["UploadWorkerFunction"]
    assert worker["EphemeralStorage"]["Size"] * 1024**2 > max(upload_requests.MAX_BYTES.values())


@pytest.mark.parametrize("stage", ["default", "dev", "prod"])
def test_a_stage_sets_parameters_that_the_template_has(stage: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]
    overrides = dict(pair.split("=") for pair in settings["global"]["parameters"]["parameter_overrides"])
    for name, value in overrides.items():
        assert value in TEMPLATE["Parameters"][name].get("AllowedValues", [value])
    assert overrides["Architecture"]
    assert settings["deploy"]["parameters"]["confirm_changeset"] == (stage != "dev")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")  # in SAM's own code
def test_who_deploys_with_guided_is_not_asked_about_each_route() -> None:
    stacks, _ = SamLocalStackProvider.get_stacks(str(ROOT / "template.yaml"))
    routes = auth_per_resource(stacks)
    assert len(routes) >= len(GUIDE)
    assert {has_auth for _, has_auth in routes} == {True}


def test_layers_are_built_for_every_architecture() -> None:
    architectures = TEMPLATE["Parameters"]["Architecture"]["AllowedValues"]
    assert {path.parent.name for path in ROOT.glob("layers/*/Makefile")} == set(architectures)


@pytest.mark.parametrize("snap_start", TEMPLATE["Parameters"]["SnapStart"]["AllowedValues"])
def test_cfn_lint_finds_nothing(snap_start: str) -> None:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    parameters = ["--parameters", f"SnapStart={snap_start}"]
    command = [str(cfn_lint), str(ROOT / "template.yaml"), "--non-zero-exit-code", "informational", *parameters]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
