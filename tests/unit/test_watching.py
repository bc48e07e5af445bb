"""Alarms and dashboard use metrics that exist, and each alarm has a chapter in docs/runbook.md."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import problems
import telemetry
from tests.integration.template import TEMPLATE, names_in, resources

ROOT = Path(__file__).parents[2]
ALARMS = resources("AWS::CloudWatch::Alarm")
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
SOURCES = [path.read_text() for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py")]

# AWS's metrics with their dimensions, by each service's "metrics and dimensions" on docs.aws.amazon.com.
STAGE, METHOD = {"ApiName", "Stage"}, {"ApiName", "Stage", "Method", "Resource"}
OF_AWS: dict[str, tuple[set[str], list[set[str]]]] = {
    "AWS/ApiGateway": ({"Count", "4XXError", "5XXError", "Latency"}, [STAGE, METHOD]),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}, [{"QueueName"}]),
    "AWS/Lambda": ({"ConcurrentExecutions", "Errors", "Invocations", "Throttles"}, [set(), {"FunctionName"}]),
    "AWS/DynamoDB": (
        {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "SuccessfulRequestLatency", "ThrottledRequests"},
        [{"TableName"}, {"TableName", "Operation"}],
    ),
}


class Metric(NamedTuple):
    namespace: str
    name: str
    dimensions: dict[str, Any]


def ours() -> set[str]:
    """The names of all metrics that the code counts."""
    names = {name for text in SOURCES for name in re.findall(r'tally\.add\("(\w+)"', text)}
    names |= {f"{name}Milliseconds" for text in SOURCES for name in re.findall(r'tally\.stage\("(\w+)"', text)}
    return names | {f"Refused{kind.__name__}" for kind in _kinds(problems.Problem)}


def _kinds(problem: type[problems.Problem]) -> Iterator[type[problems.Problem]]:
    for kind in problem.__subclasses__():
        if kind.__module__ == "problems":
            yield kind
            yield from _kinds(kind)


def metrics_of(alarm: dict[str, Any]) -> list[Metric]:
    """The alarm's metric, or the metrics in its formula."""
    if "Metrics" not in alarm:
        return [metric_of(alarm)]
    return [metric_of(each["MetricStat"]["Metric"]) for each in alarm["Metrics"] if "MetricStat" in each]


def metric_of(described: dict[str, Any]) -> Metric:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in described.get("Dimensions", [])}
    return Metric(described["Namespace"], described["MetricName"], dimensions)


def dashboard() -> dict[str, Any]:
    """The dashboard's body, with the name of a resource or parameter in place of each reference."""
    (properties,) = resources("AWS::CloudWatch::Dashboard").values()
    text: str = properties["DashboardBody"]["Fn::Sub"]
    for name in re.findall(r"\$\{(\w+)[.}]", text):
        assert name in TEMPLATE["Resources"]
    body: dict[str, Any] = json.loads(re.sub(r"\$\{([\w:.]+)\}", r"\1", text))
    return body


def shown() -> Iterator[Metric]:
    for widget in dashboard()["widgets"]:
        before: list[str] = []
        for line in widget["properties"].get("metrics", []):
            names = [name for name in line if isinstance(name, str)]
            if names:
                before = [before[place] if name == "." else name for place, name in enumerate(names)]
                yield Metric(before[0], before[1], dict(zip(before[2::2], before[3::2], strict=True)))


def assert_there_is(metric: Metric) -> None:
    if metric.namespace == telemetry.NAMESPACE:
        assert metric.name in ours()
        assert set(metric.dimensions) == {"service"}
        assert metric.dimensions["service"] in ({"Ref": "AWS::StackName"}, "AWS::StackName")
    else:
        names, dimensions = OF_AWS[metric.namespace]
        assert metric.name in names
        assert set(metric.dimensions) in dimensions
    if "Resource" in metric.dimensions:
        routes = {
            (event["Properties"]["Method"], event["Properties"]["Path"])
            for function in resources("AWS::Serverless::Function").values()
            for event in function.get("Events", {}).values()
        }
        assert (metric.dimensions["Method"], metric.dimensions["Resource"]) in routes
    if "Stage" in metric.dimensions:
        assert metric.dimensions["Stage"] == resources("AWS::Serverless::Api")["Api"]["StageName"]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_at_what_there_is_and_rings(name: str) -> None:
    alarm = ALARMS[name]
    for metric in metrics_of(alarm):
        assert_there_is(metric)
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"  # there may be no requests at night


