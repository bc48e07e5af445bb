"""What template.yaml makes if asked for: a firewall and a domain."""

import json
from typing import Any

import pytest

from tests.integration.template import resources
from tests.transformed import ALL_OPTIONS, Resources, deployed

# of their own ways
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

FORMS = {
    "FieldToMatch": {"SingleHeader": {"Name": "content-type"}},
    "PositionalConstraint": "STARTS_WITH",
    "SearchString": "multipart/form-data",
    "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
}


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


def test_a_flood_from_one_address_is_refused_as_the_contract_has_it(
    made: Resources, rules: dict[str, dict[str, Any]]
) -> None:
    answer = rules["TooManyFromOneAddress"]["Action"]["Block"]["CustomResponse"]
    headers = {header["Name"]: header["Value"] for header in answer["ResponseHeaders"]}
    assert answer["ResponseCode"] == 429
    assert int(headers["Retry-After"]) > 0
    assert headers["Access-Control-Allow-Origin"] == "*"
    body = made["FirewallRules"]["Properties"]["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert list(json.loads(body["Content"])) == ["error"]


def test_rules_about_text_pass_files_over(rules: dict[str, dict[str, Any]]) -> None:
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Statement"]["ManagedRuleGroupStatement"]
        for rule in rules.values()
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    groups.pop("AWSManagedRulesAmazonIpReputationList")  # which looks at addresses
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
    assert "BasePath" not in mapping  # status URLs and clients count on there being none
    assert made["DomainRecord"]["Properties"]["Name"] == ALL_OPTIONS["DomainName"]
    assert "DomainRecord" not in deployed(**{**ALL_OPTIONS, "HostedZoneId": ""})
