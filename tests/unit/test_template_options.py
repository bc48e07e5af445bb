"""What parameters add to the stack, such as a firewall and a domain."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cloudformation import ALL_OPTIONS, Resources, deployed, holds
from tests.integration.template import TEMPLATE, resources

# in SAM's own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

ROOT = Path(__file__).parents[2]
FUNCTIONS = resources("AWS::Serverless::Function")

FORMS = {
    "FieldToMatch": {"SingleHeader": {"Name": "content-type"}},
    "PositionalConstraint": "STARTS_WITH",
    "SearchString": "multipart/form-data",
    "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
}


def _events(function: dict[str, Any]) -> list[dict[str, Any]]:
    return list(function.get("Events", {}).values())


@pytest.fixture(scope="module")
def made() -> Resources:
    return deployed(**ALL_OPTIONS)


@pytest.fixture(scope="module")
def rules(made: Resources) -> dict[str, dict[str, Any]]:
    return {rule["Name"]: rule for rule in made["FirewallRules"]["Properties"]["Rules"]}


def test_there_is_neither_unless_asked_for() -> None:
    made = deployed()
    kinds = {resource["Type"].partition("::")[2] for resource in made.values()}
    assert not {kind for kind in kinds if kind.startswith(("WAFv2", "Route53", "ApiGateway::DomainName"))}
    assert "DomainMapping" not in made


def test_the_gateways_role_is_made_unless_the_account_has_one() -> None:
    assert {"GatewayAccount", "GatewayLogsRole"} <= set(deployed())
    assert not {"GatewayAccount", "GatewayLogsRole"} & set(deployed(MakeGatewayAccount="false"))


def test_the_firewall_stands_before_the_stage(made: Resources) -> None:
    association = made["FirewallAssociation"]
    assert association["DependsOn"] in made
    assert made[association["DependsOn"]]["Type"] == "AWS::ApiGateway::Stage"
    assert made[association["DependsOn"]]["Properties"]["StageName"] == "prod"


@pytest.mark.parametrize("name", ["TooManyLoginsFromOneAddress", "TooManyFromOneAddress"])
def test_a_flood_from_one_address_is_refused_as_the_contract_has_it(
    made: Resources, rules: dict[str, dict[str, Any]], name: str
) -> None:
    statement = rules[name]["Statement"]["RateBasedStatement"]
    assert (statement["AggregateKeyType"], statement["EvaluationWindowSec"]) == ("IP", 300)
    answer = rules[name]["Action"]["Block"]["CustomResponse"]
    headers = {header["Name"]: header["Value"] for header in answer["ResponseHeaders"]}
    assert answer["ResponseCode"] == 429
    assert int(headers["Retry-After"]) == statement["EvaluationWindowSec"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert headers["Cache-Control"] == "no-store"
    body = made["FirewallRules"]["Properties"]["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert list(json.loads(body["Content"])) == ["error"]
    assert "five minutes" in body["Content"]


def test_an_address_may_do_less_with_passwords_and_tokens_than_with_all_else(rules: dict[str, dict[str, Any]]) -> None:
    logins = rules["TooManyLoginsFromOneAddress"]["Statement"]["RateBasedStatement"]
    everything = rules["TooManyFromOneAddress"]["Statement"]["RateBasedStatement"]
    assert "ScopeDownStatement" not in everything
    assert everything["Limit"] == 3000
    assert logins["Limit"] == "50"
    slower = deployed(**{**ALL_OPTIONS, "LoginsPerAddress": "10"})["FirewallRules"]["Properties"]["Rules"][0]
    assert slower["Statement"]["RateBasedStatement"]["Limit"] == "10"
    method, path = logins["ScopeDownStatement"]["AndStatement"]["Statements"]
    assert method["ByteMatchStatement"] | {"TextTransformations": []} == {
        "FieldToMatch": {"Method": {}},
        "PositionalConstraint": "EXACTLY",
        "SearchString": "POST",
        "TextTransformations": [],
    }
    assert path["RegexMatchStatement"]["FieldToMatch"] == {"UriPath": {}}
    transformations = [each["Type"] for each in path["RegexMatchStatement"]["TextTransformations"]]
    assert transformations == ["URL_DECODE", "NORMALIZE_PATH"]


@pytest.mark.parametrize("stage", ["", "/prod"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_passwords_and_tokens_are_those_of_these_paths(
    rules: dict[str, dict[str, Any]], stage: str, slash: str
) -> None:
    logins = rules["TooManyLoginsFromOneAddress"]["Statement"]["RateBasedStatement"]
    _, path = logins["ScopeDownStatement"]["AndStatement"]["Statements"]
    pattern = path["RegexMatchStatement"]["RegexString"]
    paths = {event["Properties"]["Path"] for function in FUNCTIONS.values() for event in _events(function)}
    found = {path for path in paths if re.search(pattern, f"{stage}{path}{slash}")}
    assert found == {path for path in paths if path.startswith(("/api/register", "/api/token", "/api/password"))}
    assert found >= {"/api/register", "/api/token", "/api/token/refresh"}
    assert not re.search(pattern, f"{stage}/api/tokens{slash}")


def test_rules_have_an_order_and_names_of_their_own(made: Resources) -> None:
    rules = made["FirewallRules"]["Properties"]["Rules"]
    assert [rule["Priority"] for rule in rules] == list(range(len(rules)))
    assert len({rule["VisibilityConfig"]["MetricName"] for rule in rules}) == len(rules)
    assert all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in rules)
    assert made["FirewallRules"]["Properties"]["DefaultAction"] == {"Allow": {}}
    assert made["FirewallRules"]["Properties"]["Scope"] == "REGIONAL"


def test_a_budget_tells_the_topic_in_time(made: Resources) -> None:
    assert "Budget" not in deployed()
    budget = made["Budget"]["Properties"]
    limit = {"Amount": ALL_OPTIONS["MonthlyBudget"], "Unit": "USD"}
    assert budget["Budget"] == {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}
    told = {
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
        for each in budget["NotificationsWithSubscribers"]
    }
    assert told == {("ACTUAL", 80), ("FORECASTED", 100)}
    for each in budget["NotificationsWithSubscribers"]:
        assert each["Notification"]["ComparisonOperator"] == "GREATER_THAN"
        assert each["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": "AlarmTopic"}}]
    assert made["Budget"]["DependsOn"] == "AlarmTopicPolicy"


@pytest.mark.parametrize(
    ("production", "email", "refused"),
    [
        ("true", "", True),
        ("true", "me@example.com", False),
        ("false", "", False),
        ("false", "me@example.com", False),
    ],
)
def test_a_production_stack_needs_somebody_who_is_told(production: str, email: str, refused: bool) -> None:
    values = {"Production": production, "AlarmEmail": email}
    (rule,) = TEMPLATE["Rules"].values()
    (assertion,) = rule["Assertions"]
    assert (holds(rule["RuleCondition"], values) and not holds(assertion["Assert"], values)) == refused
    assert "AlarmEmail=" in assertion["AssertDescription"]


def test_prod_is_production_behind_the_firewall() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    stages = {
        name: dict(pair.split("=") for pair in stage["global"]["parameters"]["parameter_overrides"])
        for name, stage in settings.items()
        if isinstance(stage, dict)
    }
    assert stages["prod"] | {"Production": "true", "Firewall": "true"} == stages["prod"]
    assert stages["prod"]["Deployment"] != "AllAtOnce"
    assert not any("Production" in stages[name] for name in ("default", "dev"))
    assert stages["dev"]["KeepData"] == "false"


def test_rules_about_text_pass_files_over(rules: dict[str, dict[str, Any]]) -> None:
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Statement"]["ManagedRuleGroupStatement"]
        for rule in rules.values()
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    groups.pop("AWSManagedRulesAmazonIpReputationList")  # it looks only at addresses
    assert groups
    for group in groups.values():
        assert group["ScopeDownStatement"] == {"NotStatement": {"Statement": {"ByteMatchStatement": FORMS}}}


def test_the_firewall_keeps_no_requests(made: Resources, rules: dict[str, dict[str, Any]]) -> None:
    for each in (made["FirewallRules"]["Properties"], *rules.values()):
        assert each["VisibilityConfig"]["SampledRequestsEnabled"] is False


def test_tls_is_12_at_the_least_at_both_addresses(made: Resources) -> None:
    (api,) = resources("AWS::Serverless::Api").values()
    for each in (api, made["Api"]["Properties"], made["Domain"]["Properties"]):
        assert each["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_2021_06"


def test_the_domain_leads_to_the_stage(made: Resources) -> None:
    mapping = made["DomainMapping"]["Properties"]
    assert made[mapping["Stage"]["Ref"]]["Type"] == "AWS::ApiGateway::Stage"
    assert "BasePath" not in mapping  # status URLs and clients expect none
    assert made["DomainRecord"]["Properties"]["Name"] == ALL_OPTIONS["DomainName"]
    assert "DomainRecord" not in deployed(**{**ALL_OPTIONS, "HostedZoneId": ""})