# For each alarm: the lowest value at which it rings, the period in seconds, periods in a row, and the metric.
RINGS: dict[str, tuple[Any, int, int, str]] = {
    "ServerErrorsAlarm": (1, 60, 1, "Sum"),
    "UploadsNotDoneAlarm": (1, 60, 1, "Sum"),
    "WorkersEndedAlarm": (1, 60, 1, "Sum"),
    "DeadLettersAlarm": (1, 60, 1, "Sum"),
    "QueueAgeAlarm": (901, 300, 1, "Maximum"),
    "ThrottlesAlarm": (1, 60, 3, "Sum"),
    "ConcurrencyAlarm": ({"Ref": "ConcurrencyAlarmAt"}, 60, 1, "Maximum"),
    "ReadLatencyAlarm": (15_001, 300, 3, "p99"),
    "ApiLatencyAlarm": (10_001, 300, 3, "p99"),
    "QuotaStoreAlarm": (1, 60, 1, "Sum"),
    "RotationAlarm": (1, 300, 1, "Sum"),
    "ReadsPerDayAlarm": ({"Ref": "ReadsPerDay"}, 86400, 1, "Sum"),
    "GeneratesPerDayAlarm": ({"Ref": "GeneratesPerDay"}, 86400, 1, "Sum"),
    "OutBytesPerDayAlarm": ({"Ref": "OutBytesPerDay"}, 86400, 1, "Sum"),
}
OF_METRIC = {
    "ServerErrorsAlarm": "5XXError",
    "UploadsNotDoneAlarm": "MessagesNotDone",
    "WorkersEndedAlarm": "Errors",
    "DeadLettersAlarm": "DeadLetters",
    "QueueAgeAlarm": "ApproximateAgeOfOldestMessage",
    "ThrottlesAlarm": "Throttles",
    "ConcurrencyAlarm": "ConcurrentExecutions",
    "ReadLatencyAlarm": "Latency",
    "ApiLatencyAlarm": "Latency",
    "QuotaStoreAlarm": "QuotaStoreFailures",
    "RotationAlarm": "Errors",
    "ReadsPerDayAlarm": "Reads",
    "GeneratesPerDayAlarm": "Generates",
    "OutBytesPerDayAlarm": "OutBytes",
}
# Which resource the metric is of, where there are several.
OF_RESOURCE = {
    "WorkersEndedAlarm": "UploadWorkerFunction",
    "QueueAgeAlarm": "WorkQueue",
    "RotationAlarm": "RotateSigningSecretFunction",
}
BY_FORMULA = {"ErrorRateAlarm", "WorkerErrorRateAlarm"}


@pytest.mark.parametrize("name", [name for name in ALARMS if name not in BY_FORMULA])
def test_an_alarm_rings_when_it_should(name: str) -> None:
    alarm = ALARMS[name]
    least, period, times, statistic = RINGS[name]
    threshold = alarm["Threshold"]
    if alarm["ComparisonOperator"] == "GreaterThanThreshold" and isinstance(threshold, int):
        threshold += 1
    assert (threshold, alarm["Period"], alarm["EvaluationPeriods"]) == (least, period, times)
    assert alarm.get("Statistic", alarm.get("ExtendedStatistic")) == statistic
    assert alarm["ComparisonOperator"] in {"GreaterThanThreshold", "GreaterThanOrEqualToThreshold"}
    assert alarm["MetricName"] == OF_METRIC[name]
    found = set().union(*(names_in(each["Value"]) for each in alarm.get("Dimensions", [])))
    assert found == ({OF_RESOURCE[name]} if name in OF_RESOURCE else set())


def rings(name: str, **sums: float) -> bool:
    """Whether an alarm with a formula rings at these sums over five minutes, given by metric."""
    alarm = ALARMS[name]
    values: dict[str, Any] = {}
    for each in alarm["Metrics"]:
        if "MetricStat" in each:
            assert (each["ReturnData"], each["MetricStat"]["Period"], each["MetricStat"]["Stat"]) == (False, 300, "Sum")
            values[each["Id"]] = sums.get(each["MetricStat"]["Metric"]["MetricName"])
    (formula,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    functions = {
        "IF": lambda condition, then, other: then if condition else other,
        "FILL": lambda value, filling: filling if value is None else value,
    }
    assert (alarm["ComparisonOperator"], alarm["EvaluationPeriods"]) == ("GreaterThanThreshold", 1)
    return bool(eval(formula, {"__builtins__": {}}, values | functions) > alarm["Threshold"])  # noqa: S307


@pytest.mark.parametrize(
    ("requests", "errors", "back"),
    [
        (100, 5, False),  # one bad request a minute, at the least traffic that counts
        (10_000, 5, False),
        (99, 99, False),  # too few to tell
        (100, 6, True),
        (1000, 100, True),  # a canary with a tenth of the traffic that always fails
        (1000, 50, False),
    ],
)
def test_a_deployment_goes_back_by_a_rate_and_not_by_one_bad_request(requests: int, errors: int, back: bool) -> None:
    assert rings("ErrorRateAlarm", **{"Count": requests, "5XXError": errors}) == back
    assert rings("WorkerErrorRateAlarm", Invocations=requests, MessagesNotDone=errors, Errors=0) == back
    assert rings("WorkerErrorRateAlarm", Invocations=requests, Errors=errors) == back


def test_failed_and_ended_messages_count_together() -> None:
    assert rings("WorkerErrorRateAlarm", Invocations=100, MessagesNotDone=3, Errors=3)
    (worker,) = {name for each in ALARMS["WorkerErrorRateAlarm"]["Metrics"] for name in names_in(each)}
    assert worker == "UploadWorkerFunction"


def test_alarms_and_the_budget_may_tell_the_topic_and_nobody_else() -> None:
    (policy,) = resources("AWS::SNS::TopicPolicy").values()
    allow, deny = policy["PolicyDocument"]["Statement"]
    topic = {"Ref": "AlarmTopic"}
    assert policy["Topics"] == [topic]
    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "sns:Publish", topic)
    assert allow["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (deny["Effect"], deny["Principal"], deny["Action"], deny["Resource"]) == ("Deny", "*", "sns:Publish", topic)
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_docs_key_lets_them_write_to_an_encrypted_topic() -> None:
    security = (ROOT / "docs/security.md").read_text()
    policy = json.loads(security.partition("```json")[2].partition("```")[0])
    (statement,) = (each for each in policy["Statement"] if "AtTheTopic" in each["Sid"])
    (topic,) = resources("AWS::SNS::TopicPolicy").values()
    assert statement["Principal"] == topic["PolicyDocument"]["Statement"][0]["Principal"]


def test_what_the_mail_goes_to() -> None:
    assert resources("AWS::SNS::Subscription")["AlarmMail"] == {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmEmail"},
    }
    assert resources("AWS::SNS::Subscription")["AlarmMail"]["TopicArn"] == {"Ref": "AlarmTopic"}
    assert TEMPLATE["Resources"]["AlarmMail"]["Condition"] == "HasAlarmEmail"


def test_the_dashboard_shows_what_there_is_and_all_that_is_ours() -> None:
    metrics = list(shown())
    for metric in metrics:
        assert_there_is(metric)
    assert {metric.name for metric in metrics if metric.namespace == telemetry.NAMESPACE} == ours(), (
        "Show each metric that the code tallies, and no other, on the Dashboard of template.yaml."
    )
    assert all(widget["properties"].get("region") == "AWS::Region" for widget in dashboard()["widgets"][1:])


def test_the_dashboard_shows_every_alarm() -> None:
    alarms = dashboard()["widgets"][0]["properties"]["alarms"]
    assert sorted(alarms) == sorted(f"{name}.Arn" for name in ALARMS)


def chapters() -> dict[str, str]:
    """The chapters of the runbook, by alarm."""
    parts = re.split(r"^### (\w+Alarm)\n", RUNBOOK, flags=re.MULTILINE)
    return {name: text.partition("\n## ")[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_alarm_has_a_chapter_and_every_chapter_an_alarm() -> None:
    assert list(chapters()) == list(ALARMS)
    for text in chapters().values():
        assert [part for part in ("**Means**", "**Look**", "**Do**") if part in text] == [
            "**Means**",
            "**Look**",
            "**Do**",
        ]


def test_the_runbook_names_only_what_there_is() -> None:
    named = set(re.findall(r"`(\w+(?:Table|Bucket|Queue|Function|LogGroup))`", RUNBOOK))
    assert named
    assert named <= set(TEMPLATE["Resources"])
    queried = set(re.findall(r"\b(\w+Milliseconds|Refused\w+|\w+Bytes)\b", RUNBOOK))
    assert queried <= ours()


def test_every_log_is_kept_as_long_as_the_parameter_says() -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert len(groups) == 2
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())
